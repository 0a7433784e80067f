"""Find colors of the capture that the delivery space cannot hold, and what delivery made of them."""

from __future__ import annotations

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge


def measure(subject: Subject) -> Findings:
    """Measure the share of the subject whose captured colors lie outside ``expected["profile"]``, sRGB by default.

    The capture before mapping is the `original` on the same pixels; a finished file alone holds no color outside its
    own space, so that without it nothing is asked.
    """
    import numpy as np

    from safelight.pixels.measure.gamut import measure_gamut
    from safelight.pixels.measure.places import find_places, heat_of
    from safelight.pixels.measure.region import find_subject

    if subject.original is None:
        return Findings(())
    image, original = subject.image, subject.original
    target = str(subject.expected.get("profile") or image.space)
    region = find_subject(image.pixels, image.space, subject.alpha)
    found = measure_gamut(original.pixels, original.space, target, region.mask)
    measures = (Measure("outside", 100 * found.outside, "%"), Measure("loss", found.loss, "ΔE00"))
    words = [each.word for each in judge(check, Findings(measures)).judged]
    if all(each == "pass" for each in words):
        return Findings(measures)
    bad = np.where(found.where > 0, 255, 0).astype(np.uint8)
    heat = heat_of(np.clip(found.where * 25, 0, 255).astype(np.uint8))
    text = f"colors outside {target}: {found.loss:.1f} ΔE00 away from what it holds"
    places = find_places(bad, at_most=2)
    return Findings(measures, tuple(Evidence("outside", each.box, 100 * found.outside, heat, text) for each in places))


check = Check(
    name="gamut",
    version=1,
    purpose="Finds colors of the product that the delivery space cannot hold; a person decides how they give way.",
    specs=(
        MeasureSpec("outside", "%", "of the subject outside the delivery space before mapping", "at_most", 2.0, None),
        MeasureSpec("loss", "ΔE00", "mean distance of those to what the space holds", "at_most", None, None),
    ),
    measure=measure,
)
