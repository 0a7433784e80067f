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
    Param(
        "medium",
        "screen",
        "what it is seen on, for the proposal: paper spreads light, and what it will spread is put on before",
        choices=("screen", "print_gloss", "print_matte"),
    ),
    Param("ppi", 300.0, "px an inch of the print, for the proposal", "ppi", 72, 1200, 1),
)

# Sigma by which ink, screen and paper spread an edge, in mm, and how far an edge may overshoot before they do: assumed
# from printed edges of about a tenth (gloss) and a sixth (matte) of a millimeter from 10 to 90 %; not measured.
_SPREAD_MM = {"print_gloss": 0.04, "print_matte": 0.07}
_PRINT_HALO = {"print_gloss": 0.05, "print_matte": 0.08}
# The blur that good sampling itself leaves: a picture sharper than this has been sharpened already.
_CRISP_PX = 0.5


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Propose amount and radius from the measured blur as it will be at the output's size."""
    focus = picture.facts.get("focus", {})
    blur = focus.get("blur_px")
    side = int(wanted.get("output_side_px", 0)) or max(picture.full_size)  # type: ignore[arg-type]
    scale = min(1.0, side / max(picture.full_size))
    spread = _SPREAD_MM.get(str(wanted.get("medium", "screen")), 0.0) * float(str(wanted.get("ppi", 300.0))) / 25.4
    if blur is None:
        text = "the blur was not measured, so a light hand is all that is safe"
        unknown = Reason("blur_unknown", text, doubt=True)
        own, more = _for_medium({"amount": 0.2, "radius_px": 0.7}, spread, wanted)
        params = PARAMS.accept({**own, **wanted}, fill=True)
        return Proposal(params, Confidence(round((0.35 + 0.1 * scale) * _seen(more), 3)), (unknown, *more))
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
    own, more = _for_medium({"amount": amount, "radius_px": radius}, spread, wanted)
    params = PARAMS.accept({**own, **wanted}, fill=True)
    return Proposal(params, Confidence(round(confidence * _seen(more), 3)), (*reasons, *more))


def _for_medium(
    own: dict[str, float], spread_px: float, wanted: Mapping[str, Value]
) -> tuple[dict[str, float], tuple[Reason, ...]]:
    """Add to a screen's sharpening what paper will take.

    A spread of sigma s takes ``s^2 / 2`` of the second derivative; an unsharp mask of radius r adds ``amount r^2 / 2``
    of it: the amounts of both add at one radius, the larger of them.
    """
    if spread_px <= 0:
        return own, ()
    radius = max(own["radius_px"], spread_px)
    amount = own["amount"] * (own["radius_px"] / radius) ** 2 + (spread_px / radius) ** 2
    medium = str(wanted["medium"])
    values: dict[str, float | str] = {"spread_px": round(spread_px, 2), "medium": medium}
    text = (
        f"{medium.replace('_', ' on ')} spreads edges by {spread_px:.1f} px: judge it on paper, it looks too hard here"
    )
    halo = max(_PRINT_HALO[medium], float(PARAMS.defaults()["halo"]))  # type: ignore[arg-type]
    made = {"amount": round(min(3.0, amount), 2), "radius_px": round(min(5.0, radius), 2), "halo": halo}
    return made, (Reason("print_unseen", text, values, doubt=True),)


def _seen(more: tuple[Reason, ...]) -> float:
    """What is left of a confidence where nobody here sees the medium."""
    return 0.8 if more else 1.0


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
    automation="Automatic from measured blur, size and medium; judge at 100 %. A person sets amount, radius and halo.",
    task="sharpening",
    propose=_propose,
    paint=_paint,
)
