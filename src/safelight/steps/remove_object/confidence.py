"""How likely a reviewer would pass a removal unchanged: by what lies around the object and how well its place fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from safelight.core.doubts import Doubt, left_of, ramp
from safelight.core.edit import Confidence, Reason
from safelight.core.params import Value
from safelight.core.step import Proposal

if TYPE_CHECKING:
    from safelight.pixels.repair.complete import Filling
    from safelight.pixels.repair.survey import Surroundings


def nothing_marked(params: Mapping[str, Value]) -> Proposal:
    """Return a proposal that changes nothing."""
    return Proposal(params, Confidence(1.0), (Reason("nothing_marked", "no object was marked"),))


def judge_removal(around: Surroundings, filling: Filling, area: float) -> tuple[Confidence, tuple[Reason, ...]]:
    """Turn the measures of a removal into a probability and sentences; each doubt takes its share."""
    doubts = list(_doubts(around, filling, area))
    told = sorted((each for each in doubts if each[0] > 0.05), key=lambda each: -each[0])
    return Confidence(round(max(left_of(0.95, doubts), 0.01), 3)), tuple(reason for _, reason in told)


def _doubts(a: Surroundings, filling: Filling, area: float) -> Iterator[Doubt]:
    def doubt(weight: float, code: str, text: str, **values: float) -> Doubt:
        return weight, Reason(code, text, {name: round(each, 4) for name, each in values.items()}, doubt=True)

    yield doubt(
        0.9 * ramp(a.shadow_share, 0.02, 0.12),
        "touches_shadow",
        f"{100 * a.shadow_share:.0f} % of the mask's rim lies in a shadow, up to {a.shadow_depth:.0f} L* deep: "
        "a retoucher takes the shadow out with it, or paints what is left of it",
        share=a.shadow_share,
        depth=a.shadow_depth,
    )
    yield doubt(
        0.9 * ramp(a.reflection_share, 0.02, 0.12),
        "touches_reflection",
        f"{100 * a.reflection_share:.0f} % of the mask's rim is other in color or lighter than the surface: "
        "a reflection or another object, which a retoucher rebuilds",
        share=a.reflection_share,
    )
    yield doubt(
        0.85 * max(ramp(a.structure, 2.5, 7.0), ramp(a.edges_share, 0.05, 0.3)),
        "structured",
        f"the surface is no even one ({a.structure:.1f} L* of structure; edges cross {100 * a.edges_share:.0f} % of "
        "the rim): what lay behind is a guess",
        structure=a.structure,
        edges_share=a.edges_share,
    )
    yield doubt(
        0.8 * ramp(filling.misfit, 0.015, 0.06),
        "unlike_filling",
        f"the filling's pieces differ by {100 * filling.misfit:.1f} % of white from what they join",
        misfit=filling.misfit,
    )
    yield doubt(
        0.5 * ramp(a.frame_share, 0.02, 0.4),
        "cut_by_frame",
        f"{100 * a.frame_share:.0f} % of the mask's outline is the frame: nothing tells what lies there",
        share=a.frame_share,
    )
    yield doubt(
        0.6 * ramp(area, 0.03, 0.15),
        "large",
        f"the mask takes {100 * area:.0f} % of the frame",
        area=area,
    )
