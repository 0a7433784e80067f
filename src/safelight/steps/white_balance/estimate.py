"""From metering facts to one correction with its expected error; no pixels here."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safelight.core.edit import Reason

# A file that was finished for a screen was balanced once. Beyond this many stops a cast is a colored wall, not light.
_MOST_STOPS = 1.1
# The median error of statistics-based estimates on studio pictures is about 5 degrees; a backdrop's about 1.
_BACKDROP_DEG, _STATISTICS_DEG, _AS_SHOT_DEG = 1.0, 5.0, 3.0


@dataclass(frozen=True)
class Estimate:
    """A correction in stops relative to green, the error it may have in degrees, and where it comes from."""

    red: float
    blue: float
    error_deg: float
    source: str
    reasons: tuple[Reason, ...] = ()


def estimate(metering: Mapping[str, Any]) -> Estimate:
    """Choose the correction that one frame's metering speaks for.

    White paper behind the subject leads; without it the statistics of the
    picture move it part of the way, as far as they agree; what was balanced as
    shot (RAW) or shows no neutral stays as it is, with a doubt.
    """
    gains = metering.get("neutral_gains", {})
    backdrop = metering.get("backdrop", {})
    if backdrop.get("found") and "backdrop" in gains:
        found = _from_backdrop(_stops(gains["backdrop"]), metering)
        if found is not None:
            return found
    if metering.get("scene_referred"):
        text = "no neutral backdrop was found; the camera's own white balance stands"
        return Estimate(0.0, 0.0, _AS_SHOT_DEG, "as shot", (Reason("as_shot", text),))
    return _from_statistics(gains)


def angle_between(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return the angle, in degrees, between the neutrals that two corrections (red, blue in stops) would make."""
    a, b = ([2.0 ** each[0], 1.0, 2.0 ** each[1]] for each in (first, second))
    cosine = sum(x * y for x, y in zip(a, b, strict=True)) / (math.hypot(*a) * math.hypot(*b))
    return math.degrees(math.acos(min(1.0, cosine)))


def median_of(estimates: Sequence[Estimate]) -> tuple[float, float]:
    """Return the median correction, red and blue each; it does not depend on the order of `estimates`."""
    return statistics.median(e.red for e in estimates), statistics.median(e.blue for e in estimates)


def _stops(gains: Sequence[float]) -> tuple[float, float]:
    return math.log2(gains[0] / gains[1]), math.log2(gains[2] / gains[1])


def _from_backdrop(stops: tuple[float, float], metering: Mapping[str, Any]) -> Estimate | None:
    backdrop = metering["backdrop"]
    if min(backdrop["clipped"]) > 0.5:
        text = f"the backdrop is pure white over {backdrop['share']:.0%} of the frame, so it is neutral already"
        return Estimate(0.0, 0.0, _BACKDROP_DEG, "white backdrop", (Reason("white_backdrop", text),))
    # What is not lighter than nearly all of the subject may be a wall of any color or the garment itself.
    if backdrop["lighter_than"] < 0.9 or max(abs(each) for each in stops) > _MOST_STOPS:
        return None
    cast = angle_between(stops, (0.0, 0.0))
    tint = _tint(stops)
    clipped = max(backdrop["clipped"]) > 0.5
    if not clipped and (backdrop["level"] < 0.1 or tint > 0.35):
        return None
    error = _BACKDROP_DEG + (1.5 if clipped else 0.0) + 6.0 * max(0.0, tint - 0.1) + 0.5 * backdrop["uniformity_stops"]
    # A strong cast is as likely colored paper as colored light; a tenth of it is doubt.
    error += 0.1 * cast
    values = {"angle_deg": round(cast, 1), "level": backdrop["level"]}
    text = f"the backdrop at {backdrop['level']:.2f} of white is {cast:.1f} degrees off neutral"
    reasons = [Reason("backdrop_cast", text, values)]
    if clipped:
        text = "a channel of the backdrop is clipped; its gain was completed from the colors light usually has"
        reasons.append(Reason("backdrop_clipped", text, {"share": max(backdrop["clipped"])}, doubt=True))
    return Estimate(stops[0], stops[1], error, "backdrop", tuple(reasons))


def _tint(stops: tuple[float, float]) -> float:
    """How far a correction lies off the line from lamps to sky, in stops; daylight gains run about 2 red to -3 blue."""
    return abs(3.0 * stops[0] + 2.0 * stops[1]) / math.hypot(3.0, 2.0)


def _from_statistics(gains: Mapping[str, Sequence[float]]) -> Estimate:
    known = [_stops(gains[name]) for name in ("shades_of_gray", "gray_edge") if name in gains]
    if len(known) < 2:
        text = "no neutral place was found; nothing was changed"
        return Estimate(0.0, 0.0, 2.0 * _STATISTICS_DEG, "nothing", (Reason("no_neutral", text, doubt=True),))
    apart = angle_between(*known)
    red, blue = (sum(each[i] for each in known) / 2.0 for i in (0, 1))
    cast = angle_between((red, blue), (0.0, 0.0))
    values = {"angle_deg": round(cast, 1), "apart_deg": round(apart, 1)}
    # Colored subjects fool both estimates alike, so half way is the most, and nothing once they differ by 8 degrees.
    share = 0.5 * max(0.0, 1.0 - apart / 8.0)
    if max(abs(red), abs(blue)) > _MOST_STOPS or cast < 2.0:
        share = 0.0
    error = _STATISTICS_DEG + 0.5 * apart + 0.3 * cast
    text = f"without a neutral backdrop two estimates find a cast of {cast:.1f} degrees and differ by {apart:.1f}"
    return Estimate(share * red, share * blue, error, "statistics", (Reason("statistics", text, values, doubt=True),))
