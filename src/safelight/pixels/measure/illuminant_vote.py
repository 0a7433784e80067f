"""One color of light from many opinions: where they agree, and how far it may be off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Prior = Literal["finished", "as_shot"]

_STEP = 0.06  # stops; a cell of the grid is about 1.4 degrees wide near neutral
_NEAR_DEG = 5.0


@dataclass(frozen=True)
class Vote:
    """One opinion: the correction it asks for, in stops relative to green, and how much it is to be believed.

    Parameters
    ----------
    red, blue : float, stops
        The gains that would make its light neutral.
    spread_deg : float
        How far it is usually off when it is right at all.
    weight : float
        How fast belief falls with distance, as a power; opinions drawn from the same pixels share one.
    """

    name: str
    red: float
    blue: float
    spread_deg: float
    weight: float


@dataclass(frozen=True)
class Agreed:
    """The correction that was agreed on, in stops, and its expected error in degrees."""

    red: float
    blue: float
    error_deg: float


def agree(votes: Sequence[Vote], prior: Prior, *, most_stops: float) -> Agreed:
    """Weigh `votes` against each other and against what is usual, and tell how far the result may be off.

    Parameters
    ----------
    votes : sequence of Vote
        In any order; those that are not finite are left out.
    prior : {"finished", "as_shot"}
        What the file is before any opinion: balanced for a screen, most likely well; or a capture under the camera's
        own balance, which is off more often and further.
    most_stops : float
        No correction beyond this is thought of.

    Returns
    -------
    Agreed
        `error_deg` is the mean angle between the agreed light and the lights that the votes leave possible. Without
        votes the correction is none and the error that of the prior.

    Notes
    -----
    A posterior on a grid of corrections. A vote is a Student t on the angle, so that one that is far off loses
    instead of dragging the others along; the prior is narrow around no correction and wide along the line from
    lamps to sky. Of several peaks the highest wins, and the others show in the error.

    Examples
    --------
    >>> lamp = [Vote(name, -0.4, 0.7, 1.0, 1.0) for name in "ab"]
    >>> found = agree(lamp, "finished", most_stops=1.3)
    >>> round(found.red, 1), round(found.blue, 1), agree([], "finished", most_stops=1.3).red
    (-0.4, 0.7, 0.0)
    """
    stops, lights = _grid(most_stops)
    belief = _log_prior(prior, most_stops).copy()
    told = sorted(votes, key=lambda each: (each.name, each.red, each.blue))
    for each in told:
        if np.isfinite([each.red, each.blue]).all():
            off = _angles(lights, _light(each.red, each.blue))
            belief -= 1.5 * each.weight * np.log1p((off / each.spread_deg) ** 2)
    if not told:
        return Agreed(0.0, 0.0, _error(np.exp(belief), lights, _light(0.0, 0.0)))
    share = np.exp(belief - belief.max())
    share /= share.sum()
    near = share * (_angles(lights, lights[int(belief.argmax())]) < _NEAR_DEG)
    red, blue = (float(each) for each in near @ stops / near.sum())
    return Agreed(red, blue, _error(share, lights, _light(red, blue)))


def _light(red: float, blue: float) -> NDArray[np.float64]:
    """The unit vector of the light that a correction makes neutral."""
    light = np.array([2.0**-red, 1.0, 2.0**-blue])
    return np.asarray(light / np.linalg.norm(light))


def _angles(lights: NDArray[np.float64], one: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.degrees(np.arccos(np.clip(lights @ one, -1.0, 1.0))))


def _error(share: NDArray[np.float64], lights: NDArray[np.float64], one: NDArray[np.float64]) -> float:
    return float((share * _angles(lights, one)).sum() / share.sum())


@cache
def _grid(most_stops: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corrections (N, 2) in stops, none among them, and the unit lights (N, 3) they belong to."""
    half = int(np.floor(most_stops / _STEP))
    one = _STEP * np.arange(-half, half + 1)
    stops = np.stack(np.meshgrid(one, one, indexing="ij"), axis=-1).reshape(-1, 2)
    lights = np.stack([2.0 ** -stops[:, 0], np.ones(len(stops)), 2.0 ** -stops[:, 1]], axis=1)
    return stops, lights / np.linalg.norm(lights, axis=1, keepdims=True)


@cache
def _log_prior(prior: Prior, most_stops: float) -> NDArray[np.float64]:
    """Narrow around no correction, wide along the line from lamps to sky, a little everywhere."""
    stops, lights = _grid(most_stops)
    spread, wide_share = {"finished": (2.5, 0.15), "as_shot": (3.0, 0.4)}[prior]
    narrow = np.exp(-0.5 * (_angles(lights, _light(0.0, 0.0)) / spread) ** 2)
    along, across = stops @ np.array([2.0, -3.0]) / 13**0.5, stops @ np.array([3.0, 2.0]) / 13**0.5
    wide = np.exp(-0.5 * (along / 0.7) ** 2 - 0.5 * (across / 0.3) ** 2)
    mixed = (1.0 - wide_share) * narrow / narrow.sum()
    mixed += wide_share * (0.7 * wide / wide.sum() + 0.3 / len(stops))
    return np.asarray(np.log(mixed))
