"""One sandboxed decoder for all tests of media, and small pictures to feed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from safelight.core.image import Image
from safelight.media.sandbox import Decoder


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    with Decoder() as opened:
        yield opened


@pytest.fixture
def noise() -> Callable[..., NDArray]:
    def make(shape: tuple[int, ...], dtype: type = np.uint8, seed: int = 1) -> NDArray:
        rng = np.random.default_rng(seed)
        if dtype is np.float32:
            return rng.random(shape, np.float32)
        return rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)

    return make


@pytest.fixture
def smooth() -> Image:
    """A picture that JPEG keeps well: two slow ramps."""
    y, x = np.mgrid[0:48, 0:64].astype(np.float32)
    pixels = np.stack((x * 3 + 20, y * 4 + 20, (x + y) + 60), axis=-1)
    return Image(np.ascontiguousarray(pixels.astype(np.uint8)), "srgb")


@pytest.fixture
def keep(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def write(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write
