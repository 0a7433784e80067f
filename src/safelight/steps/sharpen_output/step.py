"""Sharpen output: unsharp mask on the finished picture, its halos limited."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PARAMS = ParamSet(
    "sharpen_output",
    Param("amount", 0.4, "how much of what stands out of its blurred self is added", "", 0.0, 3.0, 0.01),
    Param("radius_px", 0.7, "sigma of the blur it is held against, at 100 %", "px", 0.2, 5.0, 0.01),
    Param("threshold", 0.004, "differences of luma left alone, share of white: noise and JPEG blocks", "", 0.0, 0.2),
    Param("halo", 0.02, "how far an edge may overshoot what stands beside it, share of white", "", 0.0, 0.2),
    Param(
        "output_side_px",
        0,
        "long side the picture is delivered at, for the proposal; 0 is the original's",
        "px",
        0,
        65500,
    ),
)

# The blur that good sampling itself leaves: a picture sharper than this has been sharpened already.
_CRISP_PX = 0.5


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Propose amount and radius from the measured blur as it will be at the output's size."""
    focus = picture.facts.get("focus", {})
    blur = focus.get("blur_px")
    side = int(wanted.get("output_side_px", 0)) or max(picture.full_size)  # type: ignore[arg-type]
    scale = min(1.0, side / max(picture.full_size))
    if blur is None:
        text = "the blur was not measured, so a light hand is all that is safe"
        unknown = Reason("blur_unknown", text, doubt=True)
        params = PARAMS.accept({"amount": 0.2, **wanted}, fill=True)
        return Proposal(params, Confidence(round(0.35 + 0.1 * scale, 3)), (unknown,))
    # Reducing blurs by its own filter, about 0.4 px; variances add.
    at_output = math.hypot(float(blur) * scale, 0.4 if scale < 1.0 else 0.0)
    amount, confidence = _amount(at_output), _approved(at_output, str(focus.get("kind", "")))
    radius = min(1.5, max(0.5, at_output))
    values: dict[str, float | str] = {
        "blur_px": round(float(blur), 2),
        "at_output_px": round(at_output, 2),
        "side_px": float(side),
    }
    text = f"edges are {float(blur):.1f} px wide at 100 % and {at_output:.1f} px at {side} px: amount {amount:.2f}"
    reasons = [Reason("blur", text, values)]
    if at_output > 1.6:
        text = f"a blur of {at_output:.1f} px is more than sharpening can hide"
        reasons.append(Reason("too_soft", text, values, doubt=True))
    params = PARAMS.accept({"amount": amount, "radius_px": radius, **wanted}, fill=True)
    return Proposal(params, Confidence(confidence), tuple(reasons))


def _amount(blur_px: float) -> float:
    """None for a crisp picture, rising to 0.8 at 1.2 px, then less: wide blur would only grow halos."""
    if blur_px <= 1.2:
        return round(min(0.8, max(0.0, 0.8 * (blur_px - _CRISP_PX) / (1.2 - _CRISP_PX))), 2)
    return round(max(0.3, 0.8 - 0.5 * (blur_px - 1.2)), 2)


def _approved(blur_px: float, kind: str) -> float:
    off = max(0.0, blur_px - 1.0) + (0.5 if kind == "motion" else 0.0) + (0.6 if kind == "cant_tell" else 0.0)
    return round(0.95 / (1.0 + off**2), 3)


def _paint(
    rgb: NDArray[np.float32], params: Mapping[str, Value], pixels_per_original_pixel: float = 1.0
) -> NDArray[np.float32]:
    """Sharpen code values of the output; in a reduced view the radius shrinks, lest halos be shown wider."""
    from safelight.pixels.detail.unsharp import unsharp_mask

    values = {name: float(params[name]) for name in ("amount", "radius_px", "threshold", "halo")}  # type: ignore[arg-type]
    values["radius_px"] *= min(1.0, pixels_per_original_pixel)
    return unsharp_mask(rgb, **values)


step = Step(
    name="sharpen_output",
    version=1,
    stage=Stage.SHARPEN,
    kind="raster",
    scale="full",
    reads="upstream",
    params=PARAMS,
    purpose="Give back the crispness that optics and reduction took, at delivered size, without light rims.",
    automation="Automatic from the measured blur; judge at 100 %. A person sets amount, radius, threshold and halo.",
    task="sharpening",
    propose=_propose,
    paint=_paint,
)
