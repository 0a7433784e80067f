"""Similarity: near-duplicates grouped over a shoot, recolors and look-alikes kept apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Member, Picture, Proposal, Stage, Step, Tools

from .ranking import best_first, why_behind, why_best

PARAMS = ParamSet(
    "similarity",
    Param(
        "similarity",
        0.9,
        "how alike two frames of one group are: 1 lies on each other exactly, 0.9 tells near-duplicates best, "
        "0.8 and less takes the most",
        "",
        0.0,
        1.0,
        0.01,
    ),
    Param("time_gap_s", 60.0, "frames taken farther apart are not grouped", "s", 0.0, 3600.0),
    Param("neighbors", 10, "likeliest frames that each frame is compared with", "", 1, 100),
)

_FEW = 36


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Describe one frame, so that `gather` can compare it without opening it again."""
    from safelight.pixels.color.light import codes_of
    from safelight.pixels.measure.afar import from_afar, shrunk
    from safelight.pixels.measure.similarity import THUMBNAIL_PX, count_corners, describe

    params = PARAMS.accept(dict(wanted), fill=True)
    codes = codes_of(shrunk(from_afar(picture.image).rgb, THUMBNAIL_PX), "linear_rec2020", "srgb")
    count = count_corners(codes)
    text = f"{count} corners to recognize the frame by"
    reason = Reason("features", text, {"features": count}, doubt=count < _FEW)
    # Below that only an exact overlay counts, and second frames are missed.
    confidence = 0.5 + 0.45 * min(1.0, count / (3 * _FEW))
    facts = describe(codes).to_data() | {"features": count}
    return Proposal(params, Confidence(round(confidence, 3)), (reason,), facts=facts)


def _gather(members: Sequence[Member], wanted: Mapping[str, Value]) -> Mapping[str, Any]:
    """Group near-duplicates and name the best of each group.

    ``groups`` lists each group of two and more, its best frame first; ``best`` says for that frame why, and ``behind``
    for each other one what the best has over it. Frames of the
    very same bytes are one asset and appear once. Members whose facts hold ``alike`` (``to``: assets) were compared
    already and are only grouped and ranked.
    """
    params = PARAMS.accept(dict(wanted), fill=True)
    ordered = sorted(members, key=lambda each: (each.taken_at, each.name, each.asset))
    known = {each.asset: each for each in reversed(ordered) if "thumbnail" in each.facts.get("similarity", {})}
    described = [known[asset] for asset in dict.fromkeys(each.asset for each in ordered) if asset in known]
    groups: list[list[str]] = []
    best: dict[str, str] = {}
    behind: dict[str, str] = {}
    found = _told(described) or _compared(described, params)
    for alike in (part for places in found for part in _by_article([described[place] for place in places])):
        if len(alike) < 2:
            continue
        ranked = best_first(alike)
        groups.append([each.asset for each in ranked])
        best[ranked[0].asset] = why_best(ranked)
        behind |= {each.asset: why_behind(ranked, each) for each in ranked[1:]}
    return {"groups": groups, "best": best, "behind": behind, "compared": len(described)}


def _told(members: Sequence[Member]) -> list[list[int]] | None:
    """Groups by what a run has compared before, piece by piece in its workers; None where it has not."""
    from safelight.pixels.measure.similarity import joined

    if not any("alike" in each.facts for each in members):
        return None
    places = {each.asset: place for place, each in enumerate(members)}
    pairs = [
        (place, places[other])
        for place, each in enumerate(members)
        for other in each.facts.get("alike", {}).get("to", ())
        if other in places
    ]
    return joined(len(members), pairs)


def _compared(members: Sequence[Member], params: Mapping[str, Value]) -> list[list[int]]:
    from safelight.pixels.measure.similarity import Descriptor, group_alike

    return group_alike(
        [Descriptor.from_data(dict(each.facts["similarity"])) for each in members],
        most=int(params["neighbors"]),  # type: ignore[arg-type]
        similarity=float(params["similarity"]),  # type: ignore[arg-type]
        times=[_seconds(each.taken_at) for each in members],
        time_gap_s=float(params["time_gap_s"]),  # type: ignore[arg-type]
    )


def _by_article(members: Sequence[Member]) -> list[list[Member]]:
    """Part frames of articles with different names; frames without one stay with the only article there is."""
    named: dict[str, list[Member]] = {}
    for each in members:
        named.setdefault(str(each.facts.get("article", {}).get("sku", "")), []).append(each)
    nameless = named.pop("", [])
    if len(named) == 1:
        return [[*next(iter(named.values())), *nameless]]
    return [*named.values(), nameless]


def _seconds(taken_at: str) -> float | None:
    """A capture time as seconds; None where the file has none that can be read."""
    try:
        taken = datetime.fromisoformat(taken_at)
    except ValueError:
        return None
    return (taken if taken.tzinfo else taken.replace(tzinfo=UTC)).timestamp()


step = Step(
    name="similarity",
    version=6,
    stage=Stage.FACTS,
    kind="facts",
    scale="free",
    reads="original",
    params=PARAMS,
    purpose="Find bursts and near-duplicates in a shoot and rank them, never merging two products or two colorways.",
    automation="Fully automatic; a person may split a group, and nothing is deleted.",
    task="culling",
    propose=_propose,
    gather=_gather,
)
