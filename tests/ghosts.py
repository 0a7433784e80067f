"""A knitted shirt on a mannequin and the inside of its neck, drawn: both shots, and what the two together must show."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

MANNEQUIN, CLOTH, LINING = (0.62, 0.5, 0.42), (0.05, 0.12, 0.3), (0.04, 0.09, 0.22)
PAPER = 0.78


@dataclass(frozen=True)
class Ghost:
    """Linear Rec.2020 pictures (H, W, 3) with the alphas of their subjects; `truth` is garment and inside as one."""

    outer: np.ndarray
    outer_alpha: np.ndarray
    garment_alpha: np.ndarray
    inner: np.ndarray
    inner_alpha: np.ndarray
    truth_alpha: np.ndarray
    inside: np.ndarray
    matrix: np.ndarray


def ghost(
    height: int = 800, *, turn: float = 1.5, scale: float = 0.94, shift=(14.0, -9.0), light: float = 0.8, seed: int = 3
) -> Ghost:
    """Draw both shots; the second is turned, smaller, moved and darker, by which `matrix` carries it back."""
    width, unit = round(0.9 * height), height / 800
    chance = np.random.default_rng(seed)
    body = _filled(_shirt(unit, width), (height, width))
    neck = _ellipse(width / 2, 150 * unit, 72 * unit, 58 * unit, (height, width))
    garment = np.clip(body - neck, 0, 1)
    back = _ellipse(width / 2, 140 * unit, 76 * unit, 34 * unit, (height, width))
    rib = _ellipse(width / 2, 150 * unit, 84 * unit, 70 * unit, (height, width))
    inside = np.maximum(back, rib * _below(138 * unit, (height, width)))
    cloth = _cloth(CLOTH, (height, width), chance) * (1 - 0.25 * (rib * garment)[..., None])
    lining = _cloth(LINING, (height, width), chance)
    cv2.rectangle(lining, *_box(width / 2, 168 * unit, 22 * unit, 10 * unit), (0.7, 0.7, 0.68), -1)
    paper = np.full((height, width, 3), PAPER, np.float32)
    stand = _filled(np.array([[-45, 40], [45, 40], [62, 260], [-62, 260]]) * unit + [width / 2, 0], (height, width))
    outer_alpha = np.maximum(garment, stand)
    shade = (1 - 0.3 * np.abs(np.linspace(-1, 1, width)) ** 2)[None, :, None]
    bodies = stand[..., None] * np.float32(MANNEQUIN) * shade + (1 - stand[..., None]) * paper
    outer = garment[..., None] * cloth + (1 - garment[..., None]) * bodies
    whole = np.clip(garment + (1 - garment) * inside, 0, 1)
    flat = garment[..., None] * cloth + (1 - garment[..., None]) * (
        inside[..., None] * lining + (1 - inside[..., None]) * paper
    )
    forth = cv2.getRotationMatrix2D((width / 2, height / 2), turn, scale)
    forth[:, 2] += np.array(shift) * unit
    size = width, height
    inner = cv2.warpAffine(flat, forth, size, flags=cv2.INTER_CUBIC, borderValue=(PAPER,) * 3) * light
    inner_alpha = cv2.warpAffine(whole, forth, size)
    back_again = cv2.invertAffineTransform(forth)
    made = (outer, outer_alpha, garment, inner, inner_alpha, whole)
    return Ghost(*(np.asarray(each, np.float32) for each in made), inside=flat.astype(np.float32), matrix=back_again)


def _shirt(unit: float, width: int) -> np.ndarray:
    half = [(0, 120), (70, 112), (92, 118), (215, 170), (300, 330), (232, 372), (196, 300), (190, 720), (0, 728)]
    right = np.array(half, float)
    left = right[::-1] * [-1, 1]
    return np.vstack([right, left]) * unit + [width / 2, 0]


def _filled(points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    found = np.zeros(shape, np.uint8)
    cv2.fillPoly(found, [np.rint(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return found.astype(np.float32) / 255


def _ellipse(x: float, y: float, a: float, b: float, shape: tuple[int, int]) -> np.ndarray:
    found = np.zeros(shape, np.uint8)
    cv2.ellipse(
        found, (round(x * 16), round(y * 16)), (round(a * 16), round(b * 16)), 0, 0, 360, 255, -1, cv2.LINE_AA, 4
    )
    return found.astype(np.float32) / 255


def _below(row: float, shape: tuple[int, int]) -> np.ndarray:
    return np.broadcast_to((np.arange(shape[0]) > row)[:, None], shape).astype(np.float32)


def _box(x: float, y: float, a: float, b: float) -> tuple[tuple[int, int], tuple[int, int]]:
    return (round(x - a), round(y - b)), (round(x + a), round(y + b))


def _cloth(color, shape, chance) -> np.ndarray:
    grain = cv2.GaussianBlur(chance.normal(0, 1, shape).astype(np.float32), (0, 0), 1.2)
    folds = cv2.GaussianBlur(chance.normal(0, 1, shape).astype(np.float32), (0, 0), shape[0] / 30)
    tone = 1 + 0.12 * grain + 0.25 * folds / max(1e-6, float(folds.std())) * 0.4
    return np.asarray(np.float32(color) * tone[..., None].clip(0.4, 1.8), np.float32)
