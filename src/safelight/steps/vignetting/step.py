"""Vignetting: corners as bright as the middle, in linear light, before anything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PARAMS = ParamSet(
    "vignetting",
    Param(
        "source",
        "auto",
        "where the numbers come from; auto: raw captures from the database, finished files are left alone",
        choices=("auto", "database", "manual", "off"),
    ),
    Param(
        "falloff",
        (0.0, 0.0, 0.0),
        "light at radius r, 1 being the corner: 1 + k1 r^2 + k2 r^4 + k3 r^6 of that in the middle",
        "",
        -3,
        3,
        1e-6,
        length=3,
    ),
    Param("amount", 1.0, "share of the fall-off that is taken away", "", 0.0, 1.0, 0.01),
)


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Take the fall-off from the database's row, or leave the picture alone and say why."""
    source = str(wanted.get("source", "manual" if "falloff" in wanted else "auto"))
    if source == "manual":
        return _told(PARAMS.accept({**wanted, "source": source}, fill=True), "numbers set by hand")
    if source == "off" or (source == "auto" and not picture.scene_referred):
        text = "switched off" if source == "off" else "cameras brighten corners in finished files: left as it is"
        params = PARAMS.accept({**wanted, "source": source}, fill=True)
        return Proposal(params, Confidence(0.95), (Reason("left_alone", text),))
    from safelight.pixels.geometry.lens_database import Taken, find_row

    said = picture.capture
    row = find_row(Taken(said.make, said.model, said.lens, said.focal_mm, said.aperture_f), picture.full_size)
    if isinstance(row, str) or row.vignetting is None:
        why = row if isinstance(row, str) else f"the fall-off of {row.lens} was never measured at this setting"
        params = PARAMS.accept({**wanted, "source": source}, fill=True)
        return Proposal(params, Confidence(0.85), (Reason("no_match", f"corners left as they are: {why}", doubt=True),))
    params = PARAMS.accept({"falloff": row.vignetting, **wanted, "source": source}, fill=True)
    return _told(params, f"{row.lens} on {row.camera} at {said.focal_mm:g} mm f/{said.aperture_f:g} (lensfun)")


def _told(params: Mapping[str, Value], origin: str) -> Proposal:
    import numpy as np

    corner = float(_light(np.ones(1), params)[0])
    stops = -float(np.log2(corner))
    reasons = [Reason("corrected", f"{origin}: corners gain {stops:+.2f} stops", {"corner_stops": round(stops, 3)})]
    if stops > 1.5:
        text = f"{stops:.1f} stops more light in the corners shows their noise"
        reasons.append(Reason("noisy_corners", text, {"corner_stops": round(stops, 3)}, doubt=True))
    confidence = 0.96 - min(0.4, 0.1 * abs(stops))
    return Proposal(params, Confidence(round(confidence, 3)), tuple(reasons), facts={"corner_stops": round(stops, 3)})


def _light(squared: NDArray[np.floating], params: Mapping[str, Value]) -> NDArray[np.floating]:
    """Share of light that arrived, by the squared radius; at least a sixteenth: what is darker has no picture."""
    import numpy as np

    k1, k2, k3 = (float(each) * float(params["amount"]) for each in params["falloff"])  # type: ignore[union-attr,arg-type]
    return np.maximum(1 + squared * (k1 + squared * (k2 + squared * k3)), 1 / 16)


def _changes_nothing(params: Mapping[str, Value]) -> bool:
    falloff: tuple[float, ...] = params["falloff"]  # type: ignore[assignment]
    return params["source"] == "off" or params["amount"] == 0.0 or not any(falloff)


def _paint(rgb: NDArray[np.float32], params: Mapping[str, Value], _scale: float) -> NDArray[np.float32]:
    """Divide by the light that arrived; the whole frame, linear."""
    import numpy as np

    if _changes_nothing(params):
        return rgb
    height, width = rgb.shape[:2]
    across = (np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1
    down = (np.arange(height, dtype=np.float32) + 0.5) / height * 2 - 1
    share = width * width / (width * width + height * height)
    out = np.empty_like(rgb)
    for row in range(0, height, 64):
        squared = across[None] ** 2 * share + down[row : row + 64, None] ** 2 * (1 - share)
        out[row : row + 64] = rgb[row : row + 64] / _light(squared, params)[..., None].astype(np.float32)
    return out


step = Step(
    name="vignetting",
    version=1,
    stage=Stage.SENSOR,
    kind="raster",
    scale="free",
    reads="original",
    params=PARAMS,
    purpose="Give the corners the light that the lens kept from them, in linear light.",
    automation="From lensfun's row where camera and lens are really in it; a person sets numbers or the amount.",
    task="development",
    propose=_propose,
    paint=_paint,
    for_raw=True,
    idle=_changes_nothing,
)
