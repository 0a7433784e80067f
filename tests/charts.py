"""Charts as a camera sees them: published colors in linear light, with perspective, cast and noise."""

from __future__ import annotations

import cv2
import numpy as np

from safelight.pixels.color.chart_reference import light_of_lab, reference_lab

SIZE = (1200, 900)


def draw_chart(chart: str, size: tuple[int, int] = SIZE, *, angle: float = 0.0, tilt: float = 0.0, fill: float = 0.6):
    """Linear Rec.2020 light of a chart on a gray table, seen from the side: (H, W, 3) float32."""
    light = light_of_lab(reference_lab(chart)).reshape(4, 6, 3)
    pitch, side = 100, 86
    flat = np.full((4 * pitch + 60, 6 * pitch + 60, 3), 0.035)
    for row in range(4):
        for column in range(6):
            y, x = 30 + row * pitch + (pitch - side) // 2, 30 + column * pitch + (pitch - side) // 2
            flat[y : y + side, x : x + side] = light[row, column]
    width, height = size
    h, w = flat.shape[:2]
    k = fill * width / w
    corners = np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) / 2 * k
    turn = np.radians(angle)
    corners = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    corners = corners / (1 + tilt * corners[:, :1] / width) + np.array(size) / 2
    place = cv2.getPerspectiveTransform(np.float32([[0, 0], [w, 0], [w, h], [0, h]]), corners.astype(np.float32))
    table = np.full((height, width, 3), 0.25, np.float32)
    cv2.warpPerspective(
        flat.astype(np.float32), place, size, dst=table, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_TRANSPARENT
    )
    return cv2.GaussianBlur(table, (0, 0), 0.8)


def photograph(light, rng: np.random.Generator, *, stops: float, cast, mix: float, fall: float, noise: float):
    """What a camera of other filters records, not clipped: crosstalk, cast, exposure, fall of light, noise."""
    camera = np.eye(3) + mix * np.array([[-0.35, 0.3, 0.05], [0.12, -0.3, 0.18], [0.02, 0.25, -0.27]])
    height, width = light.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    plane = 2.0 ** (fall * (0.8 * x + 0.6 * y) / 2)
    seen = (light @ camera.T.astype(np.float32)) * np.float32(cast) * np.float32(2.0**stops) * plane[..., None]
    grain = np.sqrt(np.maximum(seen, 0) * 0.18 + 0.001) * noise
    return (seen + rng.standard_normal(seen.shape) * grain).astype(np.float32)
