"""What the light of a raw capture asks of its view: lift, black and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from safelight.core.edit import Reason
from safelight.core.image import Image

MIDDLE_GRAY = 0.18
# Three quarters of the way from the middle tones to middle gray: a dark scene stays darker than a light one.
_TOWARD_GRAY = 0.75
# The brightest hundredth belongs near white; 1.2 stops above it the shoulder still holds what matters.
_NEAR_WHITE, _SHOULDER_STOPS = 0.7, 1.2
_MOST_STOPS = 3.0
_CLIPPED = 0.995


@dataclass(frozen=True)
class Metered:
    """Stops of lift, the light to be taken off as flare, their expected error in stops, and the reasons."""

    stops: float
    black: float
    error_stops: float
    reasons: tuple[Reason, ...]


def meter(image: Image) -> Metered:
    """Measure a scene-referred picture, linear Rec.2020, 1.0 = sensor clipping."""
    from safelight.pixels.color.spaces import luminance

    rgb = np.nan_to_num(np.asarray(image.pixels[..., :3], np.float32), nan=0.0, posinf=1.0, neginf=0.0)
    light = np.maximum(luminance(rgb), 2.0**-16)
    low, first, last, high = (float(each) for each in np.percentile(light, (0.5, 25, 75, 99)))
    inner = light[(light >= first) & (light <= last)]
    middle = float(np.exp(np.log(inner).mean()))
    most = np.maximum(np.maximum(rgb[..., 0], rgb[..., 1]), rgb[..., 2])
    clipped = float((most >= _CLIPPED).mean())
    by_middle = _TOWARD_GRAY * math.log2(MIDDLE_GRAY / middle)
    by_high = math.log2(_NEAR_WHITE / high) + _SHOULDER_STOPS
    stops = min(_MOST_STOPS, max(0.0, min(by_middle, by_high)))
    black = min(0.006, 0.3 * low * 2.0**stops)
    reasons = [_told(stops, middle, high)]
    # Where middle tones and highlights ask for much apart, a person may side with either.
    error = 0.2 + 0.15 * stops + 0.12 * max(0.0, by_middle - by_high)
    if clipped > 0.002:
        error += min(0.6, 6.0 * clipped)
        text = f"{clipped:.1%} of the capture is clipped at the sensor; no view brings detail back there"
        reasons.append(Reason("clipped_highlights", text, {"share": round(clipped, 4)}, doubt=True))
    if by_middle > _MOST_STOPS or stops > 2.0:
        text = f"middle tones lie {-math.log2(middle / MIDDLE_GRAY):.1f} stops under middle gray: lifting shows noise"
        reasons.append(Reason("dark_capture", text, {"middle": round(middle, 5)}, doubt=True))
        error += 0.2
    return Metered(round(stops, 2), round(black, 4), error, tuple(reasons))


def _told(stops: float, middle: float, high: float) -> Reason:
    under, share = math.log2(middle / MIDDLE_GRAY), 100 * high
    text = (
        f"middle tones lie {under:+.1f} stops from middle gray and the brightest hundredth at {share:.0f} % of "
        f"sensor clipping: {stops:+.2f} stops"
    )
    return Reason("metered", text, {"middle": round(middle, 5), "high": round(high, 4), "stops": round(stops, 2)})
