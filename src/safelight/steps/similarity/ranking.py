"""Which of several frames of the same is the best: focus first, then exposure; no pixels here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from safelight.core.step import Member

# Sharp is before what cannot be told, and that before blur; numbers compare within a kind only.
_KINDS = {"sharp": 0, "cant_tell": 1, "defocus": 2, "motion": 3}
# A seventh of a pixel of blur is within the measure's own scatter between frames of a burst.
_BLUR_STEP_PX = 0.15
# What sampling itself leaves; below, frames differ by noise and JPEG.
_CRISP_PX = 0.6


def best_first(members: Sequence[Member]) -> list[Member]:
    """Sort frames of a group: sharpest, then least clipped, then nearest to the usual exposure, then first taken."""
    return sorted(members, key=lambda each: (*_order(each), each.taken_at, each.name, each.asset))


def why_best(ranked: Sequence[Member]) -> str:
    """Say in one sentence what put the first of `ranked` before the second."""
    best, second = ranked[0], ranked[1]
    focus, other = (each.facts.get("focus", {}) for each in (best, second))
    kinds = str(focus.get("kind", "cant_tell")), str(other.get("kind", "cant_tell"))
    if _known(focus.get("blur_px")) and _known(other.get("blur_px")):
        told = f"edges {focus['blur_px']:.2f} px wide against {other['blur_px']:.2f} px"
        if _order(best)[:2] < _order(second)[:2]:
            return f"sharpest of {len(ranked)}: {told}" + (f" ({kinds[1]})" if kinds[0] != kinds[1] else "")
        told = f"as sharp as the next ({focus['blur_px']:.2f} px)"
    else:
        told = "focus not measured"
    clipped = [100.0 * float(each.facts.get("metering", {}).get("subject_clipped", 0.0)) for each in (best, second)]
    if _order(best)[2] < _order(second)[2]:
        return f"least clipped of {len(ranked)}: {clipped[0]:.1f} % against {clipped[1]:.1f} %; {told}"
    if _order(best) < _order(second):
        return f"best exposed of {len(ranked)}; {told}"
    return f"first taken of {len(ranked)} alike; {told}"


def why_behind(best: Member, other: Member) -> str:
    """Say in a few words what put `other` behind the best of its group."""
    focus, theirs = (each.facts.get("focus", {}) for each in (best, other))
    if _order(best)[:2] < _order(other)[:2]:
        if _known(focus.get("blur_px")) and _known(theirs.get("blur_px")):
            kind = {"motion": ", moved", "defocus": ", out of focus"}.get(str(theirs.get("kind")), "")
            return f"sharper, edges {focus['blur_px']:.2f} px wide against {theirs['blur_px']:.2f} px here{kind}"
        return "known to be sharp" if focus.get("kind") == "sharp" else "better in focus as far as can be told"
    clipped = [100.0 * float(each.facts.get("metering", {}).get("subject_clipped", 0.0)) for each in (best, other)]
    if _order(best)[2] < _order(other)[2]:
        return f"less clipped, {clipped[0]:.1f} % against {clipped[1]:.1f} % here"
    return "better exposed" if _order(best) < _order(other) else "as good, and taken first"


def _order(member: Member) -> tuple[int, int, int, int]:
    focus, metering = member.facts.get("focus", {}), member.facts.get("metering", {})
    blur = focus.get("blur_px")
    steps = round(max(blur, _CRISP_PX) / _BLUR_STEP_PX) if isinstance(blur, (int, float)) else 1000
    clipped = round(50.0 * float(metering.get("subject_clipped", 0.0)))
    return _KINDS.get(str(focus.get("kind")), 1), steps, clipped, _off_exposure(metering)


def _off_exposure(metering: Mapping[str, Any]) -> int:
    """Quarter stops that the backdrop lies under white, or the median of the frame off middle gray without one."""
    import math

    backdrop = metering.get("backdrop", {})
    if backdrop.get("found") and backdrop.get("level", 0.0) > 0.0:
        return round(4.0 * abs(math.log2(min(1.0, float(backdrop["level"])))))
    return round(4.0 * abs(float(metering.get("percentiles_stops", {}).get("50", 0.0))))


def _known(value: object) -> bool:
    return isinstance(value, (int, float))
