"""Take noise out: measured on the picture, light and color apart, before anything else is painted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PARAMS = ParamSet(
    "denoise",
    Param(
        "luminance",
        0.8,
        "share of the measured noise of light that is taken out; beyond 1 more than that",
        "",
        0,
        2,
        0.01,
    ),
    Param("color", 1.0, "the same for noise of color", "", 0, 2, 0.01),
    Param("detail", 0.1, "share of what was taken out of the light that is given back as it was", "", 0, 1, 0.01),
    Param("method", "full", "full: two passes; fast: one, on few positions", choices=("full", "fast")),
    Param(
        "noise",
        (),
        "measured: per mille of white at nine lightnesses, of red, then green, then blue",
        "",
        0,
        1000,
        0.01,
    ),
)
_VISIBLE = 0.6  # code values of 255: what is less nobody sees at 200 %
_CROP_PX = 640


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Measure the noise on parts of the original at 100 %."""
    import numpy as np

    noise = _measured(picture.full_size, tools)
    level = float(noise.mean() * 255)
    numbers = tuple(float(each) for each in np.round(noise.T.ravel() * 1000, 2))
    params = PARAMS.accept({"noise": numbers, **wanted}, fill=True)
    iso = f" at ISO {picture.capture.iso:g}" if picture.capture.iso else ""
    values: dict[str, float | str] = {"noise_levels": round(level, 2), "iso": float(picture.capture.iso or 0)}
    if level < _VISIBLE:
        params = PARAMS.accept({**params, "luminance": 0.0, "color": 0.0, **wanted}, fill=True)
        text = f"noise of {level:.1f} levels of 255{iso} is less than anybody sees: left alone"
        return Proposal(params, Confidence(0.97), (Reason("no_noise", text, values),), facts=dict(values))
    reasons = [Reason("noise", f"noise of {level:.1f} levels of 255{iso}", values)]
    if level > 7:
        text = f"noise of {level:.0f} levels takes fine texture with it: judge skin and cloth at 100 %"
        reasons.append(Reason("strong_noise", text, values, doubt=True))
    if not picture.scene_referred and level > 3:
        text = "a finished file this noisy may be meant so (film, grain): give detail back, or leave it"
        reasons.append(Reason("grain_or_noise", text, values, doubt=True))
    value = 0.95 / (1 + (level / 12) ** 2) * (0.85 if len(reasons) > 1 and not picture.scene_referred else 1.0)
    return Proposal(params, Confidence(round(value, 3)), tuple(reasons), facts=dict(values))


def _measured(size: tuple[int, int], tools: Tools) -> NDArray[np.float32]:
    """The noise of nine parts of the original at 100 %, in the code values that it is painted in."""
    import numpy as np

    from safelight.pixels.color.spaces import WORKING, convert, encode, to_float
    from safelight.pixels.detail.noise import measure_noise

    width, height = size
    side = min(_CROP_PX, width, height)
    places = [(round(x * (width - side)), round(y * (height - side))) for y in (0, 0.5, 1) for x in (0, 0.5, 1)]
    crops = tools.crops([(x, y, x + side, y + side) for x, y in dict.fromkeys(places)])
    strips = []
    for crop in crops:
        color: Any = np.ascontiguousarray(crop.pixels[..., :3])
        strips.append(encode(convert(to_float(color), crop.space, WORKING), "srgb"))
    return measure_noise(np.concatenate(strips))


def _idle(params: Mapping[str, Value]) -> bool:
    return not params["noise"] or (params["luminance"] == 0.0 and params["color"] == 0.0)


def _paint(rgb: NDArray[np.float32], params: Mapping[str, Value], scale: float = 1.0) -> NDArray[np.float32]:
    """Denoise linear Rec.2020; in a reduced view less noise is left, and less is taken out."""
    import numpy as np

    from safelight.pixels.color.spaces import decode, encode
    from safelight.pixels.detail.denoise import denoise

    if _idle(params):
        return rgb
    noise = np.array(params["noise"], np.float32).reshape(3, -1).T * np.float32(min(1.0, scale) / 1000)
    values = {name: float(str(params[name])) for name in ("luminance", "color", "detail")}
    done = denoise(encode(rgb, "srgb"), noise, quick=params["method"] == "fast", **values)
    return decode(done, "srgb")


step = Step(
    name="denoise",
    version=2,  # 2: fast takes four positions; sums in another order
    stage=Stage.SENSOR,
    kind="raster",
    scale="full",
    reads="original",
    params=PARAMS,
    purpose="Take out noise of light and of color, as much as was measured.",
    automation="On request; the strength is measured, a slider gives detail back. Judge at 100 %.",
    task="noise_reduction",
    propose=_propose,
    paint=_paint,
    idle=_idle,
    upgrades={1: dict},
)
