"""What raw.py looks at: made scenes, their mosaics, and measures of places."""

from __future__ import annotations

import cv2
import numpy as np


def to_light(codes: np.ndarray) -> np.ndarray:
    """8-bit sRGB to linear light, float32, of even size."""
    code = codes[: codes.shape[0] // 2 * 2, : codes.shape[1] // 2 * 2].astype(np.float32) / 255
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_code(light: np.ndarray) -> np.ndarray:
    """Linear light to sRGB code values 0..1."""
    held = np.clip(light, 0, 1)
    return np.where(held <= 0.0031308, 12.92 * held, 1.055 * held ** (1 / 2.4) - 0.055).astype(np.float32)


def mosaic_of(light: np.ndarray, neutral: tuple[float, float, float], white: int) -> np.ndarray:
    """What an RGGB sensor stores of linear light, clipped at its white level."""
    seen = light[..., 1] * neutral[1]
    seen = np.array(seen, np.float32)
    seen[0::2, 0::2] = light[0::2, 0::2, 0] * neutral[0]
    seen[1::2, 1::2] = light[1::2, 1::2, 2] * neutral[2]
    return np.clip(np.round(seen * white), 0, white).astype(np.uint16)


def colored_lights(seed: int, size: int = 512) -> np.ndarray:
    """Shaded balls of all colors with highlights, under a sky that grows brighter."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size].astype(np.float32) / size
    out = np.full((size, size, 3), 0.2, np.float32)
    for _ in range(14):
        color = rng.uniform(0.15, 1, 3)
        color /= color.max()
        cx, cy, radius = rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9), rng.uniform(0.06, 0.2)
        away = np.hypot(x - cx, y - cy)
        shade = np.sqrt(np.clip(1 - (away / radius) ** 2, 0, 1))
        spot = np.exp(-((x - cx + radius * 0.3) ** 2 + (y - cy + radius * 0.3) ** 2) / (2 * (radius * 0.12) ** 2))
        ball = color * (0.1 + 0.9 * shade)[..., None] + 1.5 * spot[..., None]
        out[away < radius] = ball[away < radius]
    sky = np.array([0.55, 0.75, 1.0], np.float32) * (0.4 + 0.8 * x[..., None])
    out[: size // 5] = sky[: size // 5]
    return out


def hue_turn(one: np.ndarray, two: np.ndarray, where: np.ndarray) -> float:
    """Mean turn in degrees between two pictures in Lab, where the first has color."""
    chroma = np.hypot(one[..., 1], one[..., 2])
    turn = np.degrees(np.arctan2(two[..., 2], two[..., 1]) - np.arctan2(one[..., 2], one[..., 1]))
    place = where & (chroma > 12)
    return float(np.abs((turn + 180) % 360 - 180)[place].mean()) if place.any() else 0.0


def chess_corners(gray: np.ndarray) -> np.ndarray | None:
    """The 8 x 6 inner corners of a board, (6, 8, 2), pixel centers at half; None if they are not found."""
    found, corners = cv2.findChessboardCorners(gray, (8, 6))
    if not found:
        return None
    fine = cv2.cornerSubPix(gray, corners, (7, 7), (-1, -1), (3, 50, 0.01))
    return fine.reshape(6, 8, 2).astype(np.float64) + 0.5


def _lines(corners: np.ndarray) -> list[np.ndarray]:
    return [*corners, *corners.transpose(1, 0, 2)]


def bowed(corners: np.ndarray) -> float:
    """How far the worst row or column leaves the line through its ends."""
    worst = 0.0
    for line in _lines(corners):
        along = (line[-1] - line[0]) / np.linalg.norm(line[-1] - line[0])
        worst = max(worst, float(np.abs((line - line[0]) @ np.array([-along[1], along[0]])).max()))
    return worst


def rms_bow(corners: np.ndarray) -> float:
    """Root mean square distance of the corners from the best line through their row or column."""
    off = []
    for line in _lines(corners):
        centered = line - line.mean(axis=0)
        off.append((centered @ np.linalg.svd(centered)[2][1]) ** 2)
    return float(np.sqrt(np.mean(np.concatenate(off))))
