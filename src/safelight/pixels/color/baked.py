"""A chain that mixes colors by more than matrices, painted through one 3-D table where that is as good.

The chain is cut before the first op that mixes. What lies before it is done by `tables` into code values of the
sRGB curve over the range that can arrive there; all the rest is one table of 65 points a side, read
tetrahedrally. Before it is used it is held against the chain itself on colors of a fixed seed, and
dropped where it is further off than ΔE00 0.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name

from safelight.pixels.color.flatten import Part, bare_config
from safelight.pixels.color.spaces import Float32, Matrix, Pixels, decode, encode, to_float
from safelight.pixels.color.tables import Lookups, evaluate, lookups

SIDE = 65
ALLOWED_MEAN, ALLOWED_P99 = 0.03, 0.1  # ΔE00 over the colors of `_probe`
_STEP = 1 / 64
_RANGE_MOST = 16.0  # light above four stops over white takes the table's points from what is seen
_DEPTHS = {
    np.dtype(np.uint8): ocio.BIT_DEPTH_UINT8,
    np.dtype(np.uint16): ocio.BIT_DEPTH_UINT16,
    np.dtype(np.float32): ocio.BIT_DEPTH_F32,
}


@dataclass(frozen=True, eq=False)
class Baked:
    """What comes before the table, by lookup, or nothing; and the table."""

    before: Lookups | None
    table: Any

    def paint(self, source: Pixels, target: Pixels) -> None:
        """Paint whole rows of (H, W, 3) `source` into `target`."""
        codes: Pixels = source if source.flags["C_CONTIGUOUS"] else source.copy()
        if self.before is not None:
            codes = np.empty(source.shape, np.uint16)
            self.before.paint(source, codes)
        self.table.apply(_describe(codes), _describe(target))


def _describe(pixels: Pixels) -> ocio.PackedImageDesc:
    height, width, channels = pixels.shape
    one = pixels.itemsize
    return ocio.PackedImageDesc(
        pixels, width, height, channels, _DEPTHS[pixels.dtype], one, one * channels, one * channels * width
    )


def baked(parts: Sequence[Part], dtype_in: np.dtype[Any], dtype_out: np.dtype[Any], to_space: str, *, light: bool = False) -> Baked | None:
    """Return a chain as a table, or None where that would be seen or cannot be.

    Parameters
    ----------
    parts : sequence of flatten.Part
        The whole chain, to code values of `to_space`.
    dtype_in, dtype_out : numpy dtypes
    to_space : str
        In which the difference is looked at.
    light : bool
        The chain ends in linear light, which a table cannot hold evenly: never baked.
    """
    if light:
        return None
    cut = next((n for n, each in enumerate(parts) if each.sort == "mixed"), None)
    if cut is None:
        return None
    before, after = list(parts[:cut]), list(parts[cut:])
    top = _top(before, dtype_in)
    if top is None:
        return None
    table = ocio.Lut3DTransform(gridSize=SIDE)
    table.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    axis = np.linspace(0, 1, SIDE, dtype=np.float32)
    red, green, blue = np.meshgrid(axis, axis, axis, indexing="ij")
    codes = np.stack([red, green, blue], axis=-1).reshape(1, -1, 3)
    inner = codes if not before else decode(codes * np.float32(encode(np.float32([top]), "srgb")[0]), "srgb")
    table.setData(evaluate(_ops(after), np.ascontiguousarray(inner)).ravel())
    shaped = _shaper(before, top)
    first = lookups(shaped, dtype_in, np.dtype(np.uint16)) if before else None
    if before and first is None:
        return None
    middle = np.dtype(np.uint16) if before else dtype_in
    flags = ocio.OptimizationFlags(int(ocio.OPTIMIZATION_LOSSLESS))
    processor = bare_config().getProcessor(table)
    made = Baked(first, processor.getOptimizedCPUProcessor(_DEPTHS[middle], _DEPTHS[dtype_out], flags))
    return made if _is_close(made, parts, dtype_in, dtype_out, to_space) else None


def _ops(parts: Sequence[Part]) -> list[Any]:
    return [op for part in parts for op in part.ops]


def _top(before: Sequence[Part], dtype_in: np.dtype[Any]) -> float | None:
    """The most light that can arrive at the table, or None if that is too much or, of floats, unknown."""
    if not before:
        return 1.0 if dtype_in != np.float32 else None
    high = np.full(3, 1.0 if dtype_in != np.float32 else np.inf)
    low = np.zeros(3) if dtype_in != np.float32 else -high
    for part in before:
        if part.rows is not None and part.offset is not None:
            plus, minus = np.maximum(part.rows, 0), np.minimum(part.rows, 0)
            with np.errstate(invalid="ignore"):
                ends = [np.nansum(plus * a + minus * b, axis=1) + part.offset for a, b in ((high, low), (low, high))]
            high, low = ends
        else:
            high, low = _through(part, low, high)
    top = float(high.max())
    return max(top, 1.0) if np.isfinite(top) and top <= _RANGE_MOST else None


def _through(part: Part, low: Matrix, high: Matrix) -> tuple[Matrix, Matrix]:
    """The range of a curve over a range, sampled."""
    tops = np.where(np.isfinite(high), high, 65000.0)
    bottoms = np.where(np.isfinite(low), low, -65000.0)
    share = np.concatenate([np.linspace(0, 1, 4097), np.geomspace(1e-9, 1, 2048)])[None, :, None]
    values = (bottoms + (tops - bottoms) * share).astype(np.float32)
    out = evaluate(part.ops, np.ascontiguousarray(values))[0].astype(np.float64)
    return out.max(axis=0), out.min(axis=0)


def _shaper(before: Sequence[Part], top: float) -> list[Part]:
    """`before`, and then the sRGB curve over 0 to `top` as 0 to 1."""
    from safelight.pixels.color.flatten import parts_of
    from safelight.pixels.color.transforms import coding, gain

    share = 1 / float(encode(np.float32([top]), "srgb")[0])
    ops = [*_ops(before), gain(1 / top, 1 / top, 1 / top), gain(top, top, top), coding("srgb"), gain(*(share,) * 3)]
    parts = parts_of([op for op in ops if not isinstance(op, ocio.GroupTransform)])
    # The last two, curve and scale, are one curve over light from 0 to `top`, looked up as 0 to 1.
    *front, curve, scale = parts
    rows, offset = front[-1].rows, front[-1].offset
    if rows is None or offset is None:
        return parts
    front[-1] = Part("matrix", front[-1].ops, rows / top, offset / top)
    return [*front, Part("curve", (gain(top, top, top), *curve.ops, *scale.ops))]


def _probe(dtype: np.dtype[Any]) -> Pixels:
    """Colors of a fixed seed: grays, dark ones and all others, as a picture of `dtype`."""
    dice = np.random.default_rng(2020)
    grays = np.repeat(dice.random((1500, 1)), 3, axis=1)
    near = np.clip(grays + dice.normal(0, 0.05, grays.shape), 0, 1)
    colors = np.concatenate([grays, near, dice.random((3000, 3)), dice.random((1000, 3)) * 0.1])[None]
    if dtype == np.float32:
        return np.asarray(decode(colors.astype(np.float32), "srgb"), np.float32)
    return np.rint(colors * np.iinfo(dtype).max).astype(dtype)


def _is_close(
    made: Baked, parts: Sequence[Part], dtype_in: np.dtype[Any], dtype_out: np.dtype[Any], to_space: str
) -> bool:
    from safelight.pixels.color.difference import delta_e_2000, lab_from

    probe = _probe(dtype_in)
    painted = np.empty(probe.shape, dtype_out)
    made.paint(probe, painted)
    wanted = evaluate(_ops(parts), to_float(probe))
    apart = _seen(to_float(painted)), _seen(wanted)
    if dtype_out != np.float32:
        top = np.iinfo(dtype_out).max
        apart = apart[0], (np.rint(apart[1] * top) / top).astype(np.float32)
    off = delta_e_2000(lab_from(apart[0], to_space), lab_from(apart[1], to_space))
    return bool(off.mean() <= ALLOWED_MEAN + _rounding(dtype_out) and np.percentile(off, 99) <= ALLOWED_P99 + _rounding(dtype_out))


def _rounding(dtype: np.dtype[Any]) -> float:
    """What one code value of 8 bits more or less may add."""
    return 0.05 if dtype == np.uint8 else 0.0


def _seen(values: Float32) -> Float32:
    return np.clip(values, 0, 1)
