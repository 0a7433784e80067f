"""A LUT as a look: in its own space, at any strength, as one transform in linear Rec.2020."""

from __future__ import annotations

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name

from safelight.pixels.color import fused, transforms
from safelight.pixels.color.cube import UNIT, Cube, Domain
from safelight.pixels.color.gamut import gamut_transform
from safelight.pixels.color.lut import Lut
from safelight.pixels.color.spaces import D65, WORKING, Float32, matrix_between, space_named

_LATTICE = 65  # where a weaker look has to be sampled anew


def cube_look(cube: Cube, input_space: str, output_space: str, strength: float = 1.0) -> ocio.Transform:
    """Return a .cube as a transform in linear Rec.2020; see `lut_look`."""
    domain = cube.table_domain if cube.line is None else cube.line_domain
    return lut_look(Lut(cube.title, "", lut_transform(cube), domain, cube), input_space, output_space, strength)


def lut_look(lut: Lut, input_space: str, output_space: str, strength: float = 1.0) -> ocio.Transform:
    """Return a LUT as a transform in linear Rec.2020.

    Parameters
    ----------
    lut : Lut
    input_space, output_space : str
        Names of `safelight.pixels.color.spaces.SPACES`: whose code values the LUT takes and gives.
    strength : float, 0 to 1
        0 changes nothing, 1 is the LUT. Between, colors are mixed in code values of `output_space`.

    Returns
    -------
    OpenColorIO transform
        Before a LUT over code values 0 to 1, colors beyond them are drawn in along their hue
        (`gamut.gamut_transform`); a LUT over a wider domain, or one in linear light, holds them at its ends. NaN too is
        held. 3-D tables are read tetrahedrally.

    Notes
    -----
    A weaker look is a table of its own: exactly mixed where the LUT is a plain one and both spaces are
    the same, else sampled at 65 points a side.
    """
    if strength == 0.0:
        return transforms.identity()
    space = space_named(input_space)
    narrow = lut.domain == UNIT and space.curve.gamma != 1.0 and space.white == D65
    body = lut.transform if strength == 1.0 else _weaker(lut, input_space, output_space, strength)
    return transforms.chain(
        *([gamut_transform(input_space)] if narrow else []),
        transforms.matrix(matrix_between(WORKING, input_space)),
        transforms.coding(input_space),
        body,
        transforms.decoding(output_space),
        transforms.matrix(matrix_between(output_space, WORKING)),
    )


def lut_transform(cube: Cube) -> ocio.Transform:
    """Return a LUT on its own code values."""
    parts = []
    if cube.line is not None:
        line = ocio.Lut1DTransform(length=len(cube.line), inputHalfDomain=False)
        line.setData(np.ascontiguousarray(cube.line).ravel())
        line.setInterpolation(ocio.INTERP_LINEAR)
        parts += [_to_unit(cube.line_domain), line]
    if cube.table is not None:
        parts += [_to_unit(cube.table_domain), _table(cube.table)]
    return transforms.chain(*parts)


def _table(values: Float32) -> ocio.Transform:
    """A (B, G, R, 3) table; OpenColorIO takes blue fastest."""
    table = ocio.Lut3DTransform(gridSize=values.shape[0])
    table.setData(np.ascontiguousarray(values.transpose(2, 1, 0, 3)).ravel())
    table.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    return table


def _to_unit(domain: Domain) -> ocio.Transform:
    """Bring a domain to 0..1, where OpenColorIO's tables lie; they hold what is beyond."""
    low, high = np.array(domain[0]), np.array(domain[1])
    rows = np.diag([*(1 / (high - low)), 1.0])
    offset = [*(-low / (high - low)), 0.0]
    return ocio.MatrixTransform(matrix=rows.ravel().tolist(), offset=offset)


def _weaker(lut: Lut, input_space: str, output_space: str, strength: float) -> ocio.Transform:
    """The LUT mixed with doing nothing, as one table."""
    table = lut.cube.table if lut.cube is not None and lut.cube.line is None else None
    side = len(table) if table is not None and input_space == output_space else _LATTICE
    axes = [np.linspace(low, high, side, dtype=np.float32) for low, high in zip(*lut.domain, strict=True)]
    blue, green, red = np.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
    codes = np.stack([red, green, blue], axis=-1).reshape(1, -1, 3)
    looked = fused.paint_as_is(codes, lut.transform)
    untouched = fused.apply(codes, input_space, (), output_space, np.float32)
    mixed = (untouched + strength * (looked - untouched)).astype(np.float32).reshape(side, side, side, 3)
    return transforms.chain(_to_unit(lut.domain), _table(mixed))
