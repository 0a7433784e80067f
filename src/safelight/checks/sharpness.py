"""Measure whether a picture is sharp, and whether the work on it cost or overdid sharpness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.pixels.measure.acutance import Edges

_LEAST_SIDE_PX = 48
_INNER_PX = 4  # the contour of a cutout shows its matte's sharpness, not the lens's
_LEAST_EDGES = 25
# Above this blur a profile of 12 px to each side is too short; the picture is measured at a quarter.
_SOFT_PX = 3.0


def measure(subject: Subject) -> Findings:
    """Measure edge blur in px at 100 %, and blur and overshoot added since the capture.

    Edges inside the subject count first; the contour only if there are too few, and
    then on the capture where it is known, since a matte may be sharper than the picture.
    """
    import cv2
    import numpy as np

    from safelight.pixels.measure.acutance import find_edges, measure_again, typical_blur
    from safelight.pixels.measure.region import find_subject

    image, original = subject.image, subject.original
    region = find_subject(image.pixels, image.space, subject.alpha)
    why = _too_small(region.mask)
    if why:
        return _unknown(why, compared=original is not None)
    size = 2 * _INNER_PX + 1
    inner = cv2.erode(region.mask, np.ones((size, size), np.uint8), borderValue=255)
    edges = find_edges(image.pixels, image.space, inner)
    blur, worst = typical_blur(edges)
    if blur is None:
        edges, blur, worst = _on_contour(subject, region.mask)
    focus = edges, worst
    if blur is None or blur > _SOFT_PX:
        softer = _at_a_quarter(subject, region.mask)
        if softer[1] is not None and softer[1] > (blur or 0.0):
            focus, blur = (softer[0], softer[2]), softer[1]
    if blur is None:
        return _unknown("no clear edges on the subject: it is flat or very soft", compared=original is not None)
    if np.isfinite(edges.overshoot).sum() < _LEAST_EDGES:
        # Lines and rims, but hardly a step between two levels: the contour has them.
        edges = find_edges(image.pixels, image.space, region.mask)
    measures = [Measure("blur", blur, "px")]
    measures += [Measure("overshoot", rim, "%") for rim in _share(edges.overshoot)]
    worse = {"blur": (focus[0], np.where(focus[1], focus[0].blur_px, np.nan)), "overshoot": (edges, edges.overshoot)}
    if original is not None:
        before = measure_again(edges, original.pixels, original.space)
        measures += _compared(edges, before)
        worse["added_blur"] = edges, edges.blur_px - before.blur_px
        worse["added_overshoot"] = edges, edges.overshoot - before.overshoot
    return Findings(tuple(measures), _evidence(subject, measures, worse))


def _too_small(mask: NDArray[np.uint8]) -> str:
    from safelight.pixels.measure.margin import measure_framing

    framing = measure_framing(mask)
    if framing is None:
        return "no subject found"
    wide, high = framing.box[2] - framing.box[0], framing.box[3] - framing.box[1]
    if min(wide, high) < _LEAST_SIDE_PX:
        return f"the subject is {wide} × {high} px; blur needs at least {_LEAST_SIDE_PX} px"
    return ""


def _unknown(why: str, *, compared: bool) -> Findings:
    names = [("blur", "px"), *([("added_blur", "px"), ("added_overshoot", "%")] if compared else [])]
    return Findings(tuple(Measure(name, None, unit, why) for name, unit in names))


def _on_contour(subject: Subject, mask: NDArray[np.uint8]) -> tuple[Edges, float | None, NDArray[np.bool_]]:
    from safelight.pixels.measure.acutance import find_edges, measure_again, typical_blur

    edges = find_edges(subject.image.pixels, subject.image.space, mask)
    seen = edges
    if subject.original is not None:
        seen = measure_again(edges, subject.original.pixels, subject.original.space)
    blur, worst = typical_blur(seen)
    return edges, blur, worst


def _at_a_quarter(subject: Subject, mask: NDArray[np.uint8]) -> tuple[Edges, float | None, NDArray[np.bool_]]:
    """Measure the blur of a very soft picture on a reduction to a quarter, in px of the picture itself."""
    from dataclasses import replace

    import cv2

    from safelight.pixels.measure.acutance import find_edges, typical_blur

    pixels = subject.image.pixels
    size = max(1, pixels.shape[1] // 4), max(1, pixels.shape[0] // 4)
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    found = find_edges(small, subject.image.space, cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST))
    edges = replace(found, rows=4 * found.rows, columns=4 * found.columns, blur_px=4 * found.blur_px)
    blur, worst = typical_blur(edges)
    # The pixels of the reduction have a blur of their own, 0.4 px of 4: what is near it says nothing.
    return edges, None if blur is None or blur < 4 else blur, worst


def _share(overshoot: NDArray[np.float32]) -> list[float]:
    """Return the typical overshoot in %, or nothing where no step shows one."""
    import numpy as np

    return [max(0.0, 100 * float(np.nanmedian(overshoot)))] if np.isfinite(overshoot).any() else []


def _compared(after: Edges, before: Edges) -> list[Measure]:
    import numpy as np

    both = np.isfinite(after.blur_px) & np.isfinite(before.blur_px)
    rims = np.isfinite(after.overshoot) & np.isfinite(before.overshoot)
    if both.sum() < _LEAST_EDGES or rims.sum() < _LEAST_EDGES:
        why = f"only {int(both.sum())} edges are found in both pictures; {_LEAST_EDGES} are needed"
        return [Measure("added_blur", None, "px", why), Measure("added_overshoot", None, "%", why)]
    # Variances of blurs add.
    grown = float(np.median(after.blur_px[both] ** 2 - before.blur_px[both] ** 2))
    rim = float(np.median(after.overshoot[rims] - before.overshoot[rims]))
    return [
        Measure("added_blur", max(grown, 0.0) ** 0.5, "px"),
        Measure("added_overshoot", max(0.0, 100 * rim), "%"),
    ]


def _evidence(
    subject: Subject, measures: list[Measure], worse: dict[str, tuple[Edges, NDArray[Any]]]
) -> tuple[Evidence, ...]:
    """Point at the square where the edges are worst, for each measure beyond its limit."""
    shown = []
    for each in judge(check, Findings(tuple(measures))).judged:
        name, value = each.measure.name, each.measure.value
        if each.word == "pass" or value is None:
            continue
        edges, values = worse[name]
        box = _worst_square(edges, values, subject.image.size)
        if box is not None:
            text = f"{name.replace('_', ' ')} {value:.1f} {each.measure.unit}, worst here"
            shown.append(Evidence(name, box, value, text=text))
    return tuple(shown)


def _worst_square(
    edges: Edges, values: NDArray[Any], size: tuple[int, int]
) -> tuple[float, float, float, float] | None:
    """Return the square of a grid, an eighth of the shorter side, with the highest median of five edges, or fewer."""
    import numpy as np

    width, height = size
    side = max(24, min(width, height) // 8)
    known = np.isfinite(values)
    if not known.any() or (side >= width and side >= height):
        return None
    cells = (edges.rows[known] // side).astype(int) * 100_000 + (edges.columns[known] // side).astype(int)
    found, counts = np.unique(cells, return_counts=True)
    enough = found[counts >= min(5, counts.max())]
    worst = max(enough, key=lambda cell: float(np.median(values[known][cells == cell])))
    y, x = divmod(int(worst), 100_000)
    return x * side / width, y * side / height, min(1.0, (x + 1) * side / width), min(1.0, (y + 1) * side / height)


check = Check(
    name="sharpness",
    version=1,
    purpose="Finds pictures that are out of focus or shaken, and work that softened or over-sharpened them.",
    specs=(
        MeasureSpec(
            "blur", "px", "blur of the better edges in the worst direction, at 100 %", "at_most", warn=1.25, fail=1.5
        ),
        MeasureSpec("overshoot", "%", "rim beside edges, as a share of the step", "at_most", warn=60.0, fail=None),
        MeasureSpec("added_blur", "px", "blur added since the capture", "at_most", warn=0.4, fail=0.7),
        MeasureSpec("added_overshoot", "%", "rim added since the capture", "at_most", warn=10.0, fail=18.0),
    ),
    measure=measure,
)
