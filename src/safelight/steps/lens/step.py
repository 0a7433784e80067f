"""Lens: straight lines are straight again, and the colors lie on each other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

if TYPE_CHECKING:
    from safelight.pixels.geometry.lens_database import LensRow
    from safelight.pixels.geometry.map import GeometryMap
    from safelight.pixels.geometry.optics import Optics

_PROJECTIONS = ("rectilinear", "equidistant", "equisolid", "stereographic", "orthographic")
PARAMS = ParamSet(
    "lens",
    Param(
        "source",
        "auto",
        "where the numbers come from; auto: raw captures from the database, finished files are left alone",
        choices=("auto", "database", "manual", "off"),
    ),
    Param(
        "fisheye",
        "keep",
        "straighten: a fisheye becomes rectilinear, wide at its edges",
        choices=("keep", "straighten"),
    ),
    Param(
        "distortion",
        (1.0, 0.0, 0.0, 0.0, 0.0),
        "radius taken / radius meant, c0 to c4 of a polynomial in half diagonals",
        "",
        -4,
        4,
        1e-7,
        length=5,
    ),
    Param("red", (1.0, 0.0, 0.0), "magnification of red against green: v, c, b", "", -2, 2, 1e-7, length=3),
    Param("blue", (1.0, 0.0, 0.0), "magnification of blue against green: v, c, b", "", -2, 2, 1e-7, length=3),
    Param("projection", "rectilinear", "how the lens lays angles on the sensor", choices=_PROJECTIONS),
    Param("focal", 1.0, "focal length of a fisheye, in half diagonals of the sensor", "", 0.05, 100.0, 1e-5),
    Param("center", (0.5, 0.5), "the optical axis, x y in 0..1 of the upright original", "", 0.2, 0.8, 1e-5, length=2),
    Param("zoom", 0.0, "enlargement about the axis; 0 fills the frame without empty corners", "", 0.0, 4.0, 1e-4),
)
_NUMBERS = ("distortion", "red", "blue", "projection", "focal")


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Take the database's row if camera and lens are really in it; else leave the picture alone and say why."""
    source = str(wanted.get("source", "auto"))
    if any(each in wanted for each in _NUMBERS):
        source = str(wanted.get("source", "manual"))
    if source == "manual":
        return _told(
            PARAMS.accept({**wanted, "source": "manual"}, fill=True), picture, "numbers set by hand", known=True
        )
    if source == "off" or (source == "auto" and not picture.scene_referred):
        text = "switched off" if source == "off" else "cameras correct their lenses in finished files: left as it is"
        return Proposal(_left(wanted, source), Confidence(0.95), (Reason("left_alone", text),))
    return _from_database(picture, wanted, source)


def _from_database(picture: Picture, wanted: Mapping[str, Value], source: str) -> Proposal:
    from safelight.pixels.geometry.lens_database import Taken, find_row

    said = picture.capture
    row = find_row(Taken(said.make, said.model, said.lens, said.focal_mm, said.aperture_f), picture.full_size)
    if isinstance(row, str):
        reason = Reason("no_match", f"no lens correction: {row}", {"camera": said.model, "lens": said.lens}, doubt=True)
        return Proposal(_left(wanted, source), Confidence(0.85), (reason,))
    numbers: dict[str, Value] = {}
    if row.distortion is not None:
        numbers["distortion"] = row.distortion
    if row.red is not None and row.blue is not None:
        numbers |= {"red": row.red, "blue": row.blue}
    straightened = wanted.get("fisheye") == "straighten" and row.projection not in ("", "rectilinear")
    if straightened:
        numbers |= {"projection": row.projection, "focal": row.focal}
    params = PARAMS.accept({**numbers, **wanted, "source": source}, fill=True)
    return _told(params, picture, _named(row, said.focal_mm), known=row.distortion is not None)


def _named(row: LensRow, focal_mm: float | None) -> str:
    what = f"{row.lens} on {row.camera} at {focal_mm:g} mm (lensfun)"
    fisheye = row.projection not in ("", "rectilinear")
    return f"{what}, a fisheye ({row.projection})" if fisheye else what


def _left(wanted: Mapping[str, Value], source: str) -> dict[str, Value]:
    return PARAMS.accept({**wanted, "source": source}, fill=True)


def _told(params: Mapping[str, Value], picture: Picture, origin: str, *, known: bool) -> Proposal:
    """Say what is moved by how much; the further the corners move, the more a reviewer may object."""
    width, height = picture.full_size
    from .measured import color_shift, corner_stretch, largest_shift

    optics, zoom = _optics(params, picture.full_size), _zoom(params, picture.full_size)
    if optics.is_straight:
        text = f"{origin}: nothing is known to be bent" if known else f"{origin}: its distortion was never measured"
        return Proposal(params, Confidence(0.9), (Reason("nothing_bent", text),))
    shift = largest_shift(optics)
    values: dict[str, float | str] = {"shift_px": round(shift, 1), "zoom": round(zoom, 4), "source": origin}
    share = shift / math.hypot(width, height)
    texts = [f"{origin}: places move by up to {shift:.1f} px ({2 * share:.1%} of half a diagonal)"]
    if optics.parts_colors:
        red, blue = (color_shift(optics, each) for each in ("red", "blue"))
        values |= {"red_px": round(red, 2), "blue_px": round(blue, 2)}
        texts.append(f"red by {red:.1f} px and blue by {blue:.1f} px against green")
    texts.append(f"frame at {zoom:.1%}")
    stretch = corner_stretch(optics, zoom)
    reasons = [Reason("corrected", "; ".join(texts), values)]
    confidence = 0.97 - min(0.3, share)
    if stretch > 1.5:
        text = f"corners are enlarged {stretch:.1f} times more than the middle and look soft and wide"
        reasons.append(Reason("stretched", text, {"stretch": round(stretch, 2)}, doubt=True))
        confidence -= min(0.4, 0.2 * (stretch - 1))
    return Proposal(params, Confidence(round(confidence, 3)), tuple(reasons), facts=values)


def _optics(params: Mapping[str, Value], size: tuple[int, int]) -> Optics:
    from safelight.pixels.geometry.optics import Optics

    return Optics(
        size,
        params["distortion"],  # type: ignore[arg-type]
        params["red"],  # type: ignore[arg-type]
        params["blue"],  # type: ignore[arg-type]
        str(params["projection"]),
        float(params["focal"]),  # type: ignore[arg-type]
        params["center"],  # type: ignore[arg-type]
    )


def _zoom(params: Mapping[str, Value], size: tuple[int, int]) -> float:
    from safelight.pixels.geometry.optics import filling_zoom

    given = float(params["zoom"])  # type: ignore[arg-type]
    return given if given > 0 else filling_zoom(_optics(params, size))


def _paint(params: Mapping[str, Value], size: tuple[int, int]) -> GeometryMap:
    """The map through the lens, enlarged about its axis; the plain frame where there is nothing to correct."""
    import numpy as np

    from safelight.pixels.geometry.map import GeometryMap

    optics = _optics(params, size)
    given = float(params["zoom"])  # type: ignore[arg-type]
    if params["source"] == "off" or (optics.is_straight and given in (0.0, 1.0)):
        return GeometryMap.identity(*size)
    zoom = _zoom(params, size)
    x, y = optics.center[0] * size[0], optics.center[1] * size[1]
    look = np.array([[1 / zoom, 0, x - x / zoom], [0, 1 / zoom, y - y / zoom], [0, 0, 1.0]])
    return GeometryMap.of_matrix(look, *size, None if optics.is_straight else optics)


step = Step(
    name="lens",
    version=1,
    stage=Stage.GEOMETRY,
    kind="geometry",
    scale="free",
    reads="original",
    params=PARAMS,
    purpose="Undo what the lens bent: distortion, on request a fisheye's projection, and lateral color.",
    automation="From lensfun's row where camera and lens are really in it; a person sets numbers or switches it off.",
    task="crop",
    operation="non_editorial",
    propose=_propose,
    paint=_paint,
    for_raw=True,
)
