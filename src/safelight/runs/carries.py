"""Which frames cannot carry the look that they are to get: told at intake, before anything is painted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from safelight.runs.looks import look_of_guide
from safelight.runs.sort import Sorted

if TYPE_CHECKING:
    from safelight.pixels.color.needs import Needs
    from safelight.workflows.guide import Guide

Intake = Mapping[str, Any]


def warned(frames: list[Sorted], found: Mapping[str, Intake], guide: Guide) -> list[Sorted]:
    """Return the frames with a sentence for each reason why one will not carry its category's look.

    Parameters
    ----------
    frames : list of Sorted
    found : mapping of path to what intake found
        Its tones as shot, bits and clipped highlights.
    guide : Guide

    Notes
    -----
    A warning changes no class: it is shown before anybody waits for a picture that a reshoot would have saved. Tones
    are those of the capture as shot.
    """
    needs = {name: _needs(guide, name) for name in {each.category for each in frames}}
    return [_with_warnings(each, found[each.path], needs[each.category]) for each in frames]


def _with_warnings(frame: Sorted, found: Intake, needs: Needs | None) -> Sorted:
    if needs is None or not found.get("tones"):
        return frame
    from safelight.pixels.color.needs import warn_of_tones

    clipped = float(found["facts"].get("metering", {}).get("facts", {}).get("subject_clipped_all") or 0.0)
    told = warn_of_tones(needs, found["tones"], int(found["bits"]), clipped)
    return replace(frame, reasons=(*frame.reasons, *(each.text for each in told)))


def _needs(guide: Guide, category: str) -> Needs | None:
    from safelight.pixels.color.needs import needs_of

    transforms = look_of_guide(guide, category)
    return needs_of(transforms) if transforms else None
