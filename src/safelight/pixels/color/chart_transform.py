"""A chart's correction as an OpenColorIO transform in linear Rec.2020."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name
from numpy.typing import NDArray

from safelight.errors import ParameterError
from safelight.pixels.color import transforms
from safelight.pixels.color.matrix_fit import NO_TONE, features, undo_tone

# Light up to two stops above white: what lies beyond is white after any view.
TOP = 4.0
_SIDE = 97


def correction_transform(
    matrix: Sequence[float],
    roots: Sequence[float],
    gains: Sequence[float] = (1.0, 1.0, 1.0),
    tone: Sequence[float] = NO_TONE,
    strength: float = 1.0,
) -> ocio.Transform:
    """Return gains, tone, and rows on light and on the roots of its products, as one transform.

    Parameters
    ----------
    matrix, roots : nine numbers each, row by row
        See `safelight.pixels.color.matrix_fit.Correction`.
    gains, tone : three numbers each
    strength : float, 0 to 1
        Gains are mixed in stops, everything else evenly; 0 changes nothing.

    Returns
    -------
    OpenColorIO transform
        Without roots a matrix, nothing clipped. With roots a 3-D LUT of 65 points behind a square root: light from 0 to
        4, and what lies beyond is held at its ends; off the formula by less than 0.1 ΔE00 (tested), since in
        square roots a root polynomial is a plain quadratic, and nearly straight once its result is a root too.

    Raises
    ------
    ParameterError
        If a number is not finite, or a count is wrong.

    Examples
    --------
    >>> correction_transform([1, 0, 0, 0, 1, 0, 0, 0, 1], [0] * 9).getTransformType().name
    'TRANSFORM_TYPE_GROUP'
    """
    rows = np.hstack([np.reshape(each, (3, 3)) for each in (np.asarray(matrix, float), np.asarray(roots, float))])
    if not np.isfinite(rows).all() or not (np.asarray(gains) > 0).all():
        raise ParameterError("a color correction takes finite numbers and gains above 0")
    rows = np.eye(3, 6) + strength * (rows - np.eye(3, 6))
    level, exponent, bend = tone
    curve = (strength * level, 1 + strength * (exponent - 1), strength * bend)
    parts = []
    if any(each != 1 for each in gains):
        parts.append(transforms.gain(*(float(each) ** strength for each in gains)))
    if curve != NO_TONE:
        halves = transforms.half_floats()
        parts.append(transforms.half_curve(np.minimum(undo_tone(halves, curve), 65504.0)))
    if rows[:, 3:].any():
        parts.append(_root_polynomial(rows))
    elif not np.array_equal(rows[:, :3], np.eye(3)):
        parts.append(transforms.matrix(rows[:, :3]))
    return transforms.chain(*parts)


def _root_polynomial(rows: NDArray[np.float64]) -> ocio.Transform:
    """A square root, a table of quadratics."""
    table = ocio.Lut3DTransform(gridSize=_SIDE)
    table.setData(_table(np.ascontiguousarray(rows).tobytes()))
    table.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    root = ocio.ExponentTransform([2.0, 2.0, 2.0, 1.0], direction=ocio.TRANSFORM_DIR_INVERSE)
    return transforms.chain(transforms.exposure(-np.log2(TOP)), root, table, transforms.exposure(np.log2(TOP)))


@lru_cache(maxsize=2)
def _table(rows: bytes) -> NDArray[np.float32]:
    """The result at each point, blue fastest as OpenColorIO takes it; all features double with the light."""
    axis = np.linspace(0.0, 1.0, _SIDE) ** 2
    red, green, blue = np.meshgrid(axis, axis, axis, indexing="ij")
    made = features(np.stack([red, green, blue], axis=-1)) @ np.frombuffer(rows, np.float64).reshape(3, 6).T
    return np.ascontiguousarray(made, np.float32).ravel()
