"""What speaks against a frame by its framing, its eyes or its emptiness, from what the facts steps measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_TOUCHING = 0.02  # of a side, at the usual sensitivity
# What is sold whole is shown whole; clothes on a body, rooms and swatches are framed as the art director likes.
WHOLE = ("packshot", "apparel", "jewelry", "footwear", "cosmetics", "glass")
_SURE_EYES = 1.2  # of 2: both witnesses far from the middle
_SHUT = -0.5
_TOLD = {
    "closed": "eyes closed",
    "one_closed": "one eye closed",
    "looking_down": "lids down on a lowered head; looking down, or a blink",
    "laughing": "lids down in a laugh",
    "narrowed": "eyes half shut",
}


@dataclass(frozen=True)
class Fault:
    """Something that speaks against a frame: `sure` rejects it, otherwise a person is asked."""

    code: str
    text: str
    sure: bool


def framing_faults(framing: Mapping[str, Any], sensitivity: float, category: str) -> Iterator[Fault]:
    """Yield where the frame cuts a product off that has to be shown whole; a person decides, none is sure.

    Parameters
    ----------
    framing : mapping
        The facts of the step ``framing``.
    sensitivity : float, 0 (off) to 1 (strict)
        The guide's ``touches_frame``; a half takes up to 2 % of a side for no fault.
    category : str
        Of the frame; only those of `WHOLE` have to be whole.

    Examples
    --------
    >>> [each.text for each in framing_faults({"touching": {"left": 0.3}}, 0.5, "packshot")]
    ['the subject runs out of the frame at the left, over 30.0% of that side, limit 2.0%']
    """
    if sensitivity <= 0 or category not in WHOLE:
        return
    limit = _TOUCHING * strictness(sensitivity)
    for side, share in framing.get("touching", {}).items():
        if share > limit:
            text = f"the subject runs out of the frame at the {side}, over {share:.1%} of that side, limit {limit:.1%}"
            yield Fault("touches_frame", text, sure=False)


def eye_faults(people: Mapping[str, Any], sensitivity: float) -> Iterator[Fault]:
    """Yield faces whose eyes are not open; eyes too small to tell are no fault.

    Parameters
    ----------
    people : mapping
        The facts of the step ``people``.
    sensitivity : float, 0 (off) to 1 (strict)
        The guide's ``closed_eyes``. Closed eyes are a fault from above 0, lids that are shut in a laugh or on a
        lowered head from a half, eyes that are only half shut from three quarters.

    Examples
    --------
    >>> eyes = [{"openness": -1.6}, {"openness": -1.5}]
    >>> list(eye_faults({"faces": [{"state": "closed", "eyes": eyes}]}, 0.5))[0].sure
    True
    """
    for number, face in enumerate(people.get("faces", ()), start=1):
        state = face["state"]
        if state not in _TOLD or sensitivity <= 0:
            continue
        openness = max(each["openness"] for each in face["eyes"])
        if sensitivity < _from_sensitivity(state, openness):
            continue
        which = f"face {number}: " if len(people["faces"]) > 1 else ""
        text = f"{which}{_TOLD[state]} ({openness:+.1f} between -2 shut and +2 open)"
        yield Fault("closed_eyes", text, sure=state == "closed" and openness < -_SURE_EYES * strictness(sensitivity))


def blank_faults(slate: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield frames of nothing, from the facts of the step ``slate``: a black one is sure, an even one may be cloth.

    Examples
    --------
    >>> [each.sure for each in blank_faults({"kind": "black", "level": 0.001})]
    [True]
    """
    level = slate.get("level", 0.0)
    if slate.get("kind") == "black":
        yield Fault("black", f"black all over, {level:.4f} of white: a lens cap or a flash that failed", sure=True)
    if slate.get("kind") == "even":
        yield Fault("even", f"one even tone all over, {level:.2f} of white: a test frame or plain cloth", sure=False)


def _from_sensitivity(state: str, openness: float) -> float:
    if state in ("closed", "one_closed"):
        return 0.0
    return 0.5 if openness < _SHUT else 0.75


def strictness(sensitivity: float) -> float:
    """Return what a limit is multiplied by: 2 near 0, 1 at 0.5, a half at 1."""
    return float(2.0 ** (1.0 - 2.0 * sensitivity))
