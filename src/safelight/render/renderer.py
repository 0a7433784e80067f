"""The one renderer: an original and an edit become pixels, at any size.

sensor · repair · correction · view · grade · geometry · composite · sharpening · encoding.
Where output pixels are original pixels, color is painted from the file's integers to the output's in
one pass; else it is painted into linear light and resampled there, so that a small render is the large
one shrunk (ΔE00 mean below 0.5, p99 below 2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np

from safelight.core.edit import Edit
from safelight.core.image import Image, Pixels
from safelight.core.step import Stage, Step, Tools
from safelight.pixels.color import fused
from safelight.pixels.color.spaces import Float32
from safelight.pixels.geometry.map import GeometryMap
from safelight.render.base import base_source, behind_base
from safelight.render.colors import Layer, layers_of
from safelight.render.composite import lay_on_background, write_band
from safelight.render.finish import sharpen_output
from safelight.render.painting import Output, Painted, paint_output
from safelight.render.plan import Planned, Region, composed_geometry, of_kind, plan
from safelight.render.planes import Matte, Plane, from_plane, on_grid, painted_matte
from safelight.render.repairs import repaired
from safelight.render.source import clipping_of, source_of
from safelight.render.under import lay_under, painted_shade, under_of
from safelight.render.views import carry_original, geometry_of, matte_of, shrink_finished, work_image

# 2: colors outside the output's gamut keep their hue; 3: clipped channels are raised; 4: hue curves to the code value;
# 5: highlights of RAW are told by the surface they lie on
RENDERER_VERSION = 5

__all__ = [
    "RENDERER_VERSION",
    "Rendered",
    "carry_original",
    "geometry_of",
    "matte_of",
    "render",
    "shrink_finished",
    "work_image",
]


@dataclass(frozen=True, eq=False)
class Rendered:
    """What was painted.

    Parameters
    ----------
    image : Image
        With a matte and no background, straight RGBA.
    alpha : (H, W) uint16 or None
        Coverage on the output's pixels; None if nothing was cut out.
    geometry : GeometryMap
        From the output's pixels to those of the full-size upright original.
    """

    image: Image
    alpha: Plane | None
    geometry: GeometryMap


def render(
    original: Image,
    edit: Edit,
    steps: Callable[[str], Step],
    tools: Tools,
    *,
    scene_referred: bool,
    full_size: tuple[int, int] | None = None,
    long_side: int | None = None,
    region: Region | None = None,
    to_space: str = "srgb",
    dtype: fused.Dtype = np.uint16,
    until: Stage = Stage.SHARPEN,
    clipped_in: str | None = None,
    threads: int = 1,
) -> Rendered:
    """Paint `edit` on `original`.

    Parameters
    ----------
    original : Image
        Upright, as decoded, in its own space and depth; may be a reduction of the full-size picture.
    edit : Edit
    steps : callable
        From a step's name to its declaration, as `safelight.plugins.step_named`.
    tools : Tools
        `get` and `resource` are asked for artifacts and LUTs.
    scene_referred : bool
        True for RAW. Only then is the stage VIEW painted.
    full_size : (width, height) or None, px
        Of the original before it was reduced; None if it was not.
    long_side : int or None, px
        The output's longer side; None for full size. Nothing is enlarged.
    region : (x, y, width, height) or None, px of the output
        Paint only this tile of it.
    to_space : str
        The output's space. ``"linear_rec2020"`` with float32 is what steps look at; nothing is clipped then.
    dtype : numpy uint8, uint16 or float32
    until : Stage
        The last stage painted: ``Stage.CORRECTION`` gives the neutral picture on the original's frame.
    clipped_in : str or None
        For an `original` that was brought to light before: the space in which its file was clipped, as
        `source.clipping_of` says of the file's own pixels.
    threads : int
        For the color pass.

    Returns
    -------
    Rendered

    Raises
    ------
    UnknownNameError, ParameterError, UsageError
        If the edit names what is not installed, or a region lies outside.

    Notes
    -----
    An empty edit on a display-referred picture returns it within 1 code value, in its own space exactly.
    """
    planned = plan(edit, steps, until, scene_referred=scene_referred)
    full = full_size or original.size
    geometry = composed_geometry(planned, full, long_side, region)
    matte = painted_matte(planned, tools)
    base = base_source(planned, tools, full)
    if base is None:
        source = repaired(source_of(original), planned, tools, original.width / full[0])
    else:
        # Its edge is clean: whoever took it in has unmixed it from the ground it came back on.
        source, planned = base, behind_base(planned)
        matte = None if matte is None else Matte(matte.alpha)
    background = _background(planned)
    sharpeners = _sharpeners(planned, 1 / geometry.reduction())
    busy = background is not None or bool(sharpeners)
    clipped = None if scene_referred else clipped_in or clipping_of(original)
    inner: fused.Dtype = np.uint16 if dtype == np.uint8 and busy else dtype

    def layers_on(grid: GeometryMap) -> list[Layer]:
        scale = source.size[0] / full[0] / grid.reduction()
        return layers_of(planned, tools, scale, lambda mask: on_grid(mask, grid, source.size), clipped)

    output = Output(geometry.on_reduction(full, source.size), to_space, inner, threads)
    painted = paint_output(source, output, matte, layers_on)
    pixels, alpha, subject_light = painted.pixels, painted.alpha, painted.subject_light
    inside_only = alpha is not None and matte is None and source.alpha is None
    if alpha is not None:
        if background is not None or inside_only:
            lay_on_background(pixels, alpha, to_space, background or (1.0, 1.0, 1.0), subject_light)
        elif subject_light is not None:
            write_band(pixels, alpha, to_space, subject_light)
    subject_alpha = alpha
    shade = None if matte is None else painted_shade(planned, tools, matte.alpha)
    if shade is not None and alpha is not None:

        def repaint(grid: GeometryMap) -> Painted:
            """The subject elsewhere, straight."""
            found = paint_output(
                source, Output(grid.on_reduction(full, source.size), to_space, inner, threads), matte, layers_on
            )
            if found.alpha is not None and found.subject_light is not None:
                write_band(found.pixels, found.alpha, to_space, found.subject_light)
            return found

        alpha = lay_under(pixels, alpha, to_space, background, under_of(shade, geometry, full, repaint))
    pixels = sharpen_output(pixels, subject_alpha, sharpeners)
    if pixels.dtype != dtype:
        pixels = fused.apply(pixels, to_space, (), to_space, dtype)
    if inside_only:
        alpha = None
    if alpha is not None and background is None:
        return Rendered(_with_alpha(pixels, alpha, to_space), alpha, geometry)
    return Rendered(Image(pixels, to_space), alpha, geometry)


def _background(planned: tuple[Planned, ...]) -> tuple[float, float, float] | None:
    """The last background step's color, linear light of the output."""
    found = of_kind(planned, "composite")
    if not found:
        return None
    red, green, blue = (float(each) for each in found[-1].paint(found[-1].params))
    return red, green, blue


def _sharpeners(planned: tuple[Planned, ...], scale: float) -> list[Callable[[Float32], Float32]]:
    found = [each for each in of_kind(planned, "raster") if each.step.stage == Stage.SHARPEN]
    return [lambda rgb, each=each: each.paint(rgb, each.params, scale) for each in found]  # type: ignore[misc]


def _with_alpha(pixels: Pixels, alpha: Plane, space: str) -> Image:
    """Straight RGBA of one depth."""
    fourth = from_plane(alpha, pixels)
    return Image(cast(Pixels, np.dstack([pixels, fourth])), space, "straight")
