"""A LUT read a second time, in plain numpy: what a look says, told apart from what painted it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.cube import Cube
from safelight.pixels.color.lut_pieces import Gain, Piece
from safelight.pixels.color.spaces import decode, encode, matrix_between

Floats = NDArray[np.float64]


def look_of(pieces: Sequence[Piece], codes: Floats, strength: float = 1.0) -> Floats:
    r"""Return what a LUT makes of code values, (N, 3), by tetrahedral interpolation.

    Parameters
    ----------
    pieces : sequence of Cube and Gain
        As `lut_pieces.pieces_of` takes a look apart, one after the other.
    codes : (N, 3) float64
        Code values of the LUT's input space; beyond a table's domain its ends hold.
    strength : float, 0 to 1
        Mixed with the input, code value by code value.

    Returns
    -------
    (N, 3) float64
        Code values of the LUT's output space.

    References
    ----------
    H. Kang, "Color Technology for Electronic Imaging Devices" (1997), chapter 4: six tetrahedra, chosen by the order
    of the three remainders.

    Examples
    --------
    >>> from safelight.pixels.color.cube import read_cube
    >>> flip = read_cube(b"LUT_1D_SIZE 2\n1 1 1\n0 0 0\n", "flip.cube")
    >>> look_of([flip], np.array([[0.25, 0.5, 1.0]])).tolist()
    [[0.75, 0.5, 0.0]]
    """
    values = codes
    for each in pieces:
        values = values @ each.rows.T + each.offset if isinstance(each, Gain) else _through(each, values)
    return np.asarray(codes + strength * (values - codes))


def _through(cube: Cube, values: Floats) -> Floats:
    """Its curves, then its table."""
    if cube.line is not None:
        at = _unit(values, *cube.line_domain) * (len(cube.line) - 1)
        grid = np.arange(len(cube.line))
        values = np.stack([np.interp(at[:, c], grid, cube.line[:, c]) for c in range(3)], axis=1)
    return values if cube.table is None else _tetrahedral(cube.table, _unit(values, *cube.table_domain))


def finished_by(
    original: NDArray[np.float32],
    space: str,
    pieces: Sequence[Piece],
    *,
    input_space: str,
    output_space: str,
    strength: float = 1.0,
    before: Floats | None = None,
    to_space: str = "srgb",
) -> NDArray[np.float32]:
    """Return what colors of the original are to look like once a look was laid over them.

    Parameters
    ----------
    original : (N, 3) float32, code values of `space`
    pieces : sequence of Cube and Gain
        The look, as `lut_pieces.pieces_of` takes it apart.
    before : (3, 3), optional
        What corrections did to the light before the look, in linear Rec.2020.
    input_space, output_space, to_space : str
        Whose code values the LUT takes and gives, and whose are wanted.
    strength : float

    Returns
    -------
    (N, 3) float32, code values of `to_space`, clipped to 0..1
    """
    light = decode(original, space).astype(np.float64) @ matrix_between(space, "linear_rec2020").T
    if before is not None:
        light = light @ np.asarray(before, np.float64).T
    codes = encode((light @ matrix_between("linear_rec2020", input_space).T).astype(np.float32), input_space)
    looked = look_of(pieces, codes.astype(np.float64), strength).astype(np.float32)
    out = decode(looked, output_space).astype(np.float64) @ matrix_between(output_space, to_space).T
    return np.asarray(np.clip(encode(out.astype(np.float32), to_space), 0, 1), np.float32)


def _unit(values: Floats, low: tuple[float, ...], high: tuple[float, ...]) -> Floats:
    least, most = np.array(low, np.float64), np.array(high, np.float64)
    return np.asarray(np.clip((values - least) / (most - least), 0.0, 1.0))


def _tetrahedral(table: NDArray[np.float32], unit: Floats) -> Floats:
    """`table` is (B, G, R, 3), `unit` (N, 3) in 0..1."""
    size = table.shape[0]
    at = unit * (size - 1)
    cell = np.minimum(at.astype(np.int64), size - 2)
    rest = at - cell
    out = np.empty((len(unit), 3))
    for order in itertools.permutations(range(3)):
        first, second, third = order
        # Equal remainders lie in several tetrahedra, which agree there.
        mine = (rest[:, first] >= rest[:, second]) & (rest[:, second] >= rest[:, third])
        if not mine.any():
            continue
        corner = cell[mine]
        value = table[corner[:, 2], corner[:, 1], corner[:, 0]].astype(np.float64)
        total = value.copy()
        for axis in order:  # one edge of the cube after the other, the largest remainder first
            corner = corner + np.eye(3, dtype=np.int64)[axis]
            following = table[corner[:, 2], corner[:, 1], corner[:, 0]].astype(np.float64)
            total += rest[mine][:, [axis]] * (following - value)
            value = following
        out[mine] = total
    return out
