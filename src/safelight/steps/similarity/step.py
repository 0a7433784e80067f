"""Similarity: near-duplicates grouped over a shoot, recolors and look-alikes kept apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Member, Picture, Proposal, Stage, Step, Tools

from .ranking import best_first, why_best

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


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Describe one frame, so that `gather` can compare it without opening it again."""
    import numpy as np

    from safelight.pixels.color.light import codes_of
    from safelight.pixels.measure.similarity import describe

    params = PARAMS.accept(dict(wanted), fill=True)
    found = describe(codes_of(np.asarray(picture.image.pixels[..., :3], np.float32), "linear_rec2020", "srgb"))
    count = len(found.features[0])
    text = f"{count} features to recognize the frame by"
    reason = Reason("features", text, {"features": count}, doubt=count < 36)
    # Below some 36 features only an exact overlay counts, and second frames are missed.
    confidence = 0.5 + 0.45 * min(1.0, count / 120.0)
    return Proposal(params, Confidence(round(confidence, 3)), (reason,), facts=found.to_data() | {"features": count})


def _gather(members: Sequence[Member], wanted: Mapping[str, Value]) -> Mapping[str, Any]:
    """Group near-duplicates and name the best of each group.

    ``groups`` lists each group of two and more, its best frame first; ``best`` says for that frame why. Frames of the
    very same bytes are one asset and appear once.
    """
    from safelight.pixels.measure.similarity import Descriptor, group_alike

    params = PARAMS.accept(dict(wanted), fill=True)
    ordered = sorted(members, key=lambda each: (each.taken_at, each.name, each.asset))
    known = {each.asset: each for each in reversed(ordered) if "thumbnail" in each.facts.get("similarity", {})}
    described = [known[asset] for asset in dict.fromkeys(each.asset for each in ordered) if asset in known]
    frames = [Descriptor.from_data(dict(each.facts["similarity"])) for each in described]
    groups, best = [], {}
    found = group_alike(
        frames,
        most=int(params["neighbors"]),  # type: ignore[arg-type]
        similarity=float(params["similarity"]),  # type: ignore[arg-type]
        times=[_seconds(each.taken_at) for each in described],
        time_gap_s=float(params["time_gap_s"]),  # type: ignore[arg-type]
    )
    for alike in (part for places in found for part in _by_article([described[place] for place in places])):
        if len(alike) < 2:
            continue
        ranked = best_first(alike)
        groups.append([each.asset for each in ranked])
        best[ranked[0].asset] = why_best(ranked)
    return {"groups": groups, "best": best, "compared": len(frames)}


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
    version=2,
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
