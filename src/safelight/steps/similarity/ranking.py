"""Which of several frames of the same is the best: focus, eyes, framing, then exposure; no pixels here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safelight.core.step import Member
from safelight.pixels.measure.eyes import main_face

# Sharp is before what cannot be told, and that before blur; numbers compare within a kind only.
_KINDS = {"sharp": 0, "cant_tell": 1, "defocus": 2, "motion": 3}
# A seventh of a pixel of blur is within the measure's own scatter between frames of a burst.
_BLUR_STEP_PX = 0.15
# What sampling itself leaves; below, frames differ by noise and JPEG.
_CRISP_PX = 0.6
# How far a face is from open eyes; one that can't be told is not held against its frame.
_LIDS = {"closed": 3, "one_closed": 3, "looking_down": 2, "laughing": 1, "narrowed": 1}
_TILT_STEP_DEG = 1.5


@dataclass(frozen=True, order=True)
class _Standing:
    """What a frame is ranked by, in this order; less is better. Of a group only what differs in it has a say."""

    kind: int
    lids: int
    cut_off: int
    blur: int
    clipped: int
    exposure: int
    tilt: int


def best_first(members: Sequence[Member]) -> list[Member]:
    """Sort frames of a group, the best first.

    Sharp before soft; then eyes that are open, the fewest sides at which the frame cuts the subject off, the least
    blur (of the nearest eye where every frame shows one that can be told), the least clipped, the nearest to the usual
    exposure, the least tilted, the first taken.
    """
    by_eye = _shows_eyes(members)
    return sorted(members, key=lambda each: (_standing(each, by_eye=by_eye), each.taken_at, each.name, each.asset))


def why_best(ranked: Sequence[Member]) -> str:
    """Say in one sentence what put the first of `ranked` before the second."""
    best, second = ranked[0], ranked[1]
    by_eye = _shows_eyes(ranked)
    mine, theirs = _standing(best, by_eye=by_eye), _standing(second, by_eye=by_eye)
    here, there = _blur_of(best, by_eye=by_eye), _blur_of(second, by_eye=by_eye)
    where = "eyes" if by_eye else "edges"
    told = "focus not measured"
    if here is not None and there is not None:
        told = f"{where} {here:.2f} px wide against {there:.2f} px"
        if mine.kind < theirs.kind:
            return f"sharpest of {len(ranked)}: {told} ({second.facts['focus'].get('kind', 'cant_tell')})"
    elif mine.kind < theirs.kind:
        return f"known to be sharp, first of {len(ranked)}"
    if mine.lids < theirs.lids:
        return f"eyes open, not so in the next of {len(ranked)}; {told}"
    if mine.cut_off < theirs.cut_off:
        return f"the frame cuts off least of {len(ranked)}: {_sides(best)} against {_sides(second)}; {told}"
    if mine.blur < theirs.blur and here is not None and there is not None:
        return f"sharpest of {len(ranked)}: {told}"
    if here is not None and there is not None:
        told = f"as sharp as the next ({here:.2f} px)"
    if mine.clipped < theirs.clipped:
        shares = [100.0 * _clipped(each) for each in (best, second)]
        return f"least clipped of {len(ranked)}: {shares[0]:.1f} % against {shares[1]:.1f} %; {told}"
    if mine.exposure < theirs.exposure:
        return f"best exposed of {len(ranked)}; {told}"
    if mine.tilt < theirs.tilt:
        return f"straightest of {len(ranked)}; {told}"
    return f"first taken of {len(ranked)} alike; {told}"


def why_behind(ranked: Sequence[Member], other: Member) -> str:
    """Say in a few words what put `other` behind the best of its group, the first of `ranked`."""
    best, by_eye = ranked[0], _shows_eyes(ranked)
    mine, theirs = _standing(best, by_eye=by_eye), _standing(other, by_eye=by_eye)
    if mine.kind < theirs.kind:
        return _sharper(best, other, by_eye=by_eye)
    if mine.lids < theirs.lids:
        return "eyes open, not so here"
    if mine.cut_off < theirs.cut_off:
        return f"less cut off by the frame, {_sides(best)} against {_sides(other)} here"
    if mine.blur < theirs.blur:
        return _sharper(best, other, by_eye=by_eye)
    if mine.clipped < theirs.clipped:
        return f"less clipped, {100.0 * _clipped(best):.1f} % against {100.0 * _clipped(other):.1f} % here"
    if mine.exposure < theirs.exposure:
        return "better exposed"
    return "less tilted" if mine.tilt < theirs.tilt else "as good, and taken first"


def _sharper(best: Member, other: Member, *, by_eye: bool) -> str:
    focus, theirs = (each.facts.get("focus", {}) for each in (best, other))
    here, there = _blur_of(best, by_eye=by_eye), _blur_of(other, by_eye=by_eye)
    if here is not None and there is not None:
        kind = {"motion": ", moved", "defocus": ", out of focus"}.get(str(theirs.get("kind")), "")
        return f"sharper, {'eyes' if by_eye else 'edges'} {here:.2f} px wide against {there:.2f} px here{kind}"
    return "known to be sharp" if focus.get("kind") == "sharp" else "better in focus as far as can be told"


def _standing(member: Member, *, by_eye: bool) -> _Standing:
    focus, metering = member.facts.get("focus", {}), member.facts.get("metering", {})
    blur = _blur_of(member, by_eye=by_eye)
    faces = member.facts.get("people", {}).get("faces", ())
    tilt = member.facts.get("framing", {}).get("tilt_deg")
    return _Standing(
        kind=_KINDS.get(str(focus.get("kind")), 1),
        lids=sum(_LIDS.get(str(each.get("state")), 0) for each in faces),
        cut_off=len(_cut_off(member)),
        blur=1000 if blur is None else round(max(blur, _CRISP_PX) / _BLUR_STEP_PX),
        clipped=round(50.0 * _clipped(member)),
        exposure=_off_exposure(metering),
        tilt=0 if tilt is None else round(abs(float(tilt)) / _TILT_STEP_DEG),
    )


def _shows_eyes(members: Sequence[Member]) -> bool:
    """Whether every frame shows a face whose nearest eye can be judged: what lies there is what has to be sharp."""
    return all(main_face(each.facts.get("people", {})) is not None for each in members)


def _blur_of(member: Member, *, by_eye: bool) -> float | None:
    if by_eye:
        face = main_face(member.facts.get("people", {}))
        return None if face is None else float(face["eye_blur_px"])
    blur = member.facts.get("focus", {}).get("blur_px")
    return float(blur) if isinstance(blur, (int, float)) else None


def _cut_off(member: Member) -> Sequence[str]:
    sides: Sequence[str] = member.facts.get("framing", {}).get("cut_off", ())
    return sides


def _sides(member: Member) -> str:
    return "at " + " and ".join(_cut_off(member)) if _cut_off(member) else "nowhere"


def _clipped(member: Member) -> float:
    return float(member.facts.get("metering", {}).get("subject_clipped", 0.0))


def _off_exposure(metering: Mapping[str, Any]) -> int:
    """Quarter stops that the backdrop lies under white, or the median of the frame off middle gray without one."""
    backdrop = metering.get("backdrop", {})
    if backdrop.get("found") and backdrop.get("level", 0.0) > 0.0:
        return round(4.0 * abs(math.log2(min(1.0, float(backdrop["level"])))))
    return round(4.0 * abs(float(metering.get("percentiles_stops", {}).get("50", 0.0))))
