"""One frame as the people models look at it: patches in sRGB code values, from the work picture or from 100 %."""

from __future__ import annotations

import math
from functools import cached_property
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.core.image import Pixels
from safelight.core.step import Picture, Tools
from safelight.pixels.color.spaces import convert, decode, encode, luminance, matrix_between, to_float

Codes = NDArray[np.float32]
Box = tuple[float, float, float, float]

_COARSE_PX = 400


class View:
    """Patches of one frame.

    Places are in px of the work picture, x to the right and y down, pixel centers at half. A dark capture is lifted,
    so that its lightest hundredth is near white: the models were trained on finished pictures.
    """

    def __init__(self, picture: Picture, tools: Tools) -> None:
        self._work, self._tools = picture.image.pixels[..., :3], tools
        self.width, self.height = picture.image.size
        self.reduction = picture.reduction
        self.full_size = picture.full_size
        self.shrunk = picture.shrunk

    @cached_property
    def _gain(self) -> float:
        small = cv2.resize(self._coarse, (64, 64), interpolation=cv2.INTER_AREA)
        light = float(np.percentile(luminance(np.nan_to_num(np.asarray(small, np.float32))), 99))
        return float(np.clip(0.8 / max(light, 1e-4), 1.0, 16.0))

    @cached_property
    def _coarse(self) -> NDArray[np.float32]:
        """The frame at about 400 px, reduced by a whole number: everything that looks at all of it begins here."""
        whole = max(1, max(self.width, self.height) // _COARSE_PX)
        rows, columns = max(1, self.height // whole), max(1, self.width // whole)
        return _resized(self._work[: rows * whole, : columns * whole], columns, rows)

    @cached_property
    def _coarse_codes(self) -> Codes:
        return self._codes(self._coarse, "linear_rec2020")

    def fitted(self, side: int, box: Box | None = None) -> tuple[Codes, float, tuple[float, float]]:
        """Return a part of the frame (or all) fitted into a black square, its scale and its corner.

        ``place in work px = place in the square * scale + corner``. Cut from the full-size original where the work
        picture holds too few pixels.
        """
        x0, y0, x1, y1 = (round(each) for each in (box or (0, 0, self.width, self.height)))
        scale = max(x1 - x0, y1 - y0) / side
        width, height = max(1, round((x1 - x0) / scale)), max(1, round((y1 - y0) / scale))
        if box is None and max(self._coarse.shape) >= side:
            reduced = _resized(self._coarse_codes, width, height)
        else:
            pixels, space = self._cut(x0, y0, x1, y1, finer=scale < 1.0)
            reduced = self._codes(_resized(pixels, width, height), space)
        square = np.zeros((side, side, 3), np.float32)
        left, top = (side - width) // 2, (side - height) // 2
        square[top : top + height, left : left + width] = reduced
        return square, scale, (x0 - left * scale, y0 - top * scale)

    def stretched(self, side: int) -> Codes:
        """Return the whole frame stretched to a square."""
        return _resized(self._coarse_codes, side, side)

    def patch(
        self, center: NDArray[np.float64], side: float, angle_rad: float, out: int
    ) -> tuple[Codes, NDArray[np.float64]]:
        """Return a turned square of `side` work px as `out` px, and the 2 x 3 matrix from its px to work px.

        Cut from the full-size original where the work picture holds too few pixels; black beyond the frame.
        """
        unit = side / out
        turn = np.array([[math.cos(angle_rad), -math.sin(angle_rad)], [math.sin(angle_rad), math.cos(angle_rad)]])
        to_work = np.hstack([turn * unit, (center - turn @ np.full(2, side / 2))[:, None]])
        finer = self.reduction if side < out else 1.0
        corners = to_work @ np.array([[0, out, 0, out], [0, 0, out, out], [1, 1, 1, 1]]) * finer
        low = np.floor(corners.min(axis=1) - 2).astype(int).clip(0, None)
        sides = self.full_size if finer > 1.0 else (self.width, self.height)
        high = np.minimum(np.ceil(corners.max(axis=1) + 2).astype(int), sides)
        if (high - low).min() < 2:
            return np.zeros((out, out, 3), np.float32), to_work
        cut, space = self._cut(*(low / finer), *(high / finer), finer=finer > 1.0)
        # A turn by bilinear sampling reads at most every second pixel well: reduce before.
        shrink = max(1.0, unit * finer / 1.5)
        width, height = (max(1, round(float(each) / shrink)) for each in (high - low))
        small = self._codes(_resized(cut, width, height), space)
        place = np.array([width, height]) / (high - low)
        matrix = to_work * finer * place[:, None]
        matrix[:, 2] -= low * place
        # OpenCV's pixel centers are whole numbers, ours lie at half.
        matrix[:, 2] += matrix[:, :2] @ np.full(2, 0.5) - 0.5
        turned = cv2.warpAffine(small, matrix, (out, out), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        return np.asarray(turned, np.float32), to_work

    def light(self, box: Box) -> NDArray[np.float32]:
        """Return a part of the work picture, (H, W, 3) in linear Rec.2020, finite; `box` in work px."""
        x0, y0, x1, y1 = (max(0, round(each)) for each in box)
        return np.nan_to_num(np.asarray(self._work[y0:y1, x0:x1], np.float32), posinf=1.0, neginf=0.0)

    def at_full_size(self, box: Box) -> NDArray[np.float32]:
        """Return the linear luminance of a part of the full-size original; `box` in work px, at least 1 px large."""
        x0, y0, x1, y1 = box
        pixels, space = self._cut(x0, y0, max(x1, x0 + 1e-3), max(y1, y0 + 1e-3), finer=True, whole=True)
        cut = np.nan_to_num(to_float(cast("Pixels", np.ascontiguousarray(pixels))))
        return luminance(convert(cut, space, "linear_rec2020"))

    def _cut(
        self, x0: float, y0: float, x1: float, y1: float, *, finer: bool, whole: bool = False
    ) -> tuple[Pixels, str]:
        """The pixels of a part, from 100 % if `finer`, and their space; `whole` takes every px that it touches."""
        by = self.reduction if finer else 1.0
        if whole:
            box = (math.floor(x0 * by), math.floor(y0 * by), math.ceil(x1 * by), math.ceil(y1 * by))
        else:
            box = (round(x0 * by), round(y0 * by), round(x1 * by), round(y1 * by))
        if finer and (self.reduction > 1.0 or whole):
            (image,) = self._tools.crops([box])
            return image.pixels[..., :3], image.space
        return self._work[box[1] : box[3], box[0] : box[2]], "linear_rec2020"

    def _codes(self, pixels: Pixels, space: str) -> Codes:
        values = np.nan_to_num(
            to_float(cast("Pixels", np.ascontiguousarray(pixels))), copy=False, nan=0.0, posinf=1.0, neginf=0.0
        )
        if space == "srgb" and self._gain == 1.0:
            return values
        matrix = matrix_between(space, "srgb") * self._gain
        light = cv2.transform(decode(values, space), matrix)
        return encode(np.clip(np.asarray(light, np.float32).reshape(values.shape), 0.0, 1.0), "srgb")


def _resized(pixels: Pixels, width: int, height: int) -> NDArray[np.float32]:
    smaller = width < pixels.shape[1] or height < pixels.shape[0]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(pixels), (width, height), interpolation=how))
