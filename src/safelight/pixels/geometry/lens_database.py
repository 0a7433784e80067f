"""What lensfun's database says of a camera and its lens at a focal length and an aperture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FULL_FRAME_HALF_DIAGONAL_MM = 21.6333  # of 36 x 24 mm, which crop factors are counted against
_SAMPLES = 200
_DISTANCE_M = 10.0  # files rarely say how far the subject was; lensfun's vignetting hardly depends on it beyond 3 m


@dataclass(frozen=True)
class LensRow:
    """A row of the database, brought to one focal length and aperture; lengths in half diagonals.

    Parameters
    ----------
    camera, lens : str
        As the database names them.
    projection : str
        See `optics.Optics`; "" for one that is not built here (panoramic).
    focal : float
    distortion, red, blue : tuples of float or None
        As `optics.Optics` takes them; None where the row has no such measurement.
    vignetting : three floats or None
        Light at radius r is ``1 + k1 r^2 + k2 r^4 + k3 r^6`` of that in the middle, 1 being the corner.
    """

    camera: str
    lens: str
    projection: str
    focal: float
    distortion: tuple[float, float, float, float, float] | None = None
    red: tuple[float, float, float] | None = None
    blue: tuple[float, float, float] | None = None
    vignetting: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Taken:
    """What the file says: make, model, lens name ("" if it says none), focal length, aperture."""

    make: str
    model: str
    lens: str
    focal_mm: float | None
    aperture_f: float | None


def find_row(taken: Taken, size: tuple[int, int]) -> LensRow | str:
    """Look camera and lens up.

    Parameters
    ----------
    taken : Taken
    size : (width, height) px
        Of the upright original.

    Returns
    -------
    LensRow, or a sentence that says why there is none
        Both names must be those of the database, signs, spaces and the maker's name aside: lensfun's own loose
        search answers unknown bodies with wrong neighbors. A file without a lens name matches only where
        a single lens fits the camera, as with cameras whose lens cannot be changed.

    References
    ----------
    lensfun 0.3.4 and its database (CC BY-SA 3.0), read through lensfunpy.
    """
    if not taken.model:
        return "the file names no camera"
    if not taken.focal_mm:
        return "the file names no focal length"
    camera = _camera(taken)
    if camera is None:
        return f"lensfun has no camera {taken.make} {taken.model}"
    lens = _lens(camera, taken)
    if isinstance(lens, str):
        return lens
    if not lens.min_focal * 0.99 <= taken.focal_mm <= lens.max_focal * 1.01:
        return f"{lens.model} has {lens.min_focal:g} to {lens.max_focal:g} mm, the file says {taken.focal_mm:g} mm"
    return _measured(camera, lens, taken, size)


def _camera(taken: Taken) -> Any:  # noqa: ANN401 - lensfunpy's object
    same = [each for each in _database().cameras if _word(each.model, each.maker) == _word(taken.model, taken.make)]
    return next((each for each in same if _maker(each.maker) == _maker(taken.make)), None)


def _lens(camera: Any, taken: Taken) -> Any:  # noqa: ANN401
    fitting = _database().find_lenses(camera)
    if not taken.lens:
        if len(fitting) == 1:
            return fitting[0]
        return f"the file names no lens, and {len(fitting)} fit the {camera.model}"
    same = [each for each in fitting if _word(each.model, each.maker) == _word(taken.lens, each.maker)]
    if not same:
        return f"lensfun has no lens {taken.lens} for the {camera.model}"
    # Of one lens measured on several sensors, the one nearest in size.
    return min(same, key=lambda each: abs(each.crop_factor - camera.crop_factor))


def _measured(camera: Any, lens: Any, taken: Taken, size: tuple[int, int]) -> LensRow:  # noqa: ANN401
    focal, aperture = float(taken.focal_mm or 0), float(taken.aperture_f or lens.min_aperture or 8.0)
    projection = _PROJECTIONS.get(lens.type.name, "")
    bent = _Ray(lens, camera.crop_factor, size, focal, aperture)
    named = camera.model if camera.model.startswith(camera.maker) else f"{camera.maker} {camera.model}"
    return LensRow(
        named,
        lens.model,
        projection,
        focal / (_FULL_FRAME_HALF_DIAGONAL_MM / camera.crop_factor),
        bent.distortion() if lens.calib_distortion else None,
        bent.color("red") if lens.calib_tca else None,
        bent.color("blue") if lens.calib_tca else None,
        bent.vignetting() if lens.calib_vignetting and taken.aperture_f else None,
    )


class _Ray:
    """Lensfun's own arithmetic along a ray from the middle to beyond the corner, fitted by our polynomials.

    Its models are cases of ours, so the fit is exact but for the rounding of 32-bit floats.
    """

    def __init__(self, lens: Any, crop: float, size: tuple[int, int], focal: float, aperture: float) -> None:  # noqa: ANN401
        self._lens, self._crop, self._size, self._how = lens, crop, size, (focal, aperture)
        self._radius = np.linspace(0.02, 1.1, _SAMPLES)
        # Lensfun counts pixel centers at whole numbers. Asked for one place at a time it is exact to 1e-3 px; a whole
        # grid of its own gathers up to 0.3 px of rounding.
        self._middle = np.array(size) / 2 - 0.5
        self._half = float(np.hypot(*size) / 2)

    def distortion(self) -> tuple[float, float, float, float, float]:
        ratio = self._bent("DISTORTION")
        c0, c1, c2, c3, c4 = _fit(self._radius, ratio, (0, 1, 2, 3, 4))
        return c0, c1, c2, c3, c4

    def color(self, which: str) -> tuple[float, float, float]:
        v, c, b = _fit(self._radius, self._bent("TCA", which), (0, 1, 2))
        return v, c, b

    def vignetting(self) -> tuple[float, float, float] | None:
        import lensfunpy

        width = 2001
        height = max(3, round(width * self._size[1] / self._size[0]) | 1)
        modifier = lensfunpy.Modifier(self._lens, self._crop, width, height)
        flags = lensfunpy.ModifyFlags.VIGNETTING
        modifier.initialize(*self._how, _DISTANCE_M, scale=1.0, pixel_format=np.float32, flags=flags)
        even = np.ones((height, width, 3), np.float32)
        if not modifier.apply_color_modification(even):
            return None
        y, x = np.mgrid[0:height:40, 0:width:40]
        radius = np.hypot(x - (width - 1) / 2, y - (height - 1) / 2).ravel() / (np.hypot(width, height) / 2)
        light = 1 / even[y.ravel(), x.ravel(), 1].astype(np.float64)
        k1, k2, k3 = _fit(radius, light - 1, (2, 4, 6))
        return k1, k2, k3

    def _bent(self, flag: str, color: str = "green") -> NDArray[np.float64]:
        """Radius taken / radius meant at each sample."""
        import lensfunpy

        modifier = lensfunpy.Modifier(self._lens, self._crop, *self._size)
        flags = lensfunpy.ModifyFlags[flag]
        # The target is the lens's own geometry: projections are not lensfun's work here.
        modifier.initialize(*self._how, _DISTANCE_M, scale=1.0, targeom=self._lens.type, flags=flags)
        found = []
        for radius in self._radius:
            x, y = self._middle + radius * self._half * np.array([0.8, 0.6])
            if flag == "TCA":
                places = modifier.apply_subpixel_distortion(float(x), float(y), 1, 1)
                place = None if places is None else places[0, 0, {"red": 0, "green": 1, "blue": 2}[color]]
            else:
                places = modifier.apply_geometry_distortion(float(x), float(y), 1, 1)
                place = None if places is None else places[0, 0]
            if place is None:
                return np.ones_like(self._radius)
            found.append(np.hypot(*(np.asarray(place, np.float64) - self._middle)) / (radius * self._half))
        return np.asarray(found, np.float64)


def _fit(radius: NDArray[np.float64], values: NDArray[np.float64], powers: tuple[int, ...]) -> list[float]:
    terms = np.stack([radius**each for each in powers], axis=1)
    # Radii near 0 divide rounding by little: they count by their length.
    weight = radius[:, None]
    solved = np.linalg.lstsq(terms * weight, values * radius, rcond=None)[0]
    # What 32-bit floats leave of a term that the model does not have.
    return [round(float(each), 7) if abs(each) > 3e-6 else 0.0 for each in solved]


def _word(name: str, maker: str) -> str:
    """A name without the maker's, signs and spaces: EF24-105mm f/4L and Canon EF 24-105mm f/4L are one."""
    plain = re.sub(r"[^a-z0-9+]", "", name.lower())
    first = re.sub(r"[^a-z0-9]", "", maker.lower().split(" ")[0]) if maker else ""
    return plain.removeprefix(first) if first and plain != first else plain


def _maker(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().split(" ")[0]) if name else ""


@cache
def _database() -> Any:  # noqa: ANN401
    import lensfunpy

    return lensfunpy.Database()


_PROJECTIONS = {
    "RECTILINEAR": "rectilinear",
    "FISHEYE": "equidistant",
    "FISHEYE_EQUISOLID": "equisolid",
    "FISHEYE_STEREOGRAPHIC": "stereographic",
    "FISHEYE_ORTHOGRAPHIC": "orthographic",
}
