"""Products of one known color before white paper, as a camera hands them over: what a swatch is held against."""

from __future__ import annotations

import cv2
import numpy as np

from safelight.pixels.color.chart_reference import lab_of_light
from safelight.pixels.color.difference import delta_e_2000
from safelight.pixels.color.spaces import matrix_between
from tests.shoots import encode

SWATCH = (52.0, 34.0, 22.0)  # CIE Lab under D50: a terracotta that a cast moves in every direction


def light_of(lab):
    """Linear sRGB light of a CIE Lab color under D50, (3,) float64, found by Newton on `lab_of_light`."""
    to_working = matrix_between("srgb", "linear_rec2020").astype(np.float64)
    rgb, wanted = np.full(3, 0.2), np.asarray(lab, np.float64)
    for _ in range(30):
        now = lab_of_light(to_working @ rgb)
        moved = np.stack([(lab_of_light(to_working @ (rgb + 1e-6 * step)) - now) / 1e-6 for step in np.eye(3)], axis=1)
        rgb = rgb + np.linalg.solve(moved, wanted - now)
    return rgb


def cast_of(delta_e, lab=SWATCH, direction=(1.0, 0.0, -1.0)):
    """Gains of red, green and blue, green kept, that move a color by ΔE00 `delta_e`."""
    to_working = matrix_between("srgb", "linear_rec2020").astype(np.float64)
    light, low, high = light_of(lab), 0.0, 2.0
    for _ in range(40):
        stops = (low + high) / 2
        seen = lab_of_light(to_working @ (light * 2.0 ** (stops * np.asarray(direction))))
        low, high = (stops, high) if delta_e_2000(seen, np.asarray(lab, np.float64)) < delta_e else (low, stops)
    return 2.0 ** (low * np.asarray(direction))


def matte_box(
    lab=SWATCH, *, cast=(1.0, 1.0, 1.0), seed=0, width=1100, height=900, paper=1.25, box=(0.32, 0.25, 0.68, 0.8)
):
    """Return an 8-bit sRGB picture (H, W, 3): an evenly lit matte box of one color on clipped white paper."""
    dice = np.random.default_rng(seed)
    scale = 4
    big = np.zeros((height * scale, width * scale), np.uint8)
    corners = [int(share * side * scale) for share, side in zip(box, (width, height) * 2, strict=True)]
    cv2.rectangle(big, (corners[0], corners[1]), (corners[2], corners[3]), 255, -1)
    alpha = cv2.resize(big, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
    y = np.linspace(1.04, 0.9, height, dtype=np.float32)[:, None, None]
    grain = 1 + 0.03 * cv2.GaussianBlur(dice.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 0.8)
    subject = light_of(lab).astype(np.float32) * y * grain[..., None]
    light = (paper * (1 - alpha) + subject * alpha) * np.asarray(cast, np.float32)
    return encode(light + dice.normal(0, 0.002, light.shape))
