"""Measure how far a clipping path lies from the edge that it should follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.pixels.measure.path_edge import PathEdge

_FAR_PX = 2.0


def measure(subject: Subject) -> Findings:
    """Hold ``expected["path"]``, rings of (x, y) in 0..1, against the matte, or the picture where there is none."""
    import numpy as np

    from safelight.pixels.measure.path_edge import measure_path_edge

    rings = subject.expected.get("path") or ()
    size = np.array(subject.image.size, np.float64)
    if not rings:
        why = "the picture carries no clipping path"
        return Findings((Measure("off_hard_edge", None, "px", why), Measure("far_off", None, "%", why)))
    placed = [np.asarray(ring, np.float64) * size for ring in rings]
    plane = subject.alpha if subject.alpha is not None else _plainest(subject)
    found = measure_path_edge(np.asarray(plane, np.float32), placed, is_matte=subject.alpha is not None)
    off = found.percentile(95)
    if off is None:
        why = "there is no hard edge along the path"
        return Findings((Measure("off_hard_edge", None, "px", why), Measure("far_off", None, "%", why)))
    far = 100 * found.share_beyond(_FAR_PX)
    measures = (Measure("off_hard_edge", off, "px"), Measure("far_off", far, "%"))
    return Findings(measures, _evidence(found, (int(size[0]), int(size[1]))))


def _plainest(subject: Subject) -> NDArray[np.float32]:
    """The channel in which the picture's middle and its rim differ most."""
    import numpy as np

    from safelight.pixels.color.spaces import to_float

    code = to_float(np.ascontiguousarray(subject.image.pixels[..., :3]))  # type: ignore[arg-type]
    rim = np.concatenate([code[0], code[-1], code[:, 0], code[:, -1]])
    spread = np.abs(code[::8, ::8] - np.median(rim, axis=0)).mean(axis=(0, 1))
    return np.ascontiguousarray(code[..., int(spread.argmax())])


def _evidence(found: PathEdge, size: tuple[int, int]) -> tuple[Evidence, ...]:
    """Point at the pieces that lie off, the farthest first."""
    import numpy as np

    from safelight.pixels.measure.places import find_places, heat_of

    bad = np.zeros((size[1], size[0]), np.uint8)
    wrong = found.hard & (found.off_px > 1.0)
    at = np.clip(np.rint(found.points[wrong] - 0.5).astype(int), 0, np.array(size) - 1)
    bad[at[:, 1], at[:, 0]] = np.clip(found.off_px[wrong] * 32, 1, 255).astype(np.uint8)
    if not len(at):
        return ()
    worst = float(found.off_px[wrong].max())
    heat, text = heat_of(bad), f"the path lies up to {worst:.1f} px beside the edge"
    places = find_places(bad, at_most=3, margin_px=12)
    return tuple(Evidence("off_hard_edge", place.box, worst, heat, text) for place in places)


check = Check(
    name="path_deviation",
    version=1,
    purpose="Finds places where a clipping path leaves the edge of the subject.",
    specs=(
        MeasureSpec(
            "off_hard_edge", "px", "from the edge, that 95 % of the hard contour stay below", "at_most", 0.5, 1.5
        ),
        MeasureSpec("far_off", "%", "of the hard contour, more than 2 px beside the edge", "at_most", 0.5, 3.0),
    ),
    measure=measure,
    reads="master",
)
