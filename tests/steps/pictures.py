"""Small pictures with known light, for the tests of steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from safelight.core.image import Image
from safelight.core.step import Picture


class Lent:
    """The tools of a run that has one picture in memory."""

    def __init__(self, full: Image) -> None:
        self._full = full

    def full(self) -> Image:
        return self._full

    def crops(self, boxes: Any) -> list[Image]:
        from safelight.media.held import within

        places = (within(each, self._full.size) for each in boxes)
        return [
            self._full.with_pixels(np.ascontiguousarray(self._full.pixels[y0:y1, x0:x1])) for x0, y0, x1, y1 in places
        ]

    def reduced(self) -> Image:
        from safelight.pixels.geometry.halve import halved

        return self._full.with_pixels(np.ascontiguousarray(halved(self._full.pixels)))

    def put(self, kind: str, data: bytes, media_type: str) -> Any:
        raise AssertionError("this step makes no artifact")

    def get(self, artifact: Any) -> bytes:
        raise AssertionError("this step reads no artifact")

    def resource(self, name: str) -> bytes:
        raise AssertionError("this step reads no resource")


def picture(linear: np.ndarray, **more: Any) -> tuple[Picture, Lent]:
    """A display-referred sRGB file of `linear` (H, W, 3) linear Rec.2020, as a step sees it, with its tools."""
    from safelight.pixels.color.spaces import convert, to_integers

    image = np.ascontiguousarray(linear, np.float32)
    codes = to_integers(convert(np.nan_to_num(image), "linear_rec2020", "srgb"), np.uint8)
    size = (image.shape[1], image.shape[0])
    return Picture(Image(image, "linear_rec2020"), size, **more), Lent(Image(np.ascontiguousarray(codes), "srgb"))


def packshot(level: float = 0.6, gains: tuple[float, float, float] = (1.0, 1.0, 1.0), side: int = 240) -> np.ndarray:
    """A product of several colors before even paper at `level`, lit by a light of `gains`, linear Rec.2020."""
    scene = np.full((side, side, 3), level, np.float32)
    colors = np.random.default_rng(5).uniform(0.05, 0.8, (6, 6, 3)).astype(np.float32) * level
    inner = side // 2 // 6 * 6
    start = (side - inner) // 2
    scene[start : start + inner, start : start + inner] = np.kron(colors, np.ones((inner // 6, inner // 6, 1)))
    return np.ascontiguousarray(scene * np.float32(gains))


def camera_file(linear: np.ndarray, **more: Any) -> tuple[Picture, Lent]:
    """What an 8-bit sRGB file of `linear` decodes to: clipped and rounded."""
    from safelight.pixels.color.spaces import convert, to_float

    _, tools = picture(linear, **more)
    decoded = convert(to_float(tools.full().pixels), "srgb", "linear_rec2020")
    return picture(decoded, **more)
