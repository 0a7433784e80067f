"""A chart in a frame's light as the reference of its color, where neither a swatch nor an approved picture speaks."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Edit
from safelight.core.image import Image
from safelight.core.step import Stage
from safelight.media.names import display_name
from safelight.plugins import step_named
from safelight.runs.lighting import paper_of
from safelight.runs.sort import Sorted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_PATCHES = 12  # usable ones, below which a chart says too little
LEAST_PAPERS = 3  # frames whose paper stands for the chart's light, where the chart's frame shows none
UNPROVEN = "a chart stands in this light, but no unclipped paper shows that the light was the same"


def with_chart(frame: Sorted, members: Sequence[Sorted], charts: Sequence[Sorted]) -> Mapping[str, Any]:
    """Return what color_difference is told of the chart in a frame's light; nothing without one.

    Parameters
    ----------
    frame : Sorted
    members : sequence of Sorted
        Of its lighting group.
    charts : sequence of Sorted
        Frames of the same light in which a chart was found.

    Returns
    -------
    mapping
        ``chart_patches``, a list of ``{"name", "light", "lab"}``: the light of each usable patch as this frame's light
        would have shown it (linear Rec.2020), and its published Lab. ``unproven``, a sentence, where there is a
        chart but neither paper to compare the two lights by.

    Notes
    -----
    A frame may differ from its group by as much as a brand would see. So the patches are tinted by what this frame's
    paper differs from the paper beside the chart: a cast on one frame alone shows in its patches.
    """
    usable = [each for each in charts if each.scene_referred == frame.scene_referred and _speaks(each)]
    if not usable:
        return {}
    best = min(usable, key=lambda each: (_left_out(each), each.taken_at, each.path))
    own, beside = paper_of(_metering(frame)), paper_of(_metering(best)) or _middle(members)
    if own is None or beside is None:
        return {"unproven": UNPROVEN}
    tint = 2.0 ** (own[0] - beside[0]), 1.0, 2.0 ** (own[1] - beside[1])
    patches = [
        {
            "name": each["name"],
            "light": [round(float(value) * gain, 6) for value, gain in zip(each["rgb"], tint, strict=True)],
            "lab": each["reference_lab"],
        }
        for each in best.facts["chart"]["patches"]
        if each["usable"]
    ]
    return {"chart_patches": patches, "reference": f"chart in {display_name(best.path)}"}


def painted_patches(
    patches: Sequence[Mapping[str, Any]], edit: Edit, paint: Callable[[Image, Edit], Image]
) -> list[dict[str, Any]]:
    """Return the patches with the light that an edit's corrections and view make of them.

    A grade is the client's wish and no part of it: whether a look was kept is another check's question. `paint` is
    handed the patches as a picture one row high, linear Rec.2020 float32, and what of the edit is color.
    """
    import numpy as np

    light = np.array([[each["light"] for each in patches]], np.float32)
    seen: NDArray[np.float32] = np.asarray(paint(Image(light, "linear_rec2020"), _colors_of(edit)).pixels[0])
    return [
        {"name": each["name"], "lab": each["lab"], "light": [float(value) for value in row]}
        for each, row in zip(patches, seen, strict=True)
    ]


def _colors_of(edit: Edit) -> Edit:
    """The corrections and the view of an edit, as far as they hold for the whole frame."""
    kept = [
        each
        for each in edit.steps
        if step_named(each.step).kind == "color"
        and step_named(each.step).stage <= Stage.VIEW
        and "mask" not in each.artifacts
    ]
    return Edit(edit.original, tuple(kept))


def _speaks(frame: Sorted) -> bool:
    facts = frame.facts.get("chart", {})
    if not facts.get("found") or facts["doubts"] or "matrix" not in facts:
        return False
    return sum(bool(each["usable"]) for each in facts["patches"]) >= LEAST_PATCHES


def _left_out(frame: Sorted) -> float:
    return float(frame.facts["chart"]["matrix"]["delta_e"]["left_out"][0])


def _metering(frame: Sorted) -> Mapping[str, Any]:
    return frame.facts.get("metering", {})


def _middle(members: Sequence[Sorted]) -> tuple[float, float, float] | None:
    """The paper of most frames of a light; None where too few show any."""
    papers = [paper for each in members if (paper := paper_of(_metering(each))) is not None]
    if len(papers) < LEAST_PAPERS:
        return None
    red, blue, level = (statistics.median(values) for values in zip(*papers, strict=True))
    return red, blue, level
