"""A product on white, cut out exactly, large enough to be delivered anywhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from safelight.core.image import Image
from safelight.delivery.derive import Master
from safelight.delivery.packs import load_pack

SIDE = 2400


def ellipse(width, height, box):
    """Coverage of an ellipse in a box, antialiased over one pixel, float32."""
    x0, y0, x1, y1 = box
    y, x = np.mgrid[:height, :width].astype(np.float32) + 0.5
    rx, ry = (x1 - x0) / 2, (y1 - y0) / 2
    r = np.hypot((x - (x0 + x1) / 2) / rx, (y - (y0 + y1) / 2) / ry)
    return np.clip((1 - r) * min(rx, ry) + 0.5, 0, 1).astype(np.float32)


def light_to_code16(light):
    code = np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)
    return np.round(np.clip(code, 0, 1) * 65535).astype(np.uint16)


def product(width, height, box, *, background=1.0, straight=False):
    """A striped dark-blue product, laid on a background in linear light."""
    alpha = ellipse(width, height, box)
    x = np.arange(width, dtype=np.float32)[None, :, None]
    stripes = (0.06 + 0.04 * np.sin(x / 9)) * np.array([0.4, 0.7, 1.6], np.float32)
    own = np.broadcast_to(stripes, (height, width, 3))
    if straight:
        alpha16 = np.round(alpha * 65535).astype(np.uint16)
        return Image(np.dstack([light_to_code16(own), alpha16]), "srgb", "straight"), alpha
    shown = own * alpha[..., None] + background * (1 - alpha[..., None])
    return Image(np.ascontiguousarray(light_to_code16(shown)), "srgb"), alpha


@pytest.fixture(scope="session")
def packshot():
    """2400 x 2400, filled to 85 %."""
    image, alpha = product(SIDE, SIDE, (300, 180, 2100, 2220))
    return Master(image, alpha)


@pytest.fixture(scope="session")
def small():
    """800 x 800, filled to 85 %: for what does not hang on size."""
    image, alpha = product(800, 800, (100, 60, 700, 740))
    return Master(image, alpha)


@pytest.fixture(scope="session")
def packs():
    return {name: load_pack(name) for name in ("amazon-main", "google-merchant", "walmart")}


def with_output(pack, **changes):
    return replace(pack, output=replace(pack.output, **changes))
