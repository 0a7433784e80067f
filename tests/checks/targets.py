"""Pictures with known truth: disks of known blur, packshots on white with their matte."""

from functools import cache

import cv2
import numpy as np

from safelight.core.check import Check, Subject, Verdict, judge
from safelight.core.image import Image


@cache
def disks(blur_px: float, size: int = 640, dark: int = 60, light: int = 180, across: int = 4) -> np.ndarray:
    """Disks in rows of `across`, drawn four times as large, blurred, averaged down: uint8 sRGB code values."""
    large = np.full((4 * size, 4 * size), dark, np.float32)
    apart = 4 * size // across
    for y in range(apart // 2, 4 * size, apart):
        for x in range(apart // 2, 4 * size, apart):
            cv2.circle(large, (x, y), int(0.3 * apart), float(light), -1)
    soft = cv2.GaussianBlur(large, (0, 0), 4 * blur_px)
    gray = np.rint(cv2.resize(soft, (size, size), interpolation=cv2.INTER_AREA)).astype(np.uint8)
    return np.repeat(gray[..., None], 3, axis=2)


def packshot(width: int = 400, height: int = 500, fill: float = 0.7, color=(150, 60, 40), blur_px: float = 0.8):
    """A textured box composited in linear light on white, and its matte: uint8 sRGB, float32."""
    rng = np.random.default_rng(7)
    alpha = np.zeros((height, width), np.float32)
    w, h = round(width * fill * 0.7), round(height * fill)
    x, y = (width - w) // 2, (height - h) // 2
    alpha[y : y + h, x : x + w] = 1
    alpha = np.ascontiguousarray(cv2.GaussianBlur(alpha, (0, 0), blur_px))
    checks = (np.indices((height, width)) // 12).sum(axis=0) % 2
    texture = np.asarray(color)[None, None] + checks[..., None] * 40 + rng.normal(0, 1.5, (height, width, 1))
    linear = (np.clip(texture, 0, 255) / 255) ** 2.2
    mixed = alpha[..., None] * linear + (1 - alpha[..., None])
    return np.rint(mixed ** (1 / 2.2) * 255).astype(np.uint8), alpha


def seen(pixels: np.ndarray, space: str = "srgb", **more) -> Subject:
    """A subject of `pixels`; an original may be given as pixels too."""
    if isinstance(more.get("original"), np.ndarray):
        more["original"] = Image(more["original"], "srgb")
    return Subject(Image(np.ascontiguousarray(pixels), space), **more)


def judged(check: Check, subject: Subject) -> tuple[Verdict, dict[str, float | None], tuple]:
    """Verdict, values by name, evidence."""
    findings = check.measure(subject)
    return judge(check, findings), {each.name: each.value for each in findings.measures}, findings.evidence
