"""Grain: soft noise in the midtones, at 100 %, the same every time it is painted."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PARAMS = ParamSet(
    "grain",
    Param("amount", 0.0, "standard deviation in the midtones, code values of 8 bits", "", 0.0, 30.0, 0.1),
    Param("size_px", 1.2, "width of a grain at 100 %", "px", 0.5, 8.0, 0.1),
    Param("color", 0.0, "0 is grain of light alone, 1 of each color apart", "", 0.0, 1.0, 0.01),
    Param("seed", 0, "which of all grains; by the picture unless somebody says", "", 0, 2**31 - 1),
)


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Take what the guide fixes; the seed is the picture's own, so that no two share a pattern."""
    own = zlib.crc32(picture.image.pixels.tobytes()) & 0x7FFFFFFF
    params = PARAMS.accept({"seed": own, **wanted}, fill=True)
    if not params["amount"]:
        return Proposal(params, Confidence(1.0), (Reason("no_grain", "the style guide asks for no grain"),))
    text = f"grain of {params['amount']:g} code values and {params['size_px']:g} px"
    return Proposal(params, Confidence(0.9), (Reason("grain", text),))


def _paint(
    rgb: NDArray[np.float32], params: Mapping[str, Value], pixels_per_original_pixel: float = 1.0
) -> NDArray[np.float32]:
    """Add grain to linear Rec.2020 light; in a reduced view it averages out as the full picture's does."""
    from safelight.pixels.color.grain import add_grain

    amount, size, color = (float(params[name]) for name in ("amount", "size_px", "color"))  # type: ignore[arg-type]
    return add_grain(rgb, amount, size, color, int(params["seed"]), min(1.0, pixels_per_original_pixel))  # type: ignore[arg-type]


step = Step(
    name="grain",
    version=1,
    stage=Stage.GRADE,
    kind="raster",
    scale="full",
    reads="upstream",
    params=PARAMS,
    purpose="Give a smooth picture the tooth of film, stronger in the midtones, none in black and white.",
    automation="Only where a style guide or a person asks for it; judge at 100 %.",
    task="color_grading",
    propose=_propose,
    paint=_paint,
)
