"""Say whether the delivered pixels are what the look says: by a second reading of the LUT, not by what painted it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge
from safelight.errors import ParameterError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.core.image import Image
    from safelight.pixels.color.lut_pieces import Piece

_SIDE_PX = 1024


def measure(subject: Subject) -> Findings:
    """Measure ΔE00 between the picture and the neutral picture seen through ``expected["look"]``.

    ``expected["look"]`` is ``{"lut", "input_space", "output_space", "strength"}``: the LUT's name in
    `subject.resources` and its declared spaces; with ``"because"``, why it cannot be read a second time. Where no
    neutral picture is at hand the original is looked at, with ``"before"``: nine numbers, what corrections did to its
    linear Rec.2020 light. Only places without edges and inside the gamut count, of the subject alone where its matte is
    known. A look that was kept says nothing of whether a color is right: that is what color_difference is for.

    Raises
    ------
    ParameterError
        If the LUT is not among the resources.
    """
    look = subject.expected.get("look")
    if not look:
        return Findings(())
    if look.get("because"):
        return Findings((_unknown(str(look["because"])),))
    first = subject.neutral or subject.original
    if first is None:
        return Findings((_unknown("no capture to see through the look"),))
    if first.space.startswith("linear"):
        return Findings((_unknown("a RAW has no display code values before its view; the look is not re-read"),))
    pieces = _pieces(subject, str(look["lut"]))
    if pieces is None:
        return Findings((_unknown(f"{look['lut']} holds a formula; only tables and matrices are read a second time"),))
    off, counted = _differences(subject, first, look, pieces)
    if counted.sum() < 200:
        return Findings((_unknown("fewer than 200 places without edges"),))
    import numpy as np

    measures = [
        Measure("typical", float(np.median(off[counted])), "ΔE00"),
        Measure("worst_twentieth", float(np.percentile(off[counted], 95)), "ΔE00"),
    ]
    return Findings(tuple(measures), _evidence(measures, np.where(counted, off, 0.0)))


def _pieces(subject: Subject, name: str) -> tuple[Piece, ...] | None:
    """The look's tables, whatever format they came in; None for a formula, which has no second reading."""
    from safelight.pixels.color.lut import read_lut
    from safelight.pixels.color.lut_pieces import pieces_of

    if name not in subject.resources:
        known = ", ".join(subject.resources) or "none"
        raise ParameterError(f"the look {name!r} is not among the files that the check was given: {known}")
    return pieces_of(read_lut(bytes(subject.resources[name]), name))


def _unknown(why: str) -> Measure:
    return Measure("typical", None, "ΔE00", why)


def _differences(
    subject: Subject,
    original: Image,
    look: Any,  # noqa: ANN401 - JSON
    pieces: Sequence[Piece],
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    import cv2
    import numpy as np

    from safelight.pixels.color.difference import delta_e_2000, lab_from
    from safelight.pixels.color.spaces import to_float
    from safelight.pixels.measure.color_lut import finished_by

    image = subject.image
    stride = max(1, -(-max(image.size) // _SIDE_PX))
    parts: list[Any] = [np.ascontiguousarray(each.pixels[::stride, ::stride, :3]) for each in (image, original)]
    seen, first = (to_float(each) for each in parts)
    # What stands at an end of the range was held there; how far beyond it was nobody can tell from it.
    counted = _smooth(image.pixels, stride) & _smooth(original.pixels, stride) & ((first > 0) & (first < 1)).all(axis=2)
    if subject.alpha is not None:
        inner = cv2.erode((subject.alpha > 0.99).astype(np.uint8), np.ones((9, 9), np.uint8))
        counted &= inner[::stride, ::stride] > 0
    before = look.get("before")
    wanted = finished_by(
        first[counted],
        original.space,
        pieces,
        input_space=str(look.get("input_space", "srgb")),
        output_space=str(look.get("output_space", "srgb")),
        strength=float(look.get("strength", 1.0)),
        before=None if before is None else np.reshape(np.asarray(before, np.float64), (3, 3)),
        to_space=image.space,
    )
    off = np.zeros(counted.shape, np.float32)
    if counted.any():
        off[counted] = delta_e_2000(lab_from(seen[counted], image.space), lab_from(wanted, image.space))
    return off, counted


def _smooth(pixels: NDArray[Any], stride: int) -> NDArray[np.bool_]:
    """Where three by three pixels differ by at most 3 %: resampling and looks may change places there."""
    import cv2
    import numpy as np

    full = 1.0 if pixels.dtype == np.float32 else float(np.iinfo(pixels.dtype).max)
    green = np.ascontiguousarray(pixels[..., 1]).astype(np.float32) / np.float32(full)
    box = np.ones((3, 3), np.uint8)
    return np.asarray((cv2.dilate(green, box) - cv2.erode(green, box) < 0.03)[::stride, ::stride])


def _evidence(measures: list[Measure], off: NDArray[np.float32]) -> tuple[Evidence, ...]:
    import numpy as np

    from safelight.pixels.measure.places import find_places, heat_of

    wrong = [each for each in judge(check, Findings(tuple(measures))).judged if each.word != "pass"]
    if not wrong:
        return ()
    first = wrong[-1]
    value = float(first.measure.value or 0.0)
    bad = np.where(off >= min(value, 1.5), 255, 0).astype(np.uint8)
    heat = heat_of(np.clip(off * 25, 0, 255).astype(np.uint8))
    text = f"{value:.1f} ΔE00 off what the look makes of the capture"
    return tuple(Evidence(first.measure.name, place.box, value, heat, text) for place in find_places(bad, at_most=2))


check = Check(
    name="look_kept",
    version=3,
    purpose="Says whether the picture is what its look makes of the capture; it is no proof that a color is right.",
    specs=(
        MeasureSpec(
            "typical", "ΔE00", "median difference to the capture seen through the look, CIEDE2000", "at_most", 0.7, 2.0
        ),
        MeasureSpec("worst_twentieth", "ΔE00", "the same, 95th percentile", "at_most", 2.0, 4.0),
    ),
    measure=measure,
    wants_neutral=True,
)
