"""An edit's color stages as a shader: what the browser paints between the fitted original and the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from safelight.core.edit import Edit
from safelight.core.step import Stage, Step, Tools
from safelight.errors import UsageError
from safelight.pixels.color.gamut import gamut_transform
from safelight.pixels.color.glsl import shader_of
from safelight.render.colors import layers_of
from safelight.render.plan import plan


def edit_shader(
    edit: Edit,
    steps: Callable[[str], Step],
    tools: Tools,
    *,
    scene_referred: bool,
    from_space: str,
    to_space: str = "srgb",
    from_light: bool = False,
    clipped_in: str | None = None,
) -> dict[str, Any]:
    """Return correction, view and grade of an edit as GLSL ES 3.0; see `pixels.color.glsl` for the JSON.

    Parameters
    ----------
    edit, steps, tools, scene_referred
        As `render` takes them.
    from_space, from_light
        Of the texture that the page holds: the original's own code values, or linear light.
    to_space : str
        Of the canvas: ``"srgb"`` or ``"display_p3"``.
    clipped_in : str or None
        The space in whose code values a finished original was clipped; see `source.clipping_of`.

    Raises
    ------
    UsageError
        If a color step works through a mask or on pixels (grain): these the page gets painted.

    Notes
    -----
    As in a render, colors outside the canvas's gamut keep their hue: the last texture is `gamut.gamut_transform`, the
    same for every edit (its key says so), so that a page fetches it once.
    """
    planned = plan(edit, steps, Stage.GRADE, scene_referred=scene_referred)
    layers = layers_of(planned, tools, 1.0, lambda mask: mask, None if scene_referred else clipped_in)
    if any(each.mask is not None or each.repaint is not None for each in layers):
        raise UsageError("a color step with a mask, or one of pixels, is no shader: ask for its painted tiles")
    transforms = [each.transform for each in layers if each.transform is not None]
    if transforms or from_space != to_space:
        transforms.append(gamut_transform(to_space))
    ceiling = layers[0].ceiling if layers else None
    return shader_of(transforms, from_space, to_space, from_light=from_light, ceiling=ceiling)
