"""Frames that are no photographs of a product: slates with codes on them, lens caps, blank frames."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.measure.ranked import percentiles, percentiles_of_sorted

Blank = Literal["black", "even", "none"]

_HALVINGS = 4
_BLOCK_PX = 2**_HALVINGS
# A code of black and white modules changes by a seventh of the full scale from px to px; an edge of a product does so
# on one px in a block of 16.
_BUSY = 0.14
_BLACK_LIGHT = 0.012  # linear light; 11 % of code values
_EVEN_STOPS = 0.6
_MOST_DECODE_PX = 1200
_MODULES_PX = 4.0
_CARD_LEVELS = (0.03, 0.9)  # of white: 18 % under and over by two stops; beyond, noise or clipping has a say
_GRAY_CARD = re.compile(
    r"(?<![a-z])(gr[ae]y[ _-]?card|graukarte|wb[ _-]?card|white[ _-]?balance)(?![a-z])", re.IGNORECASE
)


@dataclass(frozen=True)
class Code:
    """A code that was read: its text, ``"qr"`` or the barcode's type, its box (x0, y0, x1, y1) in px of the picture."""

    text: str
    kind: str
    box: tuple[float, float, float, float]


def busy_places(codes: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    """Return boxes (x0, y0, x1, y1) in px where a code could be: fields of hard, dense changes. Cheap; misses few.

    Parameters
    ----------
    codes : (H, W) uint8, gray code values, 800 to 1600 px on the long side

    Examples
    --------
    >>> busy_places(np.full((480, 640), 128, np.uint8))
    []
    """
    height, width = (each // _BLOCK_PX for each in codes.shape)
    if min(height, width) < 1:
        return []
    cut = codes[: height * _BLOCK_PX, : width * _BLOCK_PX]
    across, down = np.zeros_like(cut), np.zeros_like(cut)
    cv2.absdiff(cut[:, :-1], cut[:, 1:], dst=across[:, :-1])
    cv2.absdiff(cut[:-1], cut[1:], dst=down[:-1])
    changes = cv2.max(across, down)
    for _ in range(_HALVINGS):  # a fifth of the time of one step to the size, and within one code value of it
        changes = cv2.resize(changes, (changes.shape[1] // 2, changes.shape[0] // 2), interpolation=cv2.INTER_AREA)
    busy = (np.asarray(changes) > _BUSY * 255).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(busy, np.ones((3, 3), np.uint8)), connectivity=8)
    found = []
    for x, y, across_blocks, down_blocks, _ in stats[1:count].tolist():
        if int(busy[y : y + down_blocks, x : x + across_blocks].sum()) < 3:
            continue
        x0, y0 = x * _BLOCK_PX, y * _BLOCK_PX
        found.append((x0, y0, x0 + across_blocks * _BLOCK_PX, y0 + down_blocks * _BLOCK_PX))
    return sorted(found, key=lambda each: -(each[2] - each[0]) * (each[3] - each[1]))


def read_codes(codes: NDArray[np.uint8]) -> list[Code]:
    """Read QR codes and barcodes (EAN-8, EAN-13, UPC) in a picture, at any turn.

    Parameters
    ----------
    codes : (H, W) uint8, gray code values
        Modules of 2 px and more; larger pictures are reduced, small ones enlarged.

    Returns
    -------
    list of Code
        Only what decoded with its own check digits or error correction.
    """
    if min(codes.shape) < 16:
        return []
    scale = min(4.0, max(0.0, _MOST_DECODE_PX / max(codes.shape)))
    sized = codes if 0.8 < scale < 1.25 else cv2.resize(codes, None, fx=scale, fy=scale, interpolation=_how(scale))
    scale = sized.shape[1] / codes.shape[1]
    found = [*_read_qr(sized), *_read_bars(sized)]
    return [Code(each.text, each.kind, tuple(v / scale for v in each.box)) for each in found]


def find_blank(light: NDArray[np.float32], ordered: NDArray[np.float32] | None = None) -> Blank:
    """Tell a lens cap and an even frame from a photograph.

    Parameters
    ----------
    light : (H, W) float32, linear luminance, 1.0 = white
        About 400 px; noise is averaged away by the reduction.
    ordered : (H * W,) float32, optional
        The same in order, where somebody has put it in order before.

    Examples
    --------
    >>> find_blank(np.full((60, 80), 0.002, np.float32)), find_blank(np.full((60, 80), 0.18, np.float32))
    ('black', 'even')
    """
    if ordered is not None and math.isfinite(float(light.sum())):
        low, high = (float(each) for each in percentiles_of_sorted(ordered, (0.5, 99.5)))
        return _blank_of(low, high)
    clean = light if math.isfinite(float(light.sum())) else np.nan_to_num(light, nan=0.0, posinf=1.0, neginf=0.0)
    low, high = (float(each) for each in percentiles(clean, (0.5, 99.5)))
    return _blank_of(low, high)


def _blank_of(low: float, high: float) -> Blank:
    if high < _BLACK_LIGHT:
        return "black"
    return "even" if np.log2(max(high, 1e-6) / max(low, 1e-6)) < _EVEN_STOPS else "none"


def is_gray_card(path: str, slate: Mapping[str, Any]) -> bool:
    """Say whether a frame is a gray card that was photographed for the color of the light.

    Parameters
    ----------
    path : str
        Its file's name must say so: an even frame may as well be cloth, whose color is no light's.
    slate : mapping
        Facts of the slate step; the frame must be one even tone, neither black nor white.

    Examples
    --------
    >>> even = {"kind": "even", "level": 0.2}
    >>> is_gray_card("day 1/DSC_0412 gray card.jpg", even), is_gray_card("day 1/linen.jpg", even)
    (True, False)
    """
    if slate.get("kind") != "even" or not _CARD_LEVELS[0] <= float(slate.get("level") or 0.0) <= _CARD_LEVELS[1]:
        return False
    return _GRAY_CARD.search(path.rpartition("/")[2]) is not None


def sku_in(text: str) -> str:
    """Return the article number that a slate's text names, or "".

    ``SKU: 4711``, ``sku=4711&view=front`` and a bare word of up to 40 letters, digits, dots, dashes and underscores
    are understood; an address or a sentence is not.

    Examples
    --------
    >>> sku_in("SKU: AB-12"), sku_in("4006381333931"), sku_in("https://example.org/x")
    ('AB-12', '4006381333931', '')
    """
    named = re.search(r"(?:^|[\s;&?])(?:sku|article|item)\s*[:=]\s*([\w.\-]{1,40})", text, re.IGNORECASE)
    if named:
        return named.group(1)
    bare = text.strip()
    return bare if re.fullmatch(r"[\w.\-]{1,40}", bare) else ""


def _how(scale: float) -> int:
    return int(cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def _read_qr(codes: NDArray[np.uint8]) -> list[Code]:
    framed = cv2.copyMakeBorder(codes, 16, 16, 16, 16, cv2.BORDER_CONSTANT, value=255)
    for detector in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
        found, texts, corners, _ = detector.detectAndDecodeMulti(framed)
        read = (
            [Code(text, "qr", _box(at - 16)) for text, at in zip(texts, corners, strict=True) if text] if found else []
        )
        if read:
            return read
    return []


def _read_bars(codes: NDArray[np.uint8]) -> list[Code]:
    """Barcodes that read the same once more, a quarter smaller: the check digit alone lets one in ten stripes pass."""
    first = _bars(codes)
    if not first:
        return []
    again = {each.text for each in _bars(cv2.resize(codes, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA))}
    return [each for each in first if each.text in again]


def _bars(codes: NDArray[np.uint8]) -> list[Code]:
    framed = cv2.copyMakeBorder(codes, 16, 16, 16, 16, cv2.BORDER_CONSTANT, value=255)
    found, texts, kinds, corners = cv2.barcode.BarcodeDetector().detectAndDecodeWithType(framed)
    if not found:
        return []
    return [
        Code(text, kind.lower().replace("_", "-"), _box(at - 16))
        for text, kind, at in zip(texts, kinds, corners, strict=True)
        if text
    ]


def _box(corners: Any) -> tuple[float, float, float, float]:  # noqa: ANN401 - cv2 has no types here
    points = np.asarray(corners, np.float64).reshape(-1, 2)
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)
