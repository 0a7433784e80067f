"""Shadow: what a cut-out subject stands on: its own shadow kept, or a contact or drop shadow or reflection made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from safelight.core.doubts import left_of
from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools
from safelight.errors import ParameterError
from safelight.steps.shadow.group import gather, judge_direction, own_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.pixels.matte.made_shadow import Foot, Shade

PARAMS = ParamSet(
    "shadow",
    Param(
        "kind",
        "none",
        "natural keeps the shadow of the capture, placed those that a layout made; the others are made",
        choices=("none", "natural", "contact", "drop", "reflection", "placed"),
    ),
    # Below one half, so that the subject's own outline stays where alpha is one half.
    Param(
        "strength", 0.35, "light that a made shadow takes, or a reflection gives, where it is strongest", "", 0, 0.49
    ),
    Param("keep", 1.0, "how much of a natural shadow is kept", "", 0, 1, 0.01),
    Param("softness", 0.03, "how far its edge fades, share of the subject's height", "", 0.002, 0.3, 0.001),
    Param(
        "angle_deg",
        90.0,
        "where a drop shadow falls, and to which side a contact shadow leans: 0 right, 90 down; the group's light, "
        "unless a guide or a person says otherwise",
        "°",
        -180,
        180,
        0.1,
    ),
    Param("distance", 0.03, "how far a drop shadow falls, share of the subject's height", "", 0, 0.5, 0.001),
    Param("fade", 0.35, "how far a reflection reaches, share of the subject's height", "", 0.02, 1.0, 0.01),
)
_ROUGH = 0.004  # of its height, 5 px at 1,200: clean cut-outs of the sample products lie below 0.002
_HANGS = 0.05  # of the subject's width: a handle may hang, half a handbag not


def _propose(picture: Picture, group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Judge the wanted shadow; natural brings the artifact ``density`` (16-bit gray PNG over the whole original)."""
    import numpy as np

    from safelight.pixels.matte.made_shadow import find_foot

    shared = {} if group is None else group.findings.get("shadow", {})
    light = {"angle_deg": shared["drop_deg"]} if shared else {}
    params = PARAMS.accept({**light, **wanted}, fill=True)
    kind = str(params["kind"])
    if kind == "none":
        return Proposal(params, Confidence(1.0), (Reason("no_shadow", "no shadow is asked for"),))
    if kind == "placed":
        text = "a layout's shadows come with the layout: safelight layout places them, a guide can't"
        return Proposal({**params, "kind": "none"}, Confidence(0.1), (Reason("no_layout", text, doubt=True),))
    if picture.alpha is None:
        text = "there is no matte, so nothing stands out to cast a shadow; add step cutout before it"
        return Proposal({**params, "kind": "none"}, Confidence(0.1), (Reason("no_matte", text, doubt=True),))
    alpha = np.nan_to_num(np.asarray(picture.alpha, np.float32))
    foot = find_foot(alpha)
    if foot is None:
        text = "the matte holds no subject"
        return Proposal({**params, "kind": "none"}, Confidence(0.1), (Reason("no_subject", text, doubt=True),))
    said, doubts = judge_direction(kind, own_of(picture.facts), shared)
    if kind == "natural":
        density, sure, reasons = _natural(tools)
        artifacts = {"density": tools.put("mask", _packed(density), "image/png")}
        facts = {"peak": round(float(density.max()), 3)}
    else:
        (sure, reasons), artifacts, facts = _judged(params, alpha, foot), {}, {}
    left = Confidence(round(left_of(sure.value, doubts), 3))
    return Proposal(params, left, (*reasons, *said, *(reason for _, reason in doubts)), artifacts, facts)


def _judged(
    params: Mapping[str, Value], alpha: NDArray[np.float32], foot: Foot
) -> tuple[Confidence, tuple[Reason, ...]]:
    """How far the subject lets a shadow be made: it must stand in the frame, and level for a reflection."""
    from safelight.pixels.matte.made_shadow import foot_roughness, share_outside

    kind, height = str(params["kind"]), alpha.shape[0]
    uneven = foot.uneven / foot.height
    values = {"uneven": round(uneven, 4), "foot": round(foot.base / height, 4)}
    reasons = [Reason("shadow", f"{kind} shadow of strength {params['strength']}", values)]
    sure = 0.85
    if foot.cut and kind != "drop":
        text = "the subject runs out of the frame below: where it stands is not in the picture"
        reasons.append(Reason("foot_cut", text, values, doubt=True))
        sure = 0.1
    if kind == "reflection":
        hangs = _hanging_share(alpha)
        if hangs > _HANGS:
            text = f"{hangs:.0%} of the subject's width hangs above the floor and is not mirrored"
            reasons.append(Reason("hangs", text, {"hangs": round(hangs, 3)}, doubt=True))
            sure = min(sure, max(0.05, 0.85 - 2 * (hangs - _HANGS)))
    rough = foot_roughness(alpha)
    if kind in ("contact", "reflection") and rough > _ROUGH:
        text = f"the subject's lower edge jumps by {rough:.1%} of its height: what lies under it shows every crumb"
        reasons.append(Reason("rough_foot", text, {"roughness": round(rough, 4)}, doubt=True))
        sure = min(sure, max(0.05, 0.85 - 60 * (rough - _ROUGH)))
    if kind == "drop":
        lost = share_outside(alpha, float(str(params["angle_deg"])), float(str(params["distance"])))
        if lost > 0.005:
            text = f"{lost:.0%} of the shadow falls out of the frame"
            reasons.append(Reason("shadow_cut", text, {"outside": lost}, doubt=True))
            sure = min(sure, max(0.05, 0.85 - 5 * lost))
    return Confidence(round(sure, 3)), tuple(reasons)


def _hanging_share(alpha: NDArray[np.float32]) -> float:
    """The share of the subject's columns that a reflection leaves out."""
    from safelight.pixels.matte.made_shadow import reflection_foot

    inside = (alpha > 0.5).any(axis=0)
    _, holds = reflection_foot(alpha)
    return 1.0 - float(holds[inside].mean())


def _natural(tools: Tools) -> tuple[NDArray[np.float32], Confidence, tuple[Reason, ...]]:
    """The capture's own shadow, told from the subject as the cut-out tells it."""
    import cv2
    import numpy as np

    from safelight.pixels.color.light import light_of
    from safelight.pixels.color.spaces import WORKING, Pixels, matrix_between
    from safelight.pixels.matte.shadow_layer import shadow_density
    from safelight.pixels.matte.solve import solve_matte

    small = tools.reduced()
    own = light_of(cast(Pixels, np.ascontiguousarray(small.pixels[..., :3])), small.space)
    turned = cv2.transform(own, matrix_between(small.space, WORKING).astype(np.float32))
    matte = solve_matte(np.asarray(turned, np.float32))
    density = shadow_density(matte)
    share, peak = float((density > 0.03).mean()), float(density.max())
    values = {"share": round(share, 4), "peak": round(peak, 3), "misfit": round(float(matte.backdrop.misfit), 3)}
    if share < 0.0005:
        reason = Reason("no_natural_shadow", "the capture shows no soft shadow to keep", values, doubt=True)
        return density, Confidence(0.3), (reason,)
    text = f"a natural shadow over {share:.1%} of the frame is kept, {peak:.0%} deep"
    doubt = matte.backdrop.misfit > 2.5
    return density, Confidence(0.3 if doubt else 0.7), (Reason("natural", text, values, doubt=doubt),)


def _packed(density: NDArray[np.float32]) -> bytes:
    import numpy as np

    from safelight.pixels.matte.matte_png import pack_png

    return pack_png(np.rint(density * 65535).astype(np.uint16))


def _paint(params: Mapping[str, Value], artifacts: Mapping[str, bytes], alpha: NDArray[np.float32]) -> Shade | None:
    """Return what lies under a subject of matte `alpha`, (h, w) float32 over the whole original at any reduction."""
    import numpy as np

    from safelight.pixels.matte.made_shadow import (
        Shade,
        contact_density,
        drop_density,
        find_foot,
        reflection_foot,
    )

    kind = str(params["kind"])
    strength, softness, distance, angle, fade = (
        float(str(params[name])) for name in ("strength", "softness", "distance", "angle_deg", "fade")
    )
    foot = find_foot(alpha)
    if kind == "none" or foot is None:
        return None
    height = alpha.shape[0]
    if kind == "reflection":
        feet, holds = reflection_foot(alpha)
        return Shade(None, feet / np.float32(height), holds, strength, fade * foot.height / height)
    if kind in ("natural", "placed"):
        return Shade(_kept(artifacts, kind, float(str(params["keep"]))))
    made = (
        contact_density(alpha, softness, angle) if kind == "contact" else drop_density(alpha, angle, distance, softness)
    )
    return Shade(np.rint(made * np.float32(strength * 65535)).astype(np.uint16))


def _kept(artifacts: Mapping[str, bytes], kind: str, keep: float) -> NDArray[np.uint16]:
    import cv2
    import numpy as np

    if "density" not in artifacts and kind == "placed":
        raise ParameterError(
            "shadow.kind is placed, and this edit holds no layout: safelight layout makes one; or take natural, "
            "contact, drop or reflection"
        )
    if "density" not in artifacts:
        raise ParameterError(
            "shadow.kind is natural, and this edit never looked for the capture's own shadow: set it in the style "
            "guide and run the shoot again, or take contact, drop or reflection"
        )
    own = np.asarray(cv2.imdecode(np.frombuffer(artifacts["density"], np.uint8), cv2.IMREAD_UNCHANGED), np.float32)
    # Half and more is held back, so that the subject's outline stays where alpha is one half.
    return np.asarray(np.rint(np.minimum(own * np.float32(keep), 0.49 * 65535)), np.uint16)


def _upright(before: dict[str, Any]) -> dict[str, Any]:
    """A contact shadow of version 1 leaned to no side, whatever its angle said."""
    return {**before, "angle_deg": 90.0} if before.get("kind") == "contact" else before


step = Step(
    name="shadow",
    version=2,  # 2: contact shadows lean away from the light
    upgrades={1: _upright},
    stage=Stage.COMPOSITE,
    kind="shadow",
    scale="free",
    reads="upstream",
    params=PARAMS,
    purpose="Let a cut-out subject stand on something: its own shadow, a contact or drop shadow, or a reflection.",
    automation="Only where a style guide or a person asks for one; all of it can be amended, and none is the default.",
    task="background",
    propose=_propose,
    paint=_paint,
    gather=gather,
)
