"""What of a picture's color should stay the same over a batch, and how far it moved from the first to the last."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.spaces import to_float

MARKERS = ("neutrals", "shadows", "skin")
_SIDE_PX = 320
_LEAST_SHARE = 0.004
_LEAST_FRAMES = 6

Lab = tuple[float, float, float]


@dataclass(frozen=True)
class Drift:
    """How far one marker moved over a batch.

    Parameters
    ----------
    marker : str
    frames : int
        That have it.
    first, last : Lab
        Medians of the first and the last quarter of the frames.
    delta_e : float
        ΔE00 between them.
    spread : float
        Median ΔE00 of single frames from their own quarter's median: what a frame differs by anyway.
    """

    marker: str
    frames: int
    first: Lab
    last: Lab
    delta_e: float
    spread: float


def markers_of(pixels: NDArray[Any], space: str) -> dict[str, Lab]:
    """Measure the markers of one picture: medians of Lab (D50), lightness kept apart from none of them.

    Parameters
    ----------
    pixels : (H, W, 3) uint8, uint16 or float32, code values of `space`
    space : str

    Returns
    -------
    dict
        ``neutrals``: what is nearly gray, between L* 30 and 92, so that paper set to white says nothing; ``shadows``:
        L* 4 to 25; ``skin``: hues 35 to 75 degrees at moderate chroma, which skin has and wood and cardboard too.
        Markers that cover less than 0.4 % of the frame are left out.

    Examples
    --------
    >>> markers_of(np.full((40, 40, 3), 128, np.uint8), "srgb")["neutrals"]
    (53.59, 0.0, 0.0)
    """
    ratio = min(1.0, _SIDE_PX / max(pixels.shape[:2]))
    size = max(1, round(pixels.shape[1] * ratio)), max(1, round(pixels.shape[0] * ratio))
    small = np.ascontiguousarray(cv2.resize(pixels[..., :3], size, interpolation=cv2.INTER_AREA))
    lab = lab_from(to_float(small), space).reshape(-1, 3)
    lightness, chroma = lab[:, 0], np.hypot(lab[:, 1], lab[:, 2])
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1]))
    chosen = {
        "neutrals": (chroma < 8) & (lightness > 30) & (lightness < 92),
        "shadows": (lightness > 4) & (lightness < 25),
        "skin": (hue > 35) & (hue < 75) & (chroma > 12) & (chroma < 40) & (lightness > 30) & (lightness < 88),
    }
    return {
        name: _rounded(np.median(lab[where], axis=0)) for name, where in chosen.items() if where.mean() >= _LEAST_SHARE
    }


def drift_over(frames: Sequence[Mapping[str, Lab]]) -> tuple[Drift, ...]:
    """Compare the first quarter of a batch with the last, marker by marker.

    Parameters
    ----------
    frames : sequence of `markers_of` results
        Sorted by capture time. Six frames with a marker are needed for it.

    Returns
    -------
    tuple of Drift
        Of those markers that enough frames have.

    Notes
    -----
    Medians of quarters, so that one odd product at either end is no drift; a* and b* of shadows and neutrals carry the
    cast, L* the exposure.

    Examples
    --------
    >>> batch = [{"neutrals": (60.0, 0.1 * n, 0.0)} for n in range(20)]
    >>> round(drift_over(batch)[0].delta_e, 1)
    2.1
    """
    found = []
    for marker in MARKERS:
        seen = [np.array(each[marker], np.float64) for each in frames if marker in each]
        if len(seen) < _LEAST_FRAMES:
            continue
        count = max(2, len(seen) // 4)
        ends = [np.median(np.array(part), axis=0) for part in (seen[:count], seen[-count:])]
        spread = [
            float(delta_e_2000(each, end))
            for part, end in zip((seen[:count], seen[-count:]), ends, strict=True)
            for each in part
        ]
        moved = float(delta_e_2000(ends[0], ends[1]))
        found.append(Drift(marker, len(seen), _rounded(ends[0]), _rounded(ends[1]), moved, statistics.median(spread)))
    return tuple(found)


def is_drift(drift: Drift, limit: float = 2.0) -> bool:
    """Say whether a batch drifted: beyond `limit` ΔE00, and beyond what its frames differ by anyway.

    Examples
    --------
    >>> is_drift(Drift("neutrals", 20, (60, 0, 0), (60, 3, 0), 4.0, 0.5))
    True
    >>> is_drift(Drift("skin", 20, (60, 9, 20), (60, 12, 20), 3.0, 4.0))
    False
    """
    return drift.delta_e > limit and drift.delta_e > 1.5 * drift.spread


def _rounded(lab: Any) -> Lab:  # noqa: ANN401 - three numbers
    first, second, third = (round(float(each), 2) + 0.0 for each in lab)
    return (first, second, third) if math.isfinite(first) else (0.0, 0.0, 0.0)
