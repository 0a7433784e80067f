"""The camera of the sample shoot: linear light in, the studio's JPEG out.

Everything optical (blur, exposure, vignetting, noise, white balance) happens
in linear light before encoding, where it happens in a camera.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from denoise import LUMINANCE

Picture = NDArray[np.float32]

# keeps the white patch of the chart under the shoulder; the gray card (0.181) comes out near 0.17
EXPOSURE = 0.95
# signal at linear 1.0 in electrons at ISO 100, and read noise, of a good full-frame sensor
FULL_WELL_E, READ_NOISE_E = 45000.0, 6.0
SHOULDER_START = 0.92


@dataclass(frozen=True)
class Fault:
    """What goes wrong in one frame; the defaults are a good frame.

    Attributes
    ----------
    exposure_stops : float
        Added to the right exposure.
    gains : (3,) float
        Extra red, green, blue gains, as of a wrong white balance preset.
    defocus_radius_px : float
        Radius of the blur disk, px of the delivered picture.
    motion_length_px, motion_angle_deg : float
        Straight smear of the camera; angle from the right, counterclockwise.
    """

    exposure_stops: float = 0.0
    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    defocus_radius_px: float = 0.0
    motion_length_px: float = 0.0
    motion_angle_deg: float = 0.0


def _disk(radius: float) -> Picture:
    """Blur disk of a defocused lens, antialiased by 8x supersampling, sum 1."""
    half = int(np.ceil(radius)) + 1
    fine = (np.arange((2 * half + 1) * 8) + 0.5) / 8 - half - 0.5
    inside = (fine[:, None] ** 2 + fine[None] ** 2 <= radius**2).astype(np.float32)
    n = 2 * half + 1
    kernel = inside.reshape(n, 8, n, 8).mean((1, 3))
    return kernel / kernel.sum()


def _smear(length: float, angle_deg: float) -> Picture:
    """Line of camera motion with a slower end, as a hand jolts, sum 1."""
    half = int(np.ceil(length / 2)) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float64)
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    for t in np.linspace(-0.5, 0.5, 1600):
        x, y = half + t * length * c, half - t * length * s
        x0, y0 = int(x), int(y)
        fx, fy = x - x0, y - y0
        weight = 1 + 0.6 * (t + 0.5)
        for dx, dy, w in ((0, 0, (1 - fx) * (1 - fy)), (1, 0, fx * (1 - fy)), (0, 1, (1 - fx) * fy), (1, 1, fx * fy)):
            kernel[y0 + dy, x0 + dx] += w * weight
    return (kernel / kernel.sum()).astype(np.float32)


def see_through_lens(picture: Picture, fault: Fault, scale: float) -> Picture:
    """Apply lens sharpness, defocus and motion; works on pictures and mattes."""
    out = cv2.GaussianBlur(picture, (0, 0), 0.6, borderType=cv2.BORDER_REFLECT)
    if fault.defocus_radius_px:
        out = cv2.filter2D(out, -1, _disk(fault.defocus_radius_px * scale), borderType=cv2.BORDER_REFLECT)
    if fault.motion_length_px:
        kernel = _smear(fault.motion_length_px * scale, fault.motion_angle_deg)
        out = cv2.filter2D(out, -1, kernel, borderType=cv2.BORDER_REFLECT)
    return out


def expose(linear: Picture, fault: Fault, *, scale: float, seed: int, iso: int = 100) -> Picture:
    """Turn scene light into the camera's linear picture, noise included, unclipped.

    Vignetting is 6 % at the corners; noise is Poisson-like shot noise plus read
    noise at the given ISO; fault gains act after the noise, as in a camera.
    """
    out = see_through_lens(linear, fault, scale) * np.float32(EXPOSURE * 2.0**fault.exposure_stops)
    h, w = out.shape[:2]
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    r2 = ((x - w / 2) ** 2 + (y - h / 2) ** 2) / ((w / 2) ** 2 + (h / 2) ** 2)
    out = out * (1 - 0.06 * r2**1.5)[..., None]
    gain = iso / 100
    electrons = np.maximum(out, 0) * FULL_WELL_E / gain
    sigma = np.sqrt(electrons + READ_NOISE_E**2) * gain / FULL_WELL_E
    rng = np.random.default_rng(seed)
    out = out + sigma * rng.standard_normal(out.shape, dtype=np.float32)
    # a clipped photosite cannot be brought back by a later gain below 1
    return np.minimum(out, 1.15) * np.asarray(fault.gains, np.float32)


def encode_srgb(linear: Picture) -> NDArray[np.uint8]:
    """Roll highlights off from 0.92, clip, encode to 8-bit sRGB, sharpen a little."""
    x = np.maximum(linear, 0)
    room = 1 - SHOULDER_START
    over = np.maximum(x - SHOULDER_START, 0) / room
    # slope 1 at the start of the shoulder, reaches 1 at about 1.15 linear
    rolled = SHOULDER_START + room * np.minimum(1.0, over - 0.16 * over**2)
    rolled = np.where(over > 1 / 0.32, 1.0, rolled)
    x = np.where(x > SHOULDER_START, np.where(over > 2.5, 1.0, rolled), x)
    code = np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-8) ** (1 / 2.4) - 0.055)
    luma = code @ LUMINANCE
    detail = luma - cv2.GaussianBlur(luma, (0, 0), 0.9)
    code = code + 0.35 * detail[..., None]
    return np.round(np.clip(code, 0, 1) * 255).astype(np.uint8)


def srgb_profile() -> bytes:
    """An sRGB ICC profile with its creation date fixed, so files are repeatable."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # ICC.1:2010, 7.2: bytes 24-35 are the date, 84-99 the profile ID (0: not computed)
    data[24:36] = b"".join(v.to_bytes(2, "big") for v in (2025, 3, 18, 9, 0, 0))
    data[84:100] = bytes(16)
    return bytes(data)


def jpeg_bytes(
    code: NDArray[np.uint8], *, time: str, iso: int, exposure_s: float, f_number: float, quality: int = 90
) -> bytes:
    """Encode a JPEG with the EXIF and ICC a studio camera would write.

    Parameters
    ----------
    code : (H, W, 3) uint8, sRGB
    time : str
        Capture time, ``YYYY:MM:DD HH:MM:SS``.
    iso : int
    exposure_s : float, seconds
    f_number : float
    quality : int
        JPEG quality; color is kept at half width (4:2:2).
    """
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "Safelight", "Safelight Render", "samples/render_shoot.py"
    exif[0x0112], exif[0x0132] = 1, time
    exif[0x8298] = "Safelight authors, CC0-1.0"
    detail = exif.get_ifd(0x8769)
    detail[0x829A], detail[0x829D], detail[0x8827] = exposure_s, f_number, iso
    detail[0x9003], detail[0x9004] = time, time
    detail[0x920A], detail[0xA405] = 85.0, 85
    detail[0xA001] = 1
    out = io.BytesIO()
    Image.fromarray(code).save(
        out, "JPEG", quality=quality, subsampling="4:2:2", optimize=True, exif=exif, icc_profile=srgb_profile(),
        dpi=(300, 300),
    )  # fmt: skip
    return out.getvalue()


def write_matte(alpha: Picture, path: Path) -> None:
    """Write a matte, 0 to 1, as an 8-bit gray PNG."""
    Image.fromarray(np.round(np.clip(alpha, 0, 1) * 255).astype(np.uint8)).save(path, optimize=True)
