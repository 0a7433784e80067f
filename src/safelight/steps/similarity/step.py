"""Similarity: near-duplicates grouped over a shoot, recolors and look-alikes kept apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Member, Picture, Proposal, Stage, Step, Tools

from .ranking import best_first, why_best

PARAMS = ParamSet(
    "similarity",
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

    neighbors = int(PARAMS.accept(dict(wanted), fill=True)["neighbors"])  # type: ignore[arg-type]
    ordered = sorted(members, key=lambda each: (each.taken_at, each.name, each.asset))
    known = {each.asset: each for each in reversed(ordered) if "thumbnail" in each.facts.get("similarity", {})}
    described = [known[asset] for asset in dict.fromkeys(each.asset for each in ordered) if asset in known]
    frames = [Descriptor.from_data(dict(each.facts["similarity"])) for each in described]
    groups, best = [], {}
    for places in group_alike(frames, most=neighbors):
        if len(places) < 2:
            continue
        ranked = best_first([described[place] for place in places])
        groups.append([each.asset for each in ranked])
        best[ranked[0].asset] = why_best(ranked)
    return {"groups": groups, "best": best, "compared": len(frames)}


step = Step(
    name="similarity",
    version=1,
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
