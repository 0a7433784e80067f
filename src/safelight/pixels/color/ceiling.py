"""What a file clipped in single channels, raised as the correction reveals it: clipped paper under a cast is white.

A channel at its ceiling is known to be too low and never too high. Balanced, clipped paper of a warm light falls short
in red and turns cyan. Seen under the light that the correction takes away, such a channel is raised to the others:

    b = s / n,   w = smoothstep(0.93, 0.985, s),   l <= m <= t the channels of b in order
    v = max(w of the other two,   where b >= m: min(1, 2 (m - l) / (t - l)))
    a = m + (1.5 v - 0.5) (t - m),   b' = b + w max(0, min(a, b n / min(n)) - b),   s' = b' n

where s is light of the file's own channels and n the light that becomes gray. Where the lowest channel alone is
clipped the other two say what tint there may be: gray where they are alike, else a tint that runs on by half of what
they are apart, so that a pale blue whose red is just clipped stays one. Where the middle one is clipped (a face in warm
light), or a second, there was so much light that the top is likelier. A channel is raised by at most what the
correction has lowered it against the others: without a correction nothing changes, and a lamp clipped in red alone,
which is the top itself, keeps its color.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name
from numpy.typing import NDArray

from safelight.pixels.color.flatten import leaves_of, runs_of, sort_of
from safelight.pixels.color.light import light_of
from safelight.pixels.color.spaces import WORKING, Float32, Pixels, matrix_between, space_named, to_float
from safelight.pixels.color.transforms import chain

# Light of a channel: JPEG leaves flat clipped paper at codes 253 and 254 (0.982 and 0.991), its edges at 250 (0.956).
FROM, TO = 0.93, 0.985
ONWARD = 0.5  # of 0, 0.5 and 1 the one with the least mean on 21 pictures under three casts, and few made worse
_BLOCK = 4096  # pixels: the few dozen planes of them stay in a core's own cache, and their memory is used again
_SEEN = 1.002  # a correction weaker than this, between two channels, is below half a code value


@dataclass(frozen=True)
class Ceiling:
    """Where a file clipped, and what its correction makes gray.

    Parameters
    ----------
    space : str
        In whose code values the file was clipped, at 1.
    neutral : (red, green, blue)
        Light of the primaries of `space` that becomes gray, at any level; all above 0.
    """

    space: str
    neutral: tuple[float, float, float]

    @property
    def is_seen(self) -> bool:
        """False where the correction leaves gray as it is, so that nothing would change."""
        return max(self.neutral) > _SEEN * min(self.neutral)

    @property
    def most(self) -> tuple[float, float, float]:
        """By what each channel is raised at most, as a factor."""
        red, green, blue = (each / min(self.neutral) for each in self.neutral)
        return red, green, blue


def is_clipped_in(space: str) -> bool:
    """Return True if integers of a space are clipped at its white; linear 16 bits hold what was converted."""
    return space_named(space).curve.gamma != 1.0


def ceiling_under(corrections: Sequence[ocio.Transform], space: str) -> Ceiling | None:
    """Return what a correction makes of a file's ceiling; None where it is no matrix, or a wild one.

    Parameters
    ----------
    corrections : sequence of OpenColorIO transforms
        Of the correction stage, in linear Rec.2020, in order; the matrices that lead count.
    space : str
        Of the file.

    Examples
    --------
    >>> from safelight.pixels.color.transforms import gain
    >>> [round(each, 2) for each in ceiling_under([gain(0.5, 0.5, 0.5)], "srgb").neutral]
    [1.0, 1.0, 1.0]
    """
    runs = runs_of(leaves_of(chain(*corrections)), sort_of) if corrections else []
    if not runs or runs[0].rows is None or runs[0].offset is None or runs[0].offset.any():
        return None
    if abs(np.linalg.det(runs[0].rows)) < 1e-9:
        return None
    neutral = matrix_between(WORKING, space) @ np.linalg.solve(runs[0].rows, np.ones(3))
    if not (np.isfinite(neutral).all() and neutral.min() > 0.02 * neutral.max() > 0):
        return None
    red, green, blue = (float(each) for each in neutral / neutral.max())
    return Ceiling(space, (red, green, blue))


def raised(light: Float32, ceiling: Ceiling) -> Float32:
    """Return light with its clipped channels raised; see the module.

    Parameters
    ----------
    light : (N, 3) float32, linear, primaries of ``ceiling.space``
        As the file has it, before any correction.
    ceiling : Ceiling

    Returns
    -------
    (N, 3) float32
        A new array. Nothing is lowered; what is below 0.93 in all channels is the very same.

    Examples
    --------
    >>> warm = Ceiling("srgb", (1.0, 0.74, 0.46))
    >>> paper, lamp = raised(np.float32([[1, 1, 0.62], [1, 0.2, 0.05]]), warm)
    >>> [round(float(each), 2) for each in paper / np.float32(warm.neutral)]
    [1.35, 1.35, 1.35]
    >>> [round(float(each), 2) for each in lamp]
    [1.0, 0.2, 0.05]
    """
    scale, most = (np.array(each, np.float32)[:, None] for each in (ceiling.neutral, ceiling.most))
    given = np.ascontiguousarray(light.T)
    seen = given / scale
    red, green, blue = seen
    less, more = np.minimum(red, green), np.maximum(red, green)
    low, middle, top = np.minimum(less, blue), np.maximum(less, np.minimum(more, blue)), np.maximum(more, blue)
    share = np.clip((given - np.float32(FROM)) * np.float32(1 / (TO - FROM)), 0, 1)
    share *= share * (3 - 2 * share)
    others = np.stack([np.maximum(share[one], share[two]) for one, two in ((1, 2), (0, 2), (0, 1))])
    place = np.clip(2 * (middle - low) / np.maximum(top - low, np.float32(1e-6)), 0, 1)
    sure = np.maximum(others, np.where(seen >= middle, place, 0))
    aim = middle + (sure * np.float32(1 + ONWARD) - np.float32(ONWARD)) * (top - middle)
    lift = share * np.maximum(np.minimum(aim, seen * most) - seen, 0)
    return np.ascontiguousarray((given + lift * scale).T, np.float32)


def raise_clipped(
    pixels: Pixels, space: str, ceiling: Ceiling, *, from_light: bool = False, needed: NDArray[Any] | None = None
) -> Float32:
    """Return the linear light of a picture, of the primaries of `space`, its clipped channels raised.

    Parameters
    ----------
    pixels : (H, W, 3) uint8, uint16 or float32
        Code values of `space`, or linear light of its primaries.
    space : str
        Need not be the ceiling's: light that was brought to linear Rec.2020 is looked at in the file's channels.
    ceiling : Ceiling
    needed : (H, W) uint8 or uint16, or None
        Where it is 0 nobody will see the color, and nothing is raised.

    Returns
    -------
    (H, W, 3) float32
        A new array.
    """
    light = np.ascontiguousarray(to_float(pixels) if from_light else light_of(pixels, space))
    away, back = (matrix_between(*way).astype(np.float32) for way in ((space, ceiling.space), (ceiling.space, space)))
    own = light if space == ceiling.space else np.asarray(cv2.transform(cast(Any, light), away), np.float32)
    near: Any = cv2.bitwise_not(cv2.inRange(cast(Any, own), (-3.4e38,) * 3, (FROM,) * 3))
    if needed is not None:
        near = cv2.bitwise_and(near, cv2.compare(cast(Any, needed), 0.0, cv2.CMP_GT))
    if not cv2.countNonZero(near):
        return light
    flat, seen = light.reshape(-1, 3), own.reshape(-1, 3)
    if own is light:  # flat white, of which there is most, in one go
        white = cv2.bitwise_and(near, cv2.inRange(cast(Any, own), (1.0,) * 3, (1.0,) * 3))
        cv2.copyTo(np.full_like(light, raised(np.ones((1, 3), np.float32), ceiling)[0]), white, light)
        near = cv2.bitwise_xor(near, white)
    places = np.flatnonzero(near)
    for start in range(0, len(places), _BLOCK):
        some = places[start : start + _BLOCK]
        before = seen.take(some, axis=0)
        after = raised(before, ceiling)
        flat[some] = after if own is light else flat.take(some, axis=0) + (after - before) @ back.T
    return light
