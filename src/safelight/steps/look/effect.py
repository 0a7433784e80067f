"""What a look does to one picture: how far colors move, and what it clips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from safelight.core.edit import Reason
from safelight.core.image import Image

_SIDE_PX = 400  # shares of areas need no more
_WHITE, _BLACK = 0.999, 0.001


@dataclass(frozen=True)
class Effect:
    """The probability that a reviewer lets it pass, why, and the measures."""

    approved: float
    reasons: tuple[Reason, ...]
    facts: Mapping[str, float]


def measure_look(image: Image, transform: Any) -> Effect:  # noqa: ANN401 - an OpenColorIO transform
    """Measure a look on a picture, linear Rec.2020.

    A look that moves the mean color by ΔE00 5 is plain to see and may be right; one that clips what was not
    clipped loses the client's product.
    """
    from safelight.pixels.color import fused
    from safelight.pixels.color.difference import delta_e_2000, lab_from

    step = max(1, max(image.size) // _SIDE_PX)
    light = np.ascontiguousarray(np.nan_to_num(image.pixels[::step, ::step, :3]), np.float32)
    before = np.asarray(fused.apply(light, image.space, (), "srgb", np.float32), np.float32)
    after = np.asarray(fused.apply(light, image.space, [transform], "srgb", np.float32), np.float32)
    moved = delta_e_2000(lab_from(np.clip(before, 0, 1), "srgb"), lab_from(np.clip(after, 0, 1), "srgb"))
    lost_high = float(((after >= _WHITE).any(axis=2) & (before < _WHITE).all(axis=2)).mean())
    lost_low = float(((after <= _BLACK).all(axis=2) & (before > _BLACK).any(axis=2)).mean())
    facts = {
        "mean_delta_e": round(float(moved.mean()), 2),
        "lost_high": round(lost_high, 4),
        "lost_low": round(lost_low, 4),
    }
    reasons = [Reason("look", f"the look moves colors by ΔE00 {moved.mean():.1f} on the mean", facts)]
    if lost_high + lost_low > 0.005:
        text = f"it clips {lost_high:.1%} of the picture to white in a channel and {lost_low:.1%} to black"
        reasons.append(Reason("look_clips", text, facts, doubt=True))
    # Half of reviewers would send back a look that clips a tenth of the picture or moves it by ΔE00 30.
    doubt = ((lost_high + lost_low) / 0.1) ** 2 + (float(moved.mean()) / 30.0) ** 2
    return Effect(round(1.0 / (1.0 + doubt), 3), tuple(reasons), facts)
