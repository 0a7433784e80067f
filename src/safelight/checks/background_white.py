"""Hold the delivered background against the color that the channel asks for, exactly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge
from safelight.errors import ParameterError

if TYPE_CHECKING:
    from safelight.pixels.measure.white import Background

# A guide that leaves the backdrop as it is, or delivers none, asks nothing of its color.
_NO_RULE = ("transparent", "keep", "none", "")


def measure(subject: Subject) -> Findings:
    """Hold every border pixel and every background pixel against ``expected["background"]``, white by default.

    Reads the file after encoding and decoding. ``expected["bleed"]`` may name sides
    (``["bottom"]``) where the subject leaves the frame on purpose; ``expected["shadow"]`` a shadow that was
    asked for, which is no background.

    Raises
    ------
    ParameterError
        If the expected background is no color like ``#ffffff``.
    """
    import numpy as np

    from safelight.pixels.measure.white import measure_background

    wanted = str(subject.expected.get("background", "#ffffff") or "")
    if wanted in _NO_RULE:
        return Findings(())
    color = _rgb(wanted)
    image = subject.image
    rgb = image.pixels if image.pixels.shape[2] == 3 else np.ascontiguousarray(image.pixels[..., :3])
    bleed, shaded = tuple(subject.expected.get("bleed", ())), subject.expected.get("shadow", "none") != "none"
    found = measure_background(rgb, image.space, color, subject.alpha, bleed, shaded=shaded)
    missing = "" if found.pixels else f"no background found: nothing at the border is near {wanted}"
    near = missing or ("" if found.near_offset is not None else "no background lies within 16 px of a subject")
    measures = [
        Measure("border", float(found.border_off), "px"),
        Measure("far", float(found.far_off) if found.pixels else None, "px", missing),
        Measure("near_offset", found.near_offset, "levels", near),
        Measure("near_delta_e", found.near_delta_e, "ΔE00", near),
    ]
    if found.pixels and found.near_offset is None:
        measures = measures[:2]  # nothing stands on the background: the two others are about nothing
    return Findings(tuple(measures), _evidence(measures, found, wanted))


def _rgb(text: str) -> tuple[int, int, int]:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ParameterError(
            f"background is {text!r}; it takes a color like #ffffff, or one of {', '.join(_NO_RULE[:3])}"
        )
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _evidence(measures: list[Measure], found: Background, wanted: str) -> tuple[Evidence, ...]:
    from safelight.pixels.measure.places import find_places, heat_of

    bad = {
        "border": found.border_bad,
        "far": found.far_bad,
        "near_offset": found.near_bad,
        "near_delta_e": found.near_bad,
    }
    shown = []
    for each in judge(check, Findings(tuple(measures))).judged:
        value = each.measure.value
        if each.word == "pass" or value is None:
            continue
        where: Any = bad[each.measure.name]
        # One level off must be seen: the map begins at a quarter of its range.
        heat = heat_of(where)
        heat = (63 + heat.astype("uint16") * 192 // 255).astype("uint8") * (heat > 0)
        for place in find_places(where, at_most=2):
            text = f"{place.pixels:,} px are not {wanted}, by up to {int(where.max())} levels"
            shown.append(Evidence(each.measure.name, place.box, value, heat, text))
    return tuple(shown)


check = Check(
    name="background_white",
    version=1,
    purpose="Finds delivered files whose background is not exactly white, or the flat color asked for.",
    specs=(
        MeasureSpec("border", "px", "border pixels that are not exactly the color", "at_most", None, 0.0),
        MeasureSpec(
            "far", "px", "background pixels over 16 px off the subject, not exactly the color", "at_most", None, 0.0
        ),
        MeasureSpec(
            "near_offset", "levels", "mean of the background within 16 px against the color", "at_most", None, 0.5
        ),
        MeasureSpec(
            "near_delta_e",
            "ΔE00",
            "largest ΔE00 of a 3 px mean, 3 to 16 px off the contour",
            "at_most",
            None,
            2.0,
        ),
    ),
    measure=measure,
    reads="delivered",
)
