"""From metering facts to stops with their expected error; no pixels here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from safelight.core.edit import Reason

# Paper behind a packshot: light enough to read as white, below clipping, so that its edge with a white product stays.
WHITE_LEVEL = 0.92
_GOOD_WHITE = (0.88, 1.01)
# Faces, cloth and wood live here, in stops from middle gray; a median inside it needs no help.
_GOOD_MEDIAN = (-1.8, 0.9)
_NOTHING = -6.0  # stops from middle gray: code value 9 of 255 in sRGB, a lens cap and its noise
# Studio pictures measure under 0.006, but for garments of pale orange; overexposed ones from 0.02 up.
_PALE_SHARE = 0.02
_WHITE_STOPS = math.log2(1.0 / 0.18)


@dataclass(frozen=True)
class Estimate:
    """Stops for one frame, the error they may have in stops, what they are anchored on, and why."""

    stops: float
    error_stops: float
    anchor: str
    reasons: tuple[Reason, ...] = ()


def estimate(metering: Mapping[str, Any]) -> Estimate:
    """Choose the stops that one frame's metering speaks for: by its white backdrop, else by its subject."""
    levels = metering.get("subject_percentiles_stops") or metering.get("percentiles_stops")
    if not levels:
        return Estimate(0.0, 2.0, "nothing", (Reason("no_metering", "the frame was not metered", doubt=True),))
    found = _doubt_pale(metering, _from_backdrop(metering) or _from_subject(metering, levels))
    clipped = metering.get("subject_clipped", 0.0)
    if clipped < 0.1:
        return found
    text = f"{clipped:.0%} of the subject is clipped in a channel; darkening brings no detail back"
    doubt = Reason("subject_clipped", text, {"share": clipped}, doubt=True)
    error = found.error_stops + 4.0 * (clipped - 0.1) + (0.5 if found.stops > 0.0 else 0.0)
    return Estimate(found.stops, error, found.anchor, (*found.reasons, doubt))


def _doubt_pale(metering: Mapping[str, Any], found: Estimate) -> Estimate:
    """White paper is white however long the shutter was open; pale things that lost their red tell of it."""
    lost = metering.get("pale_clipped", 0.0)
    if lost <= _PALE_SHARE or found.anchor != "white backdrop":
        return found
    text = f"the paper is white, but {lost:.1%} of skin, wood or cream has lost its red: more light than was meant"
    reason = Reason("pale_clipped", text, {"share": lost}, doubt=True)
    return replace(found, error_stops=found.error_stops + 0.6 + 2.0 * lost, reasons=(*found.reasons, reason))


def headroom_stops(metering: Mapping[str, Any]) -> float:
    """Return how far a frame can be lifted before the brightest half percent of its subject clips; 0 at least."""
    levels = metering.get("subject_percentiles_stops", {})
    return max(0.0, _WHITE_STOPS - float(levels.get("99.5", -9.0)))


def highlights_after(metering: Mapping[str, Any], stops: float) -> float:
    """Return where the subject's brightest half percent lies after `stops`, as a multiple of white."""
    levels = metering.get("subject_percentiles_stops", {})
    return float(2.0 ** (levels.get("99.5", -9.0) + stops - _WHITE_STOPS))


def _from_backdrop(metering: Mapping[str, Any]) -> Estimate | None:
    backdrop = metering["backdrop"]
    if not backdrop.get("found") or backdrop["lighter_than"] < 0.9:
        return None
    level = backdrop["level"]
    values = {"level": level, "target": WHITE_LEVEL}
    if max(backdrop["clipped"]) > 0.5 or _GOOD_WHITE[0] <= level <= _GOOD_WHITE[1]:
        text = f"the backdrop lies at {level:.2f} of white already"
        return Estimate(0.0, 0.15, "white backdrop", (Reason("white_backdrop", text, values),))
    # Paper meant gray, or daylight fading over a wall: lifting it to white would be a guess.
    if level < 0.1 or backdrop["uniformity_stops"] > 1.0:
        return None
    stops = math.log2(WHITE_LEVEL / level)
    text = f"the backdrop lies at {level:.2f} of white; {stops:+.2f} stops bring it to {WHITE_LEVEL}"
    reasons = [Reason("backdrop_level", text, values)]
    error = 0.15 + 0.2 * abs(stops) + 0.3 * backdrop["uniformity_stops"]
    if stops > 1.5:
        text = f"{stops:.1f} stops is much: the paper may be meant gray, and shadows show their noise"
        reasons.append(Reason("far_from_white", text, {"stops": round(stops, 2)}, doubt=True))
    return Estimate(stops, error, "backdrop", tuple(reasons))


def _from_subject(metering: Mapping[str, Any], levels: Mapping[str, float]) -> Estimate:
    middle, high = levels["50"], levels["99.5"]
    low, top = _GOOD_MEDIAN
    off = (low - middle) if middle < low else (top - middle) if middle > top else 0.0
    # Half of the way: a black dress is dark and a wedding dress light for good reason.
    stops = 0.5 * off
    if stops > 0.0:
        stops = max(0.0, min(stops, _WHITE_STOPS - high))
    elif metering.get("subject_clipped", 0.0) > 0.02:
        stops = 0.0
    values = {"median_stops": middle, "highlights_stops": high}
    if high < _NOTHING:
        text = f"the lightest of it lies {high:+.1f} stops from middle gray: there is no picture to lighten"
        return Estimate(0.0, 0.6 + 0.3 * abs(off), "subject", (Reason("all_black", text, values, doubt=True),))
    if not off:
        text = f"the subject's median of {middle:+.1f} stops from middle gray is usual"
        return Estimate(0.0, 0.5, "subject", (Reason("usual_median", text, values),))
    text = f"no white backdrop; a subject's median of {middle:+.1f} stops from middle gray asks for {stops:+.2f} stops"
    return Estimate(stops, 0.6 + 0.3 * abs(off), "subject", (Reason("subject_median", text, values, doubt=True),))
