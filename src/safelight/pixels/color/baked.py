"""A chain with ops that mix channels, painted piece by piece: tables of `tables` between those ops.

A 3-D table in the chain (a look, a gamut) is painted as it is, hue curves as `hue_curves` has them, and any other op
that mixes channels by OpenColorIO. The whole is held against the chain itself on colors of a fixed seed before it is
used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import cv2
import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name

from safelight.pixels.color.flatten import Part, Sort, bare_config
from safelight.pixels.color.hue_curves import HueCurves, hue_curves
from safelight.pixels.color.inside import INSIDE, is_itself_inside
from safelight.pixels.color.singles import picked, put_back
from safelight.pixels.color.spaces import Pixels, decode, encode, to_float
from safelight.pixels.color.tables import Block, Kept, Lookup, Lookups, evaluate, lookups

ALLOWED = 0.75 / 255  # the most that a color of `_probe` may be off, in code values: rounded, one of 8 bits at most
_FLOAT = np.dtype(np.float32)
_LOSSLESS = ocio.OptimizationFlags(int(ocio.OPTIMIZATION_LOSSLESS))
_STEPS = Kept(most=16)


class Pieces(Lookups):
    """Lookups and 3-D tables in turn."""


def pieces(
    parts: Sequence[Part], dtype_in: np.dtype[Any], dtype_out: np.dtype[Any], to_space: str, *, light: bool = False
) -> Pieces | None:
    """Return how to paint a chain piece by piece, or None where that is off or not quicker.

    Parameters
    ----------
    parts : sequence of flatten.Part
        The whole chain, from values of `dtype_in` to values of `to_space`.
    dtype_in, dtype_out : numpy dtypes
    to_space : str
        In which the difference is looked at.
    light : bool
        The chain ends in linear light of `to_space` instead of its code values.
    """
    if all(each.sort != "mixed" for each in parts):
        return None
    runs = _cut(parts)
    if dtype_in != _FLOAT and not isinstance(runs[0], list):
        return None  # OpenColorIO reads integers into an op without floats between
    floats = Pieces(_steps(runs, dtype_in, _FLOAT))
    if not _is_close(floats, parts, dtype_in, to_space, light=light):
        return None
    return floats if dtype_out == _FLOAT else Pieces(_steps(runs, dtype_in, dtype_out))


def _steps(runs: Sequence[Any], dtype_in: np.dtype[Any], dtype_out: np.dtype[Any]) -> tuple[Any, ...]:
    steps: list[Any] = []
    for number, run in enumerate(runs):
        last = number == len(runs) - 1
        taken, given = _FLOAT if number else dtype_in, dtype_out if last else _FLOAT
        if isinstance(run, list):
            then = _sort_behind(runs[number + 1 :])
            steps += _ways(run, taken, given, _reach_of(runs[number - 1]) if number else None, then)
            continue
        steps.append(_step_of(run))
        if last and given != _FLOAT:
            steps += _ways([], _FLOAT, given)
    return tuple(steps)


def _sort_behind(runs: Sequence[Any]) -> Sort | None:
    """What the values go on to: "mixed" if anywhere behind is an op that may multiply small errors."""
    ops = [run for run in runs if not isinstance(run, list)]
    if not ops or all(isinstance(op, ocio.Lut3DTransform) for op in ops):
        return "table" if ops else None
    steps = [_step_of(op) for op in ops if not isinstance(op, ocio.Lut3DTransform)]
    return "matrix" if all(isinstance(step, HueCurves) and step.is_gentle for step in steps) else "mixed"


def _reach_of(op: ocio.Transform) -> tuple[float, float] | None:
    """Between what a table's colors lie: all that it can give; None for an op that has no table."""
    if not isinstance(op, ocio.Lut3DTransform):
        return None
    values = np.array(op.getData(), np.float32)
    return float(values.min()), float(values.max())


def _ways(
    parts: Sequence[Part],
    taken: np.dtype[Any],
    given: np.dtype[Any],
    reach: tuple[float, float] | None = None,
    then: Sort | None = None,
) -> tuple[Any, ...]:
    way = lookups(parts, taken, given, reach, then=then)
    assert way is not None  # no part is mixed, and one end is float
    return way.steps


def _cut(parts: Sequence[Part]) -> list[Any]:
    """Runs of matrices and curves, and single ops that mix channels."""
    runs: list[Any] = []
    for part in parts:
        if part.sort == "mixed":
            runs += part.ops
        elif runs and isinstance(runs[-1], list):
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _step_of(op: ocio.Transform) -> Lookup:
    """How an op that mixes channels is painted."""
    if isinstance(op, ocio.Lut3DTransform):
        return _where_outside(op) if is_itself_inside(op) else _by_opencolorio(op)
    make = lambda: hue_curves(op, _by_opencolorio) or _by_opencolorio(op)  # noqa: E731
    return cast(Lookup, _STEPS.get(bare_config().getProcessor(op).getCacheID(), make))


def _by_opencolorio(op: ocio.Transform) -> Lookup:
    """The op itself, on a block in place."""
    depth = ocio.BIT_DEPTH_F32
    processor = bare_config().getProcessor(op).getOptimizedCPUProcessor(depth, depth, _LOSSLESS)

    def step(block: Block) -> Block:
        out = np.ascontiguousarray(block)
        height, width, channels = out.shape
        processor.apply(ocio.PackedImageDesc(out, width, height, channels))
        return out

    return step


def _where_outside(table: ocio.Lut3DTransform) -> Lookup:
    """A gamut's table, looked up only where a color is outside."""
    whole = _by_opencolorio(table)
    low, high = ((each,) * 3 for each in INSIDE)

    def step(block: Block) -> Block:
        block = np.ascontiguousarray(block)
        inside = np.asarray(cv2.inRange(cast(Any, block), low, high))
        if cv2.countNonZero(inside) == inside.size:
            return block
        places = np.flatnonzero(inside == 0)
        put_back(block, places, whole(picked(block, places)))
        return block

    return step


def _probe(dtype: np.dtype[Any]) -> Pixels:
    """Colors of a fixed seed as a picture of `dtype`: grays, near-grays, all others, dark ones, saturated ones."""
    dice = np.random.default_rng(2020)
    grays = np.repeat(dice.random((1000, 1)), 3, axis=1)
    near = np.clip(grays + dice.normal(0, 0.05, grays.shape), 0, 1)
    pure = dice.random((1500, 3)) * dice.integers(0, 2, (1500, 3))
    colors = np.concatenate([grays, near, dice.random((3000, 3)), dice.random((1500, 3)) ** 4, pure])[None]
    if dtype == np.float32:
        return np.asarray(decode(colors.astype(np.float32), "srgb"), np.float32)
    return np.asarray(np.rint(colors * np.iinfo(dtype).max).astype(dtype))


def _is_close(made: Pieces, parts: Sequence[Part], dtype_in: np.dtype[Any], to_space: str, *, light: bool) -> bool:
    probe = _probe(dtype_in)
    painted = np.empty(probe.shape, np.float32)
    made.paint(probe, painted)
    wanted = evaluate([op for part in parts for op in part.ops], to_float(probe))
    seen = [np.clip(encode(each, to_space) if light else each, 0, 1) for each in (painted, wanted)]
    return bool(np.abs(seen[0] - seen[1]).max() <= ALLOWED)
