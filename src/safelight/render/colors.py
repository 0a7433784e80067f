"""The color stages: correction, view and grade, fused to as few passes as the masks allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from safelight.core.image import Pixels
from safelight.core.step import Stage, Tools
from safelight.errors import UsageError
from safelight.pixels.color import fused
from safelight.pixels.color.ceiling import Ceiling, ceiling_under
from safelight.pixels.color.spaces import WORKING, Float32
from safelight.render.plan import Planned
from safelight.render.planes import Plane, mask_from, to_share

_STAGES = (Stage.CORRECTION, Stage.VIEW, Stage.GRADE)
_STRIP_PIXELS = 400_000  # where floats are needed, a few megabytes of them at a time


@dataclass(frozen=True, eq=False)
class Layer:
    """One color or raster step: `transform` or `repaint`, everywhere or where `mask` says.

    The first may have a `ceiling` alone: what the file clipped is raised before all others.
    """

    transform: Any = None
    repaint: Callable[[Float32], Float32] | None = None
    mask: Plane | None = None
    ceiling: Ceiling | None = None


def layers_of(
    planned: Sequence[Planned],
    tools: Tools,
    scale: float,
    carry: Callable[[Plane], Plane],
    clipped_in: str | None = None,
) -> list[Layer]:
    """Ask the steps of the color stages what they do.

    Parameters
    ----------
    planned : sequence of Planned
        Others are passed over.
    scale : float
        Output pixels per original pixel, for raster steps.
    carry : callable
        Brings a mask over the original onto the output's pixels.
    clipped_in : str or None
        The space of a finished file, whose channels were clipped at its white; None for what was not.
    """
    colors = [each for each in planned if each.step.stage in _STAGES]
    layers = [_layer(each, tools, scale, carry) for each in colors]
    ceiling = None if clipped_in is None else _ceiling(colors, layers, clipped_in)
    return layers if ceiling is None else [Layer(ceiling=ceiling), *layers]


def _ceiling(planned: Sequence[Planned], layers: Sequence[Layer], space: str) -> Ceiling | None:
    """What the corrections that lead, everywhere alike, make of clipped channels."""
    leading = []
    for each, layer in zip(planned, layers, strict=True):
        if each.step.stage != Stage.CORRECTION or layer.transform is None or layer.mask is not None:
            break
        leading.append(layer.transform)
    return ceiling_under(leading, space)


def _layer(each: Planned, tools: Tools, scale: float, carry: Callable[[Plane], Plane]) -> Layer:
    artifact = each.artifacts.get("mask")
    mask = None if artifact is None else carry(mask_from(tools.get(artifact), each.step.name))
    if each.step.kind == "color":
        return Layer(transform=each.paint(each.params, tools, each.artifacts), mask=mask)
    if each.step.kind == "raster":
        return Layer(repaint=lambda rgb: each.paint(rgb, each.params, scale), mask=mask)
    raise UsageError(f"step {each.step.name} of kind {each.step.kind!r} cannot paint in stage {each.step.stage.name}")


def at(layers: Sequence[Layer], *place: Any) -> list[Layer]:  # noqa: ANN401 - what indexes an array
    """Return the layers with their masks cut to a place: slices, or rows and columns of single pixels."""
    return [replace(each, mask=None if each.mask is None else each.mask[place]) for each in layers]


def paint_colors(
    pixels: Pixels,
    space: str,
    layers: Sequence[Layer],
    to_space: str,
    dtype: fused.Dtype,
    *,
    from_light: bool = False,
    to_light: bool = False,
    exact: bool = True,
    needed: Plane | None = None,
    threads: int = 1,
) -> Pixels:
    """Paint `layers` in order.

    Parameters
    ----------
    pixels : (H, W, 3) uint8, uint16 or float32, code values of `space`
    layers : sequence of Layer
        Their masks are (H, W). Unmasked color layers that touch become one OpenColorIO pass,
        a masked one is ``x + (T(x) - x) mask`` in linear Rec.2020 and ends it.
    to_space, dtype
        Of the result.
    from_light, to_light : bool
        The values on that side are linear light of the space's primaries.
    exact : bool
        As `fused.apply` takes it.
    needed : (H, W) uint16 or None
        Coverage; where it is 0 the color will not be seen.

    Returns
    -------
    (H, W, 3) of `dtype`, code values of `to_space`
        A new array. As integers, colors outside the gamut are drawn in along their hue; floats keep them.
    """
    ceiling = layers[0].ceiling if layers else None
    if all(each.repaint is None and each.mask is None for each in layers):
        transforms = [each.transform for each in layers if each.transform is not None]
        how = {"from_light": from_light, "to_light": to_light, "exact": exact, "keep_hue": True}
        return fused.apply(
            pixels, space, transforms, to_space, dtype, **how, ceiling=ceiling, needed=needed, threads=threads
        )
    whole = any(each.repaint is not None for each in layers)
    rows = len(pixels) if whole else max(1, _STRIP_PIXELS // pixels.shape[1])
    out = cast(Pixels, np.empty(pixels.shape, np.dtype(dtype)))
    for row in range(0, len(pixels), rows):
        strip = slice(row, row + rows)
        rgb, waiting = _in_working(pixels[strip], space, at(layers, strip), from_light=from_light)
        covered = None if needed is None else needed[strip]
        out[strip] = fused.apply(
            rgb, WORKING, waiting, to_space, dtype, to_light=to_light, keep_hue=True, needed=covered
        )
    return out


def _in_working(pixels: Pixels, space: str, layers: Sequence[Layer], *, from_light: bool) -> tuple[Float32, list[Any]]:
    """Paint up to the last mask, in linear Rec.2020; the transforms after it are still to be done."""
    waiting: list[Any] = []
    ceiling = layers[0].ceiling if layers else None
    for each in layers:
        if each.mask is None and each.repaint is None:
            waiting += [] if each.transform is None else [each.transform]
            continue
        pixels = fused.apply(pixels, space, waiting, WORKING, np.float32, from_light=from_light, ceiling=ceiling)
        space, waiting, from_light, ceiling = WORKING, [], False, None
        pixels = _lerp(np.asarray(pixels, np.float32), each)
    return np.asarray(pixels, np.float32), waiting


def _lerp(rgb: Float32, layer: Layer) -> Float32:
    """``lerp(x, T(x), mask)``."""
    if layer.repaint is not None:
        new = np.ascontiguousarray(layer.repaint(rgb.copy()), np.float32)
    else:
        new = np.asarray(fused.apply(rgb, WORKING, [layer.transform], WORKING, np.float32))
    return new if layer.mask is None else rgb + (new - rgb) * to_share(layer.mask)[..., None]
