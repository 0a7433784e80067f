"""Small studio shoots made of arithmetic: a product on a lit backdrop, as a camera would hand it over."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow


def product(seed: int = 0, width: int = 1100, height: int = 900, *, stops: float = 0.0, cast=(1.0, 1.0, 1.0)):
    """Return an 8-bit sRGB picture (H, W, 3): a textured box with a cap on a gray-white sweep with a soft shadow."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 0.86 - 0.10 * ((x / width - 0.5) ** 2 + (y / height - 0.45) ** 2)
    cx, cy = width * 0.5, height * 0.55
    shadow = np.exp(-(((x - cx) / (width * 0.22)) ** 2 + ((y - cy - height * 0.27) / (height * 0.035)) ** 2))
    light = light * (1 - 0.45 * shadow)
    picture = np.repeat(light[..., None], 3, axis=2)

    scale = 4
    big = np.zeros((height * scale, width * scale), np.uint8)
    left, right = int((cx - width * 0.16) * scale), int((cx + width * 0.16) * scale)
    top, bottom = int((cy - height * 0.26) * scale), int((cy + height * 0.27) * scale)
    cv2.rectangle(big, (left, top), (right, bottom), 255, -1)
    cv2.ellipse(big, (int(cx * scale), top), ((right - left) // 2, int(height * 0.08 * scale)), 0, 180, 360, 255, -1)
    alpha = cv2.resize(big, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255

    base = rng.uniform(0.06, 0.42, 3).astype(np.float32)
    weave = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 0.9)
    stripes = 0.75 + 0.25 * (np.sin(y / 9 + seed) > 0)
    shade = 1.15 - 0.5 * np.abs((x - cx) / (width * 0.3))
    subject = base * (stripes * shade * (1 + 0.12 * weave))[..., None]
    picture = picture * (1 - alpha) + subject * alpha
    picture = picture * (2.0**stops) * np.asarray(cast, np.float32)
    picture = picture + rng.normal(0, 0.0025, picture.shape)
    return encode(picture)


def encode(linear):
    """Return linear light as 8-bit sRGB code values."""
    light = np.clip(linear, 0, 1)
    code = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(code * 255).astype(np.uint8)


def jpeg(pixels, *, taken="2026:03:01 10:00:00", model="Test One", quality=92) -> bytes:
    """Return a camera's JPEG."""
    exif = Pillow.Exif()
    exif[271], exif[272] = "Safelight", model
    exif.get_ifd(0x8769)[36867] = taken
    out = io.BytesIO()
    Pillow.fromarray(pixels).save(out, "JPEG", quality=quality, subsampling=0, exif=exif)
    return out.getvalue()


def write_shoot(folder: Path, number: int = 4, **kind) -> Path:
    """Write `number` products as packshots and return the shoot's folder."""
    place = folder / "packshots"
    place.mkdir(parents=True)
    for n in range(number):
        data = jpeg(product(seed=n, **kind), taken=f"2026:03:01 10:{n:02}:00")
        (place / f"SKU{n:02}_front.jpg").write_bytes(data)
    return folder


SPOT_CHECK_GUIDE = """
client = "Acme"
[delivery]
channels = ["amazon-main", "google-merchant"]
names = "{sku}_{view}.{ext}"
[category.packshot]
lane = { name = "fast", route = "spot_check", confidence = 0.5 }
acceptance = ["The product is whole and sharp on pure white."]
"""
