"""Poisson's equation inside a hole: what joins a filling to its surroundings without a seam."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Holes = NDArray[np.bool_]

_COARSEST = 400  # unknowns that conjugate gradients solve outright
_STEPS = 10  # of conjugate gradients at each size, each time it is visited
_ENOUGH = 1e-5  # of the right side's norm


def solve_poisson(start: Float32, source: Float32 | None, hole: Holes) -> Float32:
    """Return the picture whose Laplacian inside `hole` is `source` and which equals `start` outside it.

    Parameters
    ----------
    start : (H, W, C) float32
        Outside the hole the values that hold; inside it a first guess, which no result depends on.
    source : (H, W, C) float32 or None
        ``sum over the four neighbors q of (u(q) - u(p))`` wanted at p; None is zero everywhere, which spans a
        membrane over the hole. Only values inside the hole are read.
    hole : (H, W) bool
        The unknown. Where it reaches the frame nothing flows through the frame (Neumann).

    Returns
    -------
    (H, W, C) float32
        A new array, the very same as `start` outside the hole.

    Notes
    -----
    Multigrid: solved on a picture of half the size first, carried up, and smoothed by a few conjugate gradients; then
    what is still missing is solved for in the same way. A hole that covers everything has no border to
    join; its mean stays that of the first guess.

    References
    ----------
    Pérez, Gangnet, Blake, "Poisson Image Editing", 2003. Briggs, Henson, McCormick, "A Multigrid
    Tutorial", 2000.

    Examples
    --------
    >>> ramp = np.tile(np.linspace(0, 1, 9, dtype=np.float32), (9, 1))[..., None]
    >>> torn, hole = ramp.copy(), np.zeros((9, 9), bool); hole[3:6, 2:7] = True; torn[hole] = 5
    >>> bool(np.abs(solve_poisson(torn, None, hole) - ramp).max() < 1e-3)
    True
    """
    if not hole.any():
        return start.copy()
    wanted = np.zeros_like(start) if source is None else source * hole[..., None]
    return _solved(np.ascontiguousarray(start), np.ascontiguousarray(wanted, np.float32), hole, rounds=2)


def _solved(start: Float32, wanted: Float32, hole: Holes, rounds: int) -> Float32:
    """Carry up what half the size says; then, in rounds, let half the size say what is still missing."""
    if int(hole.sum()) <= _COARSEST or min(hole.shape) < 8:
        return _by_gradients(_membrane_guess(start, hole), wanted, hole, 2 * _COARSEST)
    guess = start.copy()
    small = _halved(start, wanted, hole)
    guess[hole] = _carried(_solved(*small, rounds=2), start)[hole]
    guess = _by_gradients(guess, wanted, hole, _STEPS)
    inside, before = hole.astype(np.float32)[..., None], np.zeros_like(start)
    pushed_before, energy_before = before, 1.0
    for _ in range(rounds):
        missing = (wanted - _laplacian(guess)) * inside
        if float(np.vdot(missing, missing)) <= _ENOUGH**2 * max(float(np.vdot(wanted, wanted)), 1e-12):
            break
        still = _halved(np.zeros_like(start), missing, hole)
        move = _by_gradients(_carried(_solved(*still, rounds=1), start) * inside, missing, hole, _STEPS)
        # Half the size rounds off where the border lies and may say too much: go as far as it helps, and not back.
        move -= np.float32(float(np.vdot(move, pushed_before)) / energy_before) * before
        pushed = _laplacian(move) * -inside
        energy = max(float(np.vdot(move, pushed)), 1e-30)
        guess = guess - np.float32(float(np.vdot(missing, move)) / energy) * move
        before, pushed_before, energy_before = move, pushed, energy
    return guess


def _carried(coarse: Float32, like: Float32) -> Float32:
    """A solution on `_halved` at the size of `like`."""
    size = (2 * coarse.shape[1], 2 * coarse.shape[0])
    whole = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR).reshape(size[1], size[0], -1)
    return np.asarray(whole[: like.shape[0], : like.shape[1]], np.float32)


def _membrane_guess(start: Float32, hole: Holes) -> Float32:
    """The known pixels' mean inside the hole."""
    out = start.copy()
    if not hole.all():
        out[hole] = start[~hole].mean(axis=0)
    return out


def _halved(start: Float32, wanted: Float32, hole: Holes) -> tuple[Float32, Float32, Holes]:
    """The same problem on half the size: known values are the mean of the known, four times the Laplacian."""
    down, right = hole.shape[0] % 2, hole.shape[1] % 2
    if down or right:  # one more row like the last changes nothing: through the frame nothing flows
        start = np.pad(start, ((0, down), (0, right), (0, 0)), "edge")
        hole = np.pad(hole, ((0, down), (0, right)), "edge")
        wanted = np.pad(wanted, ((0, down), (0, right), (0, 0)))
    known = (~hole).astype(np.float32)
    size = (hole.shape[1] // 2, hole.shape[0] // 2)
    share = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    values = cv2.resize(start * known[..., None], size, interpolation=cv2.INTER_AREA)
    values = values.reshape(size[1], size[0], -1) / np.maximum(share, 1e-6)[..., None]
    source = cv2.resize(wanted, size, interpolation=cv2.INTER_AREA).reshape(values.shape) * np.float32(4)
    inner = share < 0.5
    return np.asarray(values, np.float32), np.asarray(source, np.float32), inner


def _by_gradients(guess: Float32, wanted: Float32, hole: Holes, steps: int) -> Float32:
    """Conjugate gradients on the unknown; (H, W, C) as one system, since the channels share its matrix."""
    inside = hole.astype(np.float32)[..., None]
    residual = (_laplacian(guess) - wanted) * inside  # of -L u = -source
    move, before = residual.copy(), float(np.vdot(residual, residual))
    enough = _ENOUGH**2 * max(before, 1e-20)
    out = guess
    for _ in range(steps):
        if before <= enough:
            break
        pushed = _laplacian(move)
        pushed *= -inside
        length = before / max(float(np.vdot(move, pushed)), 1e-30)
        out = out + np.float32(length) * move
        residual -= np.float32(length) * pushed
        now = float(np.vdot(residual, residual))
        move *= np.float32(now / before)
        move += residual
        before = now
    return np.asarray(out, np.float32)


def _laplacian(values: Float32) -> Float32:
    """Sum of the neighbors' differences; beyond the frame a pixel's neighbor is itself."""
    kernel = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float32)
    found = cv2.filter2D(values, cv2.CV_32F, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32).reshape(values.shape)
