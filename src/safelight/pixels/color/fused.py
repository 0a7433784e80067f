"""One OpenColorIO pass from the pixels of a file to the pixels of a file, whatever lies between.

Bare transforms, no config file: what a space is stands in `spaces`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from typing import Any, NamedTuple, cast

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name
from numpy.typing import NDArray

from safelight.pixels.color.baked import Pieces, pieces
from safelight.pixels.color.ceiling import Ceiling, raise_clipped
from safelight.pixels.color.flatten import bare_config, leaves_of, parts_of
from safelight.pixels.color.heap import keep_freed_blocks
from safelight.pixels.color.regain import Hues, Plane
from safelight.pixels.color.spaces import (
    D50,
    WORKING,
    Float32,
    Pixels,
    Space,
    adaptation,
    matrix_between,
    matrix_to_xyz,
    space_named,
    to_float,
    to_integers,
)
from safelight.pixels.color.tables import BLOCK_PIXELS, Kept, Lookups, lookups
from safelight.pixels.color.transforms import coding, half_curve, half_floats, matrix

Dtype = type[np.uint8] | type[np.uint16] | type[np.float32]

_STRIP_BLOCKS = 4  # blocks of rows in a strip, which is what a thread takes at once
_DEPTHS = {
    np.dtype(np.uint8): ocio.BIT_DEPTH_UINT8,
    np.dtype(np.uint16): ocio.BIT_DEPTH_UINT16,
    np.dtype(np.float32): ocio.BIT_DEPTH_F32,
}
# Joining 1-D LUTs would resample them; a fast pow is 3e-5 off, which only integers hide.
_QUICK = int(ocio.OPTIMIZATION_DEFAULT) & ~int(ocio.OPTIMIZATION_COMP_LUT1D)
_EXACT = _QUICK & ~int(ocio.OPTIMIZATION_FAST_LOG_EXP_POW)
# Only what undoes each other is dropped before a chain is taken apart.
_JOINING = int(ocio.OPTIMIZATION_LOSSLESS)


def apply(
    pixels: Pixels,
    from_space: str,
    transforms: Sequence[ocio.Transform],
    to_space: str,
    dtype: Dtype,
    *,
    from_light: bool = False,
    to_light: bool = False,
    exact: bool = True,
    keep_hue: bool = False,
    ceiling: Ceiling | None = None,
    needed: Plane | None = None,
    threads: int = 1,
) -> Pixels:
    """Decode, do `transforms` in linear Rec.2020, and encode: one pass over the pixels.

    Parameters
    ----------
    pixels : (H, W, 3) uint8, uint16 or float32, code values of `from_space`
        Made contiguous if it is not; left as it was.
    from_space, to_space : str
        Names of `safelight.pixels.color.spaces.SPACES`.
    transforms : sequence of OpenColorIO transforms
        They act on linear Rec.2020, in order; none changes nothing.
    dtype : numpy uint8, uint16 or float32
        Integers are rounded and clipped to their full range; float32 keeps values below 0 and above 1.
    from_light, to_light : bool
        The values on that side are linear light of the space's primaries instead of its code values.
    exact : bool
        For floats out: False takes a fraction of the time and lets curves be 3e-4 off, relatively.
    keep_hue : bool
        For integers out: colors outside the gamut of `to_space` are drawn in along their hue instead of
        clipped by channel; those inside are the very same. See `gamut.into_gamut`.
    ceiling : Ceiling or None
        What the file clipped is raised first, as `transforms` balance it. See `ceiling`.
    needed : (H, W) uint8 or uint16, or None
        Where it is 0 nobody will see the color (a background covers it), and hues need not be kept.
    threads : int
        Strips painted at once; OpenColorIO frees the interpreter meanwhile.

    Returns
    -------
    (H, W, 3) of `dtype`
        A new array. With no transforms and one space it holds the very same values, only wider or narrower.

    Raises
    ------
    TypeError
        If `pixels` or `dtype` is not one of the three, or `pixels` has not three channels.
    UnknownNameError
        If a space is unknown.

    Examples
    --------
    >>> from safelight.pixels.color import transforms
    >>> gray = np.full((1, 1, 3), 118, np.uint8)
    >>> apply(gray, "srgb", [transforms.exposure(1.0)], "srgb", np.uint8)[0, 0].tolist()
    [162, 162, 162]
    """
    depths = pixels.dtype, dtype
    how: dict[str, bool] = {"from_light": from_light, "to_light": to_light, "exact": exact, "keep_hue": keep_hue}
    made = Pass(from_space, transforms, to_space, *depths, **how, ceiling=ceiling)
    return made.paint(pixels, threads=threads, needed=needed)


class Pass:
    """A chain made ready once and painted many times: over strips, tiles and frames.

    Parameters
    ----------
    from_space, transforms, to_space, from_light, to_light, exact, keep_hue, ceiling
        As `apply` takes them.
    dtype_in, dtype_out : numpy dtypes
        uint8, uint16 or float32.
    """

    def __init__(
        self,
        from_space: str,
        transforms: Sequence[ocio.Transform],
        to_space: str,
        dtype_in: Any,  # noqa: ANN401 - whatever numpy takes for a dtype
        dtype_out: Any,  # noqa: ANN401
        *,
        from_light: bool = False,
        to_light: bool = False,
        exact: bool = True,
        keep_hue: bool = False,
        ceiling: Ceiling | None = None,
    ) -> None:
        self.dtype_in, self.dtype_out = np.dtype(dtype_in), np.dtype(dtype_out)
        for each in (self.dtype_in, self.dtype_out):
            if each not in _DEPTHS:
                raise TypeError(f"colors are painted from and to uint8, uint16 or float32, got {each}")
        space_named(from_space), space_named(to_space)
        exact = exact and self.dtype_out == np.float32
        ends = _Ends(from_space, to_space, from_light, to_light, self.dtype_in, self.dtype_out, exact)
        self._hues: Hues | None = None
        if keep_hue and self.dtype_out != np.float32 and not to_light and (transforms or from_space != to_space):
            ways: dict[str, bool] = {"from_light": from_light, "to_light": True, "exact": False}
            floats = Pass(from_space, transforms, to_space, dtype_in, np.float32, **ways, ceiling=ceiling)
            closing = Pass(to_space, (), to_space, np.float32, dtype_out, from_light=True)
            self._hues = Hues(floats.paint, closing.paint, to_space)
        self._quick: Lookups | Pieces | None = None
        self._processor = None
        self._raise: Callable[[Pixels, Plane | None], Float32] | None = None
        if transforms and ceiling is not None and ceiling.is_seen:
            self._raise = lambda block, covered: raise_clipped(
                block, from_space, ceiling, from_light=from_light, needed=covered
            )
            ends = ends._replace(from_light=True, dtype_in=np.dtype(np.float32))
        if transforms or from_space != to_space or from_light != to_light:
            self._quick = _quick_way(ends, transforms)
            if self._quick is None:
                self._processor = _processor(ends, transforms) if transforms else _conversion(ends)

    def paint(
        self, pixels: Pixels, out: Pixels | None = None, *, threads: int = 1, needed: Plane | None = None
    ) -> Pixels:
        """Paint `pixels`, (H, W, 3) of `dtype_in`, into `out` or a new array; as `apply`.

        Where `needed`, (H, W) uint8 or uint16, is 0, colors outside the gamut may be clipped by channel.
        """
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != self.dtype_in:
            raise TypeError(f"this pass paints (H, W, 3) {self.dtype_in}, got {pixels.shape} {pixels.dtype}")
        if out is None:
            out = cast(Pixels, np.empty(pixels.shape, self.dtype_out))
        if out.shape != pixels.shape or out.dtype != self.dtype_out or not out.flags["C_CONTIGUOUS"]:
            raise TypeError(f"out must be contiguous {pixels.shape} {self.dtype_out}, got {out.shape} {out.dtype}")
        if 0 in pixels.shape:
            return out
        keep_freed_blocks()
        rows = _STRIP_BLOCKS * max(1, BLOCK_PIXELS // pixels.shape[1])
        strips = [slice(row, row + rows) for row in range(0, pixels.shape[0], rows)]
        if threads > 1 and len(strips) > 1:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(lambda strip: self._strip(pixels, out, strip, needed), strips))
        else:
            for strip in strips:
                self._strip(pixels, out, strip, needed)
        return out

    def _strip(self, pixels: Pixels, out: Pixels, strip: slice, needed: Plane | None) -> None:
        """Paint a few whole rows."""
        source, target, covered = pixels[strip], out[strip], None if needed is None else needed[strip]
        if self._raise is None:
            self._painted(source, target)
        else:
            rows = max(1, BLOCK_PIXELS // source.shape[1])
            for at in (slice(row, row + rows) for row in range(0, source.shape[0], rows)):
                self._painted(self._raise(source[at], None if covered is None else covered[at]), target[at])
        if self._hues is not None:
            self._hues.regain(source, target, covered)

    def _painted(self, source: Pixels, target: Pixels) -> None:
        if self._quick is not None:
            self._quick.paint(source, target)
            return
        if self._processor is None:
            _recode(source, target)
            return
        # PackedImageDesc ignores strides: a view would have the wrong pixels read.
        whole = source if source.flags["C_CONTIGUOUS"] else source.copy()
        self._processor.apply(_describe(whole), _describe(target))


def _describe(pixels: Pixels) -> ocio.PackedImageDesc:
    """The buffer as OpenColorIO sees it; `pixels` is contiguous."""
    height, width, channels = pixels.shape
    one = pixels.itemsize
    depth = _DEPTHS[pixels.dtype]
    return ocio.PackedImageDesc(pixels, width, height, channels, depth, one, one * channels, one * channels * width)


def _recode(source: Pixels, target: Pixels) -> None:
    """The same values in another width: exact upwards, rounded downwards."""
    if source.dtype == target.dtype:
        target[...] = source
    elif source.dtype == np.uint8 and target.dtype == np.uint16:
        np.multiply(source, np.uint16(257), out=target, dtype=np.uint16)
    elif source.dtype == np.uint16 and target.dtype == np.uint8:
        target[...] = (source.astype(np.uint32) + 128) // 257
    elif target.dtype == np.float32:
        target[...] = to_float(source)
    else:
        target[...] = to_integers(np.asarray(source, np.float32), np.uint8 if target.dtype == np.uint8 else np.uint16)


def to_lab(pixels: Float32, space: str) -> Float32:
    """Carry (H, W, 3) float32 of `space` to CIE Lab under D50; see `difference.lab_from`."""
    out = np.empty_like(pixels)
    if pixels.size:
        _lab_processor(space).apply(_describe(pixels), _describe(out))
    return out


def paint_as_is(values: Float32, transform: ocio.Transform) -> Float32:
    """Put (H, W, 3) float32 values of any meaning through one transform, without decoding or encoding."""
    flags, depth = ocio.OptimizationFlags(_EXACT), ocio.BIT_DEPTH_F32
    out = np.empty_like(values)
    bare_config().getProcessor(transform).getOptimizedCPUProcessor(depth, depth, flags).apply(
        _describe(np.ascontiguousarray(values)), _describe(out)
    )
    return out


@cache
def _lab_processor(space: str) -> Any:  # noqa: ANN401 - an ocio.CPUProcessor
    adapted = adaptation(space_named(space).white, D50) @ matrix_to_xyz(space)
    # With e = L*/100 of each of X, Y, Z, which is a gamma of 3 with an offset of 0.16, f = (e + 0.16)/1.16,
    # so L* = 100 eY, a* = 500/1.16 (eX - eY) and b* = 200/1.16 (eY - eZ).
    lightness = ocio.ExponentWithLinearTransform(
        gamma=[3.0, 3.0, 3.0, 1.0],
        offset=[0.16, 0.16, 0.16, 0.0],
        negativeStyle=ocio.NEGATIVE_LINEAR,
        direction=ocio.TRANSFORM_DIR_INVERSE,
    )
    a, b = 500 / 1.16, 200 / 1.16
    group = ocio.GroupTransform(
        [
            *_decoding(space_named(space)),
            matrix(adapted / adapted.sum(axis=1, keepdims=True)),
            lightness,
            matrix([[0.0, 100.0, 0.0], [a, -a, 0.0], [0.0, b, -b]]),
        ]
    )
    depth, flags = ocio.BIT_DEPTH_F32, ocio.OptimizationFlags(_EXACT)
    return bare_config().getProcessor(group).getOptimizedCPUProcessor(depth, depth, flags)


class _Ends(NamedTuple):
    """What goes in and what comes out."""

    from_space: str
    to_space: str
    from_light: bool
    to_light: bool
    dtype_in: np.dtype[Any]
    dtype_out: np.dtype[Any]
    exact: bool


@lru_cache(maxsize=64)
def _conversion(ends: _Ends) -> Any:  # noqa: ANN401 - an ocio.CPUProcessor
    return _processor(ends, ())


def _processor(ends: _Ends, transforms: Sequence[ocio.Transform]) -> Any:  # noqa: ANN401 - an ocio.CPUProcessor
    # What is off by 3e-5 before a matrix is more than a code value behind it.
    flags = ocio.OptimizationFlags(_EXACT if ends.exact or transforms else _QUICK)
    depths = _DEPTHS[ends.dtype_in], _DEPTHS[ends.dtype_out]
    group = _group(ends, transforms, exact=ends.exact)
    return bare_config().getProcessor(group).getOptimizedCPUProcessor(*depths, flags)


def _group(ends: _Ends, transforms: Sequence[ocio.Transform], *, exact: bool) -> ocio.GroupTransform:
    """From what goes in to what comes out."""
    return ocio.GroupTransform(
        [
            *([] if ends.from_light else _decoding(space_named(ends.from_space))),
            *([matrix(matrix_between(ends.from_space, WORKING))] if transforms else []),
            *transforms,
            matrix(matrix_between(WORKING if transforms else ends.from_space, ends.to_space)),
            *([] if ends.to_light else _encoding(space_named(ends.to_space), exact=exact)),
        ]
    )


_WAYS = Kept(most=16)


def _quick_way(ends: _Ends, transforms: Sequence[ocio.Transform]) -> Lookups | Pieces | None:
    """How to paint the chain by tables; None leaves it to OpenColorIO."""
    if ends.exact and ends.dtype_in == np.float32:
        return None
    group = _group(ends, transforms, exact=True)
    key = ends, bare_config().getProcessor(group).getCacheID()

    def make() -> Lookups | Pieces | None:
        parts = parts_of(leaves_of(group, _JOINING))
        if ends.exact:
            bends = sum(each.sort != "matrix" for each in parts)
            quick = bool(parts) and bends <= (parts[0].sort == "curve")  # without parts only the type changes
            return lookups(parts, ends.dtype_in, ends.dtype_out) if quick else None
        way = lookups(parts, ends.dtype_in, ends.dtype_out)
        return way or pieces(parts, ends.dtype_in, ends.dtype_out, ends.to_space, light=ends.to_light)

    return cast("Lookups | Pieces | None", _WAYS.get(key, make))


def _decoding(space: Space) -> list[ocio.Transform]:
    """Code values to light, exact: integers read a table anyway, floats one over all half floats."""
    return [] if space.curve.gamma == 1.0 else [_table(space.name, forward=True)]


def _encoding(space: Space, *, exact: bool) -> list[ocio.Transform]:
    """Light to code values: by table, below 3e-7 off; or by formula, three times faster and below 1e-5 + rounding."""
    if space.curve.gamma == 1.0:
        return []
    return [_table(space.name, forward=False)] if exact else [coding(space.name)]


@cache
def _table(name: str, *, forward: bool) -> ocio.Transform:
    return half_curve(_bent(half_floats(), space_named(name), forward=forward))


def _bent(values: NDArray[np.float64], space: Space, *, forward: bool) -> NDArray[np.float64]:
    """The curve of `space` in double precision, as `spaces.decode` and `spaces.encode` have it."""
    curve, size = space.curve, np.abs(values)
    if forward:
        bent = ((size + curve.offset) / (1 + curve.offset)) ** curve.gamma
        straight, knee = size / curve.slope, curve.toe
    else:
        bent = (1 + curve.offset) * size ** (1 / curve.gamma) - curve.offset
        straight, knee = size * curve.slope, curve.toe / curve.slope
    return np.clip(np.copysign(np.where(size <= knee, straight, bent), values), -65504.0, 65504.0)
