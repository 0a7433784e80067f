"""A chain with ops that mix channels, painted piece by piece: tables of `tables` between 3-D tables of OpenColorIO.

A 3-D table in the chain (a look, a gamut) is painted as it is. Hue curves, which cost OpenColorIO ten
times a table, are held in one: 97 points a side over the code values, by the sRGB curve, of light up to
2. The whole is held against the chain itself on colors of a fixed seed before it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import cv2
import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name

from safelight.pixels.color.flatten import Part, bare_config, leaves_of, parts_of
from safelight.pixels.color.inside import INSIDE, is_itself_inside
from safelight.pixels.color.spaces import Float32, Pixels, decode, encode, to_float
from safelight.pixels.color.tables import Block, Kept, Lookups, evaluate, lookups
from safelight.pixels.color.transforms import chain, coding, decoding, gain

ALLOWED_MEAN, ALLOWED_P99 = 0.1, 0.5  # ΔE00 over the colors of `_probe`; 1 is just noticeable side by side
_SIDE, _TOP = 97, 2.0
_FLOAT = np.dtype(np.float32)
_LOSSLESS = ocio.OptimizationFlags(int(ocio.OPTIMIZATION_LOSSLESS))
_TABLES = Kept(most=6)  # 11 MB each


class Pieces(Lookups):
    """Lookups and 3-D tables in turn."""


def pieces(
    parts: Sequence[Part], dtype_in: np.dtype[Any], dtype_out: np.dtype[Any], to_space: str, *, light: bool = False
) -> Pieces | None:
    """Return how to paint a chain piece by piece, or None where that would be seen or is not quicker.

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
    runs = _cut(_tabled(parts))
    if dtype_in != _FLOAT and isinstance(runs[0], ocio.Lut3DTransform):
        return None  # OpenColorIO reads integers into a table without floats between
    floats = Pieces(_steps(runs, dtype_in, _FLOAT))
    if not _is_close(floats, parts, dtype_in, to_space, light=light):
        return None
    return floats if dtype_out == _FLOAT else Pieces(_steps(runs, dtype_in, dtype_out))


def _steps(runs: Sequence[Any], dtype_in: np.dtype[Any], dtype_out: np.dtype[Any]) -> tuple[Any, ...]:
    steps: list[Any] = []
    for number, run in enumerate(runs):
        last = number == len(runs) - 1
        taken, given = _FLOAT if number else dtype_in, dtype_out if last else _FLOAT
        if not isinstance(run, ocio.Lut3DTransform):
            steps += _ways(run, taken, given, _reach_of(runs[number - 1]) if number else None)
            continue
        steps.append(_where_outside(run) if is_itself_inside(run) else _table_step(run))
        if last and given != _FLOAT:
            steps += _ways([], _FLOAT, given)
    return tuple(steps)


def _reach_of(table: ocio.Lut3DTransform) -> tuple[float, float]:
    """Between what a table's colors lie: all that it can give."""
    values = np.array(table.getData(), np.float32)
    return float(values.min()), float(values.max())


def _ways(
    parts: Sequence[Part], taken: np.dtype[Any], given: np.dtype[Any], reach: tuple[float, float] | None = None
) -> tuple[Any, ...]:
    way = lookups(parts, taken, given, reach)
    assert way is not None  # no part is mixed, and one end is float
    return way.steps


def _cut(parts: Sequence[Part]) -> list[Any]:
    """Runs of matrices and curves, and single 3-D tables."""
    runs: list[Any] = []
    for part in parts:
        if part.sort == "mixed":
            runs += part.ops
        elif runs and isinstance(runs[-1], list):
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _tabled(parts: Sequence[Part]) -> list[Part]:
    """The chain with every op that mixes channels as a 3-D table."""
    ops: list[Any] = []
    for part in parts:
        for op in part.ops:
            ops += [op] if part.sort != "mixed" or isinstance(op, ocio.Lut3DTransform) else _as_table(op)
    return parts_of(ops)


def _as_table(op: ocio.Transform) -> list[ocio.Transform]:
    """An op on light as a table between code values."""
    whole = float(encode(np.array([_TOP], np.float32), "srgb")[0])

    def make() -> ocio.Lut3DTransform:
        axis = np.linspace(0, whole, _SIDE, dtype=np.float32)
        light = decode(axis, "srgb")
        red, green, blue = np.meshgrid(light, light, light, indexing="ij")
        lattice = np.ascontiguousarray(np.stack([red, green, blue], axis=-1).reshape(_SIDE, -1, 3))
        table = ocio.Lut3DTransform(gridSize=_SIDE)
        table.setInterpolation(ocio.INTERP_TETRAHEDRAL)
        table.setData(encode(evaluate([op], lattice), "srgb").ravel())
        return table

    table = _TABLES.get(bare_config().getProcessor(op).getCacheID(), make)
    return leaves_of(chain(coding("srgb"), gain(*(1 / whole,) * 3), table, decoding("srgb")))


def _table_step(table: ocio.Lut3DTransform) -> Any:  # noqa: ANN401 - a lookup
    depth = ocio.BIT_DEPTH_F32
    processor = bare_config().getProcessor(table).getOptimizedCPUProcessor(depth, depth, _LOSSLESS)

    def step(block: Block) -> Block:
        out = np.ascontiguousarray(block)
        height, width, channels = out.shape
        processor.apply(ocio.PackedImageDesc(out, width, height, channels))
        return out

    return step


def _where_outside(table: ocio.Lut3DTransform) -> Any:  # noqa: ANN401 - a lookup
    """A gamut's table, looked up only where a color is outside."""
    whole = _table_step(table)
    low, high = ((each,) * 3 for each in INSIDE)

    def step(block: Block) -> Block:
        block = np.ascontiguousarray(block)
        inside = np.asarray(cv2.inRange(cast(Any, block), low, high))
        if cv2.countNonZero(inside) == inside.size:
            return block
        flat, places = block.reshape(-1, 3), np.flatnonzero(inside == 0)
        flat[places] = whole(flat.take(places, axis=0)[None])[0]
        return block

    return step


def _probe(dtype: np.dtype[Any]) -> Pixels:
    """Colors of a fixed seed, as many grays as near-grays, dark ones and all others, as a picture of `dtype`."""
    dice = np.random.default_rng(2020)
    grays = np.repeat(dice.random((1500, 1)), 3, axis=1)
    near = np.clip(grays + dice.normal(0, 0.05, grays.shape), 0, 1)
    colors = np.concatenate([grays, near, dice.random((3000, 3)), dice.random((1000, 3)) * 0.1])[None]
    if dtype == np.float32:
        return np.asarray(decode(colors.astype(np.float32), "srgb"), np.float32)
    return np.asarray(np.rint(colors * np.iinfo(dtype).max).astype(dtype))


def _is_close(made: Pieces, parts: Sequence[Part], dtype_in: np.dtype[Any], to_space: str, *, light: bool) -> bool:
    from safelight.pixels.color.difference import delta_e_2000

    probe = _probe(dtype_in)
    painted = np.empty(probe.shape, np.float32)
    made.paint(probe, painted)
    wanted = evaluate([op for part in parts for op in part.ops], to_float(probe))
    off = delta_e_2000(_lab(painted, to_space, light=light), _lab(wanted, to_space, light=light))
    return bool(off.mean() <= ALLOWED_MEAN and np.percentile(off, 99) <= ALLOWED_P99)


def _lab(values: Float32, space: str, *, light: bool) -> Float32:
    from safelight.pixels.color.difference import lab_from

    codes = encode(values, space) if light else values
    return lab_from(np.clip(codes, 0, 1), space)
