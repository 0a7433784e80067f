"""What a look does to one picture: how far colors move, and what it clips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from safelight.pixels.color import fused
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.spaces import Float32

_SIDE_PX = 400  # shares of areas need no more
_WHITE, _BLACK = 0.999, 0.001
_TELLING = 0.005  # of the picture, from where on clipping is worth a sentence


@dataclass(frozen=True)
class Effect:
    """How far a look moves one picture's colors on the mean (ΔE00), and which shares of it it clips.

    `lost_high` went to white in a channel, `lost_low` to black, and neither was so before.
    """

    mean_delta_e: float
    lost_high: float
    lost_low: float

    @property
    def approved(self) -> float:
        """The probability that a reviewer lets it pass.

        Half of reviewers would send back a look that clips a tenth of the picture or moves it by ΔE00 30.
        """
        doubt = ((self.lost_high + self.lost_low) / 0.1) ** 2 + (self.mean_delta_e / 30.0) ** 2
        return round(1.0 / (1.0 + doubt), 3)

    @property
    def clips(self) -> str:
        """A sentence on what it clips; "" where that is nothing to speak of."""
        if self.lost_high + self.lost_low <= _TELLING:
            return ""
        return f"it clips {self.lost_high:.1%} of the picture to white in a channel and {self.lost_low:.1%} to black"

    def to_facts(self) -> Mapping[str, float]:
        """Return the measures, rounded."""
        return {
            "mean_delta_e": round(self.mean_delta_e, 2),
            "lost_high": round(self.lost_high, 4),
            "lost_low": round(self.lost_low, 4),
        }


def measure_look(pixels: Float32, space: str, transform: Any) -> Effect:  # noqa: ANN401 - an OpenColorIO transform
    """Measure a look on a picture.

    Parameters
    ----------
    pixels : (H, W, 3 or 4) float32 of `space`
        Looked at on a grid of about 400 places a side.
    space : str
        A name of `spaces.SPACES`.
    transform : OpenColorIO transform
        In linear Rec.2020.

    Examples
    --------
    >>> from safelight.pixels.color.transforms import exposure
    >>> effect = measure_look(np.full((8, 8, 3), 0.6, np.float32), "linear_rec2020", exposure(1.0))
    >>> effect.lost_high, effect.clips[:17]
    (1.0, 'it clips 100.0% o')
    """
    step = max(1, max(pixels.shape[:2]) // _SIDE_PX)
    light = np.ascontiguousarray(np.nan_to_num(pixels[::step, ::step, :3]), np.float32)
    before = np.asarray(fused.apply(light, space, (), "srgb", np.float32), np.float32)
    after = np.asarray(fused.apply(light, space, [transform], "srgb", np.float32), np.float32)
    moved = delta_e_2000(lab_from(np.clip(before, 0, 1), "srgb"), lab_from(np.clip(after, 0, 1), "srgb"))
    lost_high = float(((after >= _WHITE).any(axis=2) & (before < _WHITE).all(axis=2)).mean())
    lost_low = float(((after <= _BLACK).all(axis=2) & (before > _BLACK).any(axis=2)).mean())
    return Effect(float(moved.mean()), lost_high, lost_low)
