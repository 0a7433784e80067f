"""Write a look down for other programs: as a .cube over code values, or as a CTF that holds every op."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name

from safelight.errors import ParameterError
from safelight.pixels.color import fused
from safelight.pixels.color.gamut import keep_hues
from safelight.pixels.color.spaces import Float32, matrix_between
from safelight.pixels.color.transforms import chain, coding, decoding, matrix

SIDES = (17, 33, 65)


def lattice(side: int) -> Float32:
    """Return the colors of a 3-D table as .cube has them: (side², side, 3), red fastest, then green, then blue."""
    axis = np.linspace(0, 1, side, dtype=np.float32)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    return np.ascontiguousarray(np.stack([red, green, blue], axis=-1).reshape(side * side, side, 3))


def to_table(transforms: Sequence[ocio.Transform], space: str = "srgb", side: int = 33) -> Float32:
    """Return a look as a table over code values of `space`, both ways.

    Parameters
    ----------
    transforms : sequence of OpenColorIO transforms
        In linear Rec.2020.
    space : str
        A name of `spaces.SPACES`, with a curve.
    side : int
        Points a side.

    Returns
    -------
    (side², side, 3) float32, 0 to 1
        In the order of `lattice`. What would leave the gamut is drawn in along its hue, not clipped.
    """
    codes = lattice(side)
    return keep_hues(np.asarray(fused.apply(codes, space, transforms, space, np.float32), np.float32), space)


def to_cube(transforms: Sequence[ocio.Transform], title: str, space: str = "srgb", side: int = 33) -> bytes:
    """Return a look as the bytes of a .cube file; parameters as `to_table` takes them.

    Raises
    ------
    ParameterError
        If `side` is none of 17, 33 and 65.
    """
    if side not in SIDES:
        raise ParameterError(f"a .cube is baked with 17, 33 or 65 points a side (default 33), got {side}")
    return cube_bytes(to_table(transforms, space, side), title, f"input and output: {space} code values")


def cube_bytes(table: Float32, title: str, note: str) -> bytes:
    """Return a table in the order of `lattice` as the bytes of a .cube file."""
    side = table.shape[1]
    rows = "\n".join(f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in table.reshape(-1, 3).tolist())
    name = "".join(each if each.isprintable() and each != '"' else " " for each in title)
    return f'# {note}\nTITLE "{name}"\nLUT_3D_SIZE {side}\n{rows}\n'.encode()


def to_ctf(transforms: Sequence[ocio.Transform], title: str, space: str = "srgb") -> bytes:
    """Return a look as the bytes of a CTF file from and to code values of `space`: formulas stay formulas."""
    group = chain(
        decoding(space),
        matrix(matrix_between(space, "linear_rec2020")),
        *transforms,
        matrix(matrix_between("linear_rec2020", space)),
        coding(space),
    )
    group.getFormatMetadata().setName(title)
    text: str = group.write("Color Transform Format", ocio.Config.CreateRaw())
    return text.encode()
