"""Measures where a composed piece meets the rest: neck, shoulders and seams of a ghost mannequin."""

from __future__ import annotations

from typing import Any

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject


def measure(subject: Subject) -> Findings:
    """Measure the joint of the largest piece that the untouched capture does not show."""
    import numpy as np

    from safelight.pixels.measure.joints import measure_joints
    from safelight.pixels.measure.places import find_places, heat_of

    if subject.original is None or subject.alpha is None:
        return Findings((Measure("gap", None, "%", "it takes a matte and the untouched capture to tell"),))
    codes, original = (_small_codes(each) for each in (subject.image, subject.original))
    alpha = np.asarray(_reduced(subject.alpha), np.float32)
    if codes.shape != original.shape:
        return Findings((Measure("gap", None, "%", "the original is not on the same pixels"),))
    found = measure_joints(codes, original, alpha)
    if found is None:
        return Findings(
            (Measure("gap", None, "%", "nothing was composed in: the subject shows what its capture does"),)
        )
    measures = (
        Measure("gap", 100 * found.gap, "%"),
        Measure("step", 100 * found.step, "%"),
        Measure("shade", found.shade, "L*"),
        Measure("composed", 100 * found.share, "%"),
    )
    shown = found.bad if found.bad.any() else found.joint
    text = f"the joint of a composed piece: {100 * found.gap:.1f} % open, a step of {100 * found.step:.2f} %"
    places = find_places(shown, at_most=3)
    named = max(measures[:2], key=lambda each: float(each.value or 0.0))
    return Findings(
        measures,
        tuple(Evidence(named.name, each.box, float(named.value or 0.0), heat_of(shown), text) for each in places),
    )


def _small_codes(image: Any) -> Any:  # noqa: ANN401 - Image to (H, W, 3) float32
    import numpy as np

    from safelight.pixels.color import spaces

    code = spaces.to_float(np.ascontiguousarray(_reduced(image.pixels[..., :3])))
    if image.space.startswith("linear"):
        code = spaces.encode(np.clip(code, 0, 1), "srgb")
    return np.asarray(code, np.float32)


def _reduced(pixels: Any) -> Any:  # noqa: ANN401 - arrays of any depth
    import cv2
    import numpy as np

    from safelight.pixels.measure.joints import LOOK_PX

    scale = LOOK_PX / max(pixels.shape[:2])
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    return cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA)


check = Check(
    name="joints",
    version=1,
    purpose="Measures where a piece from another picture meets the rest: neck, shoulders and seams of a composite.",
    specs=(
        MeasureSpec("gap", "%", "of the joint, where the ground shows through", "at_most", 2.0, None),
        MeasureSpec("step", "%", "of the longer side, a notch where it comes to the outline", "at_most", 1.0, None),
        MeasureSpec("shade", "L*", "between both sides, where it comes to the outline", "at_most", 8.0, None),
        MeasureSpec("composed", "%", "of the subject, that is from another picture", "at_most", None, None),
    ),
    measure=measure,
    reads="master",
)
