"""What a look is made of, as plain numbers, so that it can be read by other code than what paints it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name

from safelight.pixels.color.cube import Cube
from safelight.pixels.color.flatten import leaves_of, matrix_of
from safelight.pixels.color.lut import Lut
from safelight.pixels.color.spaces import Matrix


@dataclass(frozen=True, eq=False)
class Gain:
    """``rows @ rgb + offset``: how a table's domain is brought to 0..1, or a matrix that a file holds."""

    rows: Matrix
    offset: Matrix


Piece = Cube | Gain


def pieces_of(lut: Lut) -> tuple[Piece, ...] | None:
    r"""Return the tables and matrices of a look in order; None where a formula is among them.

    Parameters
    ----------
    lut : Lut
        As `lut.read_lut` returns it.

    Returns
    -------
    tuple of Cube and Gain, or None
        A `Cube` that came out of a file of another program lies over 0 to 1, behind the `Gain` of its domain.

    Examples
    --------
    >>> from safelight.pixels.color.lut import read_lut
    >>> flip = b"Version 1\nFrom 0.0 2.0\nLength 2\nComponents 1\n{\n1\n0\n}\n"
    >>> [type(each).__name__ for each in pieces_of(read_lut(flip, "flip.spi1d"))]
    ['Gain', 'Cube']
    """
    if lut.cube is not None:
        return (lut.cube,)
    pieces = [_piece(leaf) for leaf in leaves_of(lut.transform)]
    return None if any(each is None for each in pieces) else tuple(each for each in pieces if each is not None)


def _piece(leaf: Any) -> Piece | None:  # noqa: ANN401 - an ocio.Transform
    if isinstance(leaf, ocio.MatrixTransform):
        return Gain(*matrix_of(leaf))
    if not isinstance(leaf, (ocio.Lut1DTransform, ocio.Lut3DTransform)):
        return None
    if leaf.getDirection() != ocio.TRANSFORM_DIR_FORWARD:
        return None
    values = np.asarray(leaf.getData(), np.float32)
    if isinstance(leaf, ocio.Lut3DTransform):
        side = leaf.getGridSize()
        return Cube("", None, np.ascontiguousarray(values.reshape(side, side, side, 3).transpose(2, 1, 0, 3)))
    if leaf.getInputHalfDomain() or leaf.getHueAdjust() != ocio.HUE_NONE:
        return None
    return Cube("", values.reshape(-1, 3), None)
