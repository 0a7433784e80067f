"""Oklab: lightness, green to red, blue to yellow, even enough for a hue to stay a hue."""

from __future__ import annotations

from functools import cache

import numpy as np

from safelight.pixels.color.spaces import Float32, Matrix, matrix_to_xyz, space_named

# Ottosson's M1 (XYZ under D65 to cone responses) and M2 (their cube roots to Lab).
_TO_CONES = np.array(
    [
        [0.8189330101, 0.3618667424, -0.1288597137],
        [0.0329845436, 0.9293118715, 0.0361456387],
        [0.0482003018, 0.2643662691, 0.6338517070],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


@cache
def _cones(space: str) -> tuple[Matrix, Matrix]:
    """Light of `space` to cones and back; rows scaled so that white is exactly (1, 1, 1)."""
    there = _TO_CONES @ matrix_to_xyz(space)
    there = there / there.sum(axis=1, keepdims=True)
    return there, np.linalg.inv(there)


@cache
def _lab() -> tuple[Matrix, Matrix]:
    rows = _TO_LAB.copy()
    rows[0] /= rows[0].sum()
    rows[1:] -= rows[1:].mean(axis=1, keepdims=True)  # the last digits, so that gray has exactly no color
    return rows, np.linalg.inv(rows)


def to_oklab(light: Float32, space: str = "linear_rec2020") -> Float32:
    """Carry linear light to Oklab.

    Parameters
    ----------
    light : (..., 3) float32, linear light of the primaries of `space`
        Below 0 and above 1 too.
    space : str
        A name of `spaces.SPACES` under D65; its curve plays no part.

    Returns
    -------
    (..., 3) float32
        L 0 to 1 for black to white, a and b about -0.4 to 0.4; (1, 0, 0) is white.

    References
    ----------
    Ottosson, B. (2020), "A perceptual color space for image processing".

    Examples
    --------
    >>> np.abs(np.round(to_oklab(np.ones((1, 3), np.float32)), 3)).tolist()
    [[1.0, 0.0, 0.0]]
    """
    space_named(space)
    return lab_of_roots(roots_of(light, space))


def from_oklab(lab: Float32, space: str = "linear_rec2020") -> Float32:
    """Carry Oklab to linear light of the primaries of `space`; the inverse of `to_oklab`."""
    roots = np.asarray(lab, np.float32) @ _lab()[1].T.astype(np.float32)
    return np.asarray((roots * roots * roots) @ _cones(space)[1].T.astype(np.float32), np.float32)


def roots_of(light: Float32, space: str) -> Float32:
    """Return the cube roots of the three cone responses to linear light of `space`, (..., 3) float32."""
    return np.cbrt(np.asarray(light, np.float32) @ _cones(space)[0].T.astype(np.float32))


def lab_of_roots(roots: Float32) -> Float32:
    """Return Oklab of what `roots_of` returned."""
    return np.asarray(roots @ _lab()[0].T.astype(np.float32), np.float32)


def light_of_cones(space: str) -> Float32:
    """Return the matrix from cone responses to linear light of `space`, (3, 3) float32; its rows sum to one."""
    return np.asarray(_cones(space)[1], np.float32)
