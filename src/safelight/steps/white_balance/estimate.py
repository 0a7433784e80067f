"""From what one frame's facts say to one correction with its expected error; no pixels here."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Reason

if TYPE_CHECKING:
    from safelight.pixels.measure.illuminant_vote import Vote

# A file that was finished for a screen was balanced once. Beyond this many stops a cast is a colored wall, not light.
# A capture may never have been balanced; sensors see green up to two stops better than blue.
_MOST_STOPS = {"finished": 1.3, "as_shot": 2.0}
_WALL_STOPS = 1.1
# Degrees that each opinion is usually off where it is right, and how much it counts. Gray pixels lead: on colored
# scenes they fail rarely, and not together with the statistics. Those four share the pixels, so none counts in full.
_STATISTICS = {
    "gray_index": (0.8, 0.6),
    "gray_mode": (0.8, 0.25),
    "mean_edge": (0.8, 0.35),
    "bright_and_dark": (0.8, 0.3),
}
_PATCH = (0.4, 5.0)
_PAPER = 3.0
_PAPER_DEG = 1.0


@dataclass(frozen=True)
class Estimate:
    """A correction in stops relative to green, the error it may have in degrees, and where it comes from."""

    red: float
    blue: float
    error_deg: float
    source: str
    reasons: tuple[Reason, ...] = ()

    @property
    def is_anchored(self) -> bool:
        """True if something known to be neutral was seen: a gray patch or paper."""
        return self.source in ("chart", "backdrop", "white backdrop")


def estimate(metering: Mapping[str, Any], chart: Mapping[str, Any] | None = None) -> Estimate:
    """Weigh everything that speaks of one frame's light and return what it agrees on.

    Parameters
    ----------
    metering : mapping
        The facts of the metering step.
    chart : mapping, optional
        Facts of a color chart in the frame; its ``neutral_rgb`` is its gray patches' color, linear Rec.2020.

    Notes
    -----
    A gray patch leads, then white paper behind the subject; then gray pixels, edges and the brightest and darkest
    pixels, against what is usual: a finished file was balanced, and a capture by its camera. `error_deg` grows with
    their disagreement.
    """
    from safelight.pixels.measure.illuminant_vote import agree

    prior = "as_shot" if metering.get("scene_referred") else "finished"
    patch, paper = _patch_vote(chart), _Paper.of(metering)
    votes = [*_statistics_votes(metering.get("neutral_gains", {}))]
    source = "statistics" if votes else "nothing"
    if paper is not None:
        votes.append(paper.vote)
        source = paper.source
    if patch is not None:
        votes.append(patch)
        source = "chart"
    agreed = agree(votes, prior, most_stops=_MOST_STOPS[prior])  # type: ignore[arg-type]
    red, blue, error = agreed.red, agreed.blue, 0.8 + 1.2 * agreed.error_deg
    if source == "chart" and patch is not None:
        red, blue, error = patch.red, patch.blue, 0.5 + 0.5 * agreed.error_deg
    elif source in ("backdrop", "white backdrop") and paper is not None:
        # Paper is exact where it is paper at all; the others only say whether it is.
        if angle_between((red, blue), (paper.vote.red, paper.vote.blue)) < 2.0 + paper.vote.spread_deg:
            red, blue = paper.vote.red, paper.vote.blue
        error = 0.5 * paper.vote.spread_deg + agreed.error_deg
    elif prior == "finished":
        # A strong cast of a finished file is as likely the hour of the day, or the lamps that were meant.
        error += 0.15 * angle_between((red, blue), (0.0, 0.0))
    reasons = _reasons(source, (red, blue), votes, error, scene_referred=prior == "as_shot")
    return Estimate(red, blue, error, source, (*reasons, *(paper.reasons if paper is not None else ())))


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


def _statistics_votes(gains: Mapping[str, Sequence[float]]) -> list[Vote]:
    from safelight.pixels.measure.illuminant_vote import Vote

    return [Vote(name, *_stops(gains[name]), *_STATISTICS[name]) for name in sorted(_STATISTICS) if name in gains]


def _patch_vote(chart: Mapping[str, Any] | None) -> Vote | None:
    """A gray patch, if it was read: three positive numbers."""
    from safelight.pixels.measure.illuminant_vote import Vote

    seen = (chart or {}).get("neutral_rgb")
    if not isinstance(seen, (list, tuple)) or len(seen) != 3 or not all(math.isfinite(c) and c > 1e-4 for c in seen):
        return None
    red, blue = _stops([1.0 / each for each in seen])
    return Vote("chart", red, blue, *_PATCH) if max(abs(red), abs(blue)) <= _MOST_STOPS["as_shot"] else None


@dataclass(frozen=True)
class _Paper:
    """What the backdrop says, taken to be neutral paper."""

    vote: Vote
    source: str
    reasons: tuple[Reason, ...]

    @staticmethod
    def of(metering: Mapping[str, Any]) -> _Paper | None:
        from safelight.pixels.measure.illuminant_vote import Vote

        backdrop, gains = metering.get("backdrop", {}), metering.get("neutral_gains", {})
        if not backdrop.get("found") or "backdrop" not in gains:
            return None
        if min(backdrop["clipped"]) > 0.5:
            if metering.get("scene_referred"):
                return None  # a sensor clips in every color of light
            text = f"the backdrop is pure white over {backdrop['share']:.0%} of the frame, so it is neutral already"
            reason = Reason("white_backdrop", text, {"share": backdrop["share"]})
            return _Paper(Vote("backdrop", 0.0, 0.0, _PAPER_DEG, _PAPER), "white backdrop", (reason,))
        stops = _stops(gains["backdrop"])
        # What is not lighter than nearly all of the subject may be a wall of any color or the garment itself.
        if backdrop["lighter_than"] < 0.9 or max(abs(each) for each in stops) > _WALL_STOPS:
            return None
        cast, tint = angle_between(stops, (0.0, 0.0)), _tint(stops)
        clipped = max(backdrop["clipped"]) > 0.5
        if not clipped and (backdrop["level"] < 0.1 or tint > 0.35):
            return None
        spread = _PAPER_DEG + (1.0 if clipped else 0.0) + 6.0 * max(0.0, tint - 0.1)
        # A strong cast is as likely colored paper as colored light; a twelfth of it is doubt.
        spread += 0.5 * backdrop["uniformity_stops"] + 0.08 * cast
        text = f"the backdrop at {backdrop['level']:.2f} of white is {cast:.1f} degrees off neutral"
        reasons = [Reason("backdrop_cast", text, {"angle_deg": round(cast, 1), "level": backdrop["level"]})]
        if clipped:
            text = "a channel of the backdrop is clipped; its gain was completed from the colors light usually has"
            reasons.append(Reason("backdrop_clipped", text, {"share": max(backdrop["clipped"])}, doubt=True))
        return _Paper(Vote("backdrop", *stops, spread, _PAPER), "backdrop", tuple(reasons))


def _tint(stops: tuple[float, float]) -> float:
    """How far a correction lies off the line from lamps to sky, in stops; daylight gains run about 2 red to -3 blue."""
    return abs(3.0 * stops[0] + 2.0 * stops[1]) / math.hypot(3.0, 2.0)


def _reasons(
    source: str, found: tuple[float, float], votes: Sequence[Vote], error: float, *, scene_referred: bool
) -> list[Reason]:
    """Say how far the opinions lie from what was agreed on."""
    if source == "nothing":
        if scene_referred:
            text = "nothing neutral was found; the camera's own white balance stands"
            return [Reason("as_shot", text, {"error_deg": round(error, 1)}, doubt=True)]
        return [Reason("no_neutral", "no neutral place was found; nothing was changed", doubt=True)]
    apart = {each.name: round(angle_between(found, (each.red, each.blue)), 1) for each in votes}
    cast = angle_between(found, (0.0, 0.0))
    near = [name for name, angle in sorted(apart.items()) if angle <= 3.0]
    values = {"angle_deg": round(cast, 1), "error_deg": round(error, 1), **apart}
    text = f"a cast of {cast:.1f} degrees; {len(near)} of {len(apart)} estimates agree within 3 degrees"
    if len(near) < len(apart):
        name = max(sorted(apart), key=lambda each: apart[each])
        text += f", {name.replace('_', ' ')} is {apart[name]:.1f} off"
    return [Reason("agreement", text, values, doubt=source == "statistics" and error > 2.5)]
