"""One light direction for a lighting group, and the frames that were lit from elsewhere."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from safelight.core.doubts import Doubt, ramp
from safelight.core.edit import Reason
from safelight.core.params import Value
from safelight.core.step import Member

LEAST_SURE = 0.3  # of a frame's own direction, to count in its group
OFF_DEG = 30.0  # from the group's: half of the way at which no direction would fit as well
_ROUNDED_DEG = 5  # finer than an eye tells two shadows apart: a frame that joins moves no other
_SPREAD_DEG = 25.0  # median distance of the frames from their middle, at which they agree on nothing

Facts = Mapping[str, Any]


def gather(members: Sequence[Member], wanted: Mapping[str, Value]) -> Mapping[str, Any]:
    """Find where shadows fall in the light that members share.

    Returns
    -------
    mapping
        ``drop_deg``, where a made shadow falls, and ``by``: the guide, a frame that a person approved (its direction
        stands), what the frames' own shadows show, or nothing (straight down). ``expects``, what finished pictures
        should measure. ``own_deg`` and ``on``: where the natural shadows fall, and on what; ``sure``, ``spread_deg``,
        ``measured`` of ``members`` frames, of which ``agree`` lie within 30 degrees. Empty where none is asked for.
    """
    kind = wanted.get("kind", "none")
    if kind == "none":
        return {}
    ordered = sorted(members, key=lambda each: (each.taken_at, each.name, each.asset))
    seen = [own for own in (own_of(each.facts) for each in ordered) if own["sure"] >= LEAST_SURE]
    found = {"members": len(ordered), "measured": len(seen), **_shown(seen)}
    drop_deg, by = _made_falls(ordered, wanted, found)
    expects: dict[str, Any] = {"direction": drop_deg} if kind == "drop" else {}
    if kind == "natural" and found["sure"] >= LEAST_SURE:
        expects = {"direction": found["own_deg"], "on": found["on"]}
    return {"drop_deg": drop_deg, "by": by, "expects": expects, **found}


def _made_falls(ordered: Sequence[Member], wanted: Mapping[str, Value], found: Facts) -> tuple[float, str]:
    """Where a made shadow falls, and who says so."""
    settled = next((each.settled["shadow"] for each in ordered if "angle_deg" in each.settled.get("shadow", {})), None)
    if "angle_deg" in wanted:
        return float(str(wanted["angle_deg"])), "guide"
    if settled is not None:
        return float(settled["angle_deg"]), "approved"
    return (found["shown_deg"], "measured") if found["measured"] else (90.0, "")


def own_of(facts: Mapping[str, Facts]) -> Facts:
    """Return what was measured of a frame's own shadow; ``sure`` 0 where nothing was."""
    found: Facts = facts.get("metering", {}).get("cast_shadow", {"sure": 0.0})
    return found


def _shown(seen: Sequence[Facts]) -> dict[str, Any]:
    """What the frames' own shadows say together: their middle direction, and how far they lie from it."""
    if not seen:
        return {"sure": 0.0}
    drop = middle_of([(each["drop_deg"], each["sure"]) for each in seen])
    agree = sum(_apart(each["drop_deg"], drop) <= OFF_DEG for each in seen)
    spread = statistics.median(_apart(each["drop_deg"], drop) for each in seen)
    # Frames err apart: what one may get wrong, four that agree seldom do.
    missed = math.prod(1.0 - each["sure"] for each in seen[:4])
    floor = [each for each in seen if each["on"] == "floor"]
    most = floor if 2 * len(floor) >= len(seen) else [each for each in seen if each["on"] == "wall"]
    return {
        "shown_deg": _rounded(drop),
        "own_deg": _rounded(middle_of([(each["direction_deg"], each["sure"]) for each in most])),
        "on": most[0]["on"],
        "spread_deg": round(spread),
        "agree": agree,
        "sure": round(min(0.95, (1.0 - missed) * (1.0 - ramp(spread, 0.0, _SPREAD_DEG)) * agree / len(seen)), 2),
    }


def middle_of(directions: Sequence[tuple[float, float]]) -> float:
    """Return the direction that lies nearest to all, by weight: one frame lit from elsewhere does not turn it.

    Examples
    --------
    >>> middle_of([(170.0, 0.9), (-175.0, 0.9), (176.0, 0.5), (20.0, 0.3)])
    176.0
    """
    return min(
        (each for each, _ in directions),
        key=lambda one: (sum(weight * _apart(one, other) for other, weight in directions), one),
    )


def _rounded(degrees: float) -> float:
    turned = (_ROUNDED_DEG * round(degrees / _ROUNDED_DEG) + 180) % 360 - 180
    return float(turned)


def _apart(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


def off_group(own: Facts, shared: Facts) -> float:
    """Return how far a frame's own shadow falls from its group's, degrees; 0 where either is not sure."""
    if own["sure"] < LEAST_SURE or shared.get("measured", 0) < 2:
        return 0.0
    if own["on"] == shared["on"]:
        return _apart(own["direction_deg"], shared["own_deg"])
    return _apart(own["drop_deg"], shared["shown_deg"])


def judge_direction(kind: str, own: Facts, shared: Facts) -> tuple[list[Reason], list[Doubt]]:
    """Say by what a frame's shadow falls as it does, and what speaks against it.

    Parameters
    ----------
    kind : str
        Of the shadow; a reflection has no side, and what is said of light is left out.
    own, shared : mapping
        From `own_of` and `gather`.
    """
    if not shared or kind in ("none", "reflection"):
        return [], []
    told, doubts = [_said(kind, shared)], []
    off = off_group(own, shared)
    if off > OFF_DEG:
        text = (
            f"its own shadow falls {off:.0f}° off the group's ({own['direction_deg']}° on the {own['on']}): "
            "it was lit from elsewhere"
        )
        values = {"off_deg": round(off), "sure": own["sure"]}
        doubts.append((0.8 * float(own["sure"]), Reason("singled_out", text, values, doubt=True)))
    if kind == "natural":
        return told, doubts
    if shared["by"] == "" and kind == "drop":
        text = "no frame of its group shows where the light comes from: it falls straight down; set angle_deg"
        doubts.append((0.35, Reason("no_light_direction", text, {"members": shared["members"]}, doubt=True)))
    against = _apart(shared["drop_deg"], shared["shown_deg"]) if shared["measured"] else 0.0
    if shared["by"] in ("guide", "approved") and against > OFF_DEG:
        text = (
            f"it falls to {shared['drop_deg']:.0f}° as {_BY[shared['by']]}, the light of its group would throw it to "
            f"{shared['shown_deg']:.0f}°"
        )
        weight = 0.5 * float(shared["sure"])
        doubts.append((weight, Reason("against_the_light", text, {"apart_deg": round(against)}, doubt=True)))
    return told, doubts


_BY = {"guide": "the guide says", "approved": "the approved frame of its group has it"}


def _said(kind: str, shared: Facts) -> Reason:
    values = {name: shared[name] for name in ("drop_deg", "sure", "agree", "measured", "members") if name in shared}
    counted = f"the shadows of {shared.get('agree', 0)} of {shared['members']} frames"
    if kind == "natural":
        if not shared["measured"]:
            return Reason("light_direction", "no frame of its group shows where the light comes from", values)
        text = f"{counted} fall to {shared['own_deg']:.0f}° on the {shared['on']} (± {shared['spread_deg']}°)"
        return Reason("light_direction", text, values)
    if shared["by"] == "measured":
        text = f"it falls to {shared['drop_deg']:.0f}°, as {counted} show (± {shared['spread_deg']}°)"
        return Reason("light_direction", text, values)
    because = _BY.get(shared["by"], "nothing is known of the light")
    return Reason("light_direction", f"it falls to {shared['drop_deg']:.0f}°: {because}", values)
