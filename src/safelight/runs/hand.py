"""A person's hand on one original: strokes on its matte, marks of what is repaired, from words to bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from safelight.errors import ParameterError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.core.edit import Artifact
    from safelight.pixels.matte.hand import Stroke
    from safelight.store.blobs import Blobs
    from safelight.store.originals import Reference

TOOLS = ("brush", "scribble")


def paint_strokes(
    matte: bytes, strokes: Sequence[Mapping[str, Any]], reference: Reference, kept: Blobs | None = None
) -> bytes:
    """Draw strokes on a matte, in their order.

    Parameters
    ----------
    matte : bytes
        A matte's PNG over the whole upright original; it is left as it is.
    strokes : sequence of mapping
        ``tool`` ("brush" paints as drawn, "scribble" grows to the picture's edges), ``points`` ([x, y] in 0..1 of the
        upright original), ``radius`` (share of its width), ``adds`` (True or False), and for the brush ``hardness`` and
        ``flow`` (0..1, default 1).
    reference : Reference
        The original; read only for scribbles.
    kept : Blobs, optional
        Where an ingested copy of it lies.

    Returns
    -------
    bytes
        The new matte's PNG.

    Raises
    ------
    ParameterError
        If a stroke does not say what it must; names its number, value and range.
    OriginalChangedError, MediaError
        If a scribble needs an original that can't be read.
    """
    from safelight.pixels.matte.hand import brush, scribble
    from safelight.pixels.matte.matte_png import decode_matte, encode_matte

    alpha = decode_matte(matte)
    drawn = [(each.get("tool", "brush"), _stroke(each, number, alpha.shape)) for number, each in enumerate(strokes, 1)]
    if not drawn:
        raise ParameterError("there is no stroke to draw; draw one at least")
    rgb: NDArray[np.uint8] | None = None
    for tool, stroke in drawn:
        if tool == "brush":
            alpha = brush(alpha, stroke)
            continue
        rgb = _original(reference, kept) if rgb is None else rgb
        alpha = scribble(rgb, alpha, (stroke,))
    return encode_matte(alpha)


def repairs_for(
    step: str, params: Callable[[], Mapping[str, Any]], reference: Reference, kept: Blobs
) -> Mapping[str, Artifact] | None:
    """Return what a repair needs beside its parameters: where each mark is copied from, found on the original.

    Parameters
    ----------
    step : str
        Its name; None is returned for steps that are no repairs, and for none of that name.
    params : callable
        All parameters as they will be; asked for repairs alone.
    reference : Reference
    kept : Blobs
        Where the artifacts go.

    Raises
    ------
    ParameterError
        If a mark leaves nothing to copy from.
    OriginalChangedError, MediaError
        If the original can't be read.
    """
    from safelight.core.step import Picture
    from safelight.plugins import step_named, step_names
    from safelight.runs.bench import LentTools, decode_original

    if step not in step_names() or step_named(step).kind != "repair":
        return None
    wanted = params()
    declared = step_named(step)
    if declared.idle is not None and declared.idle(wanted):
        return {}
    decoded = decode_original(reference, kept)
    tools = LentTools(kept, lambda: decoded.image, {})
    picture = Picture(decoded.image, decoded.full_size, decoded.scene_referred, decoded.probe.capture)
    return declared.propose(picture, None, wanted, tools).artifacts


def _stroke(said: Mapping[str, Any], number: int, shape: tuple[int, ...]) -> Stroke:
    from safelight.pixels.matte.hand import Stroke

    height, width = shape
    tool = said.get("tool", "brush")
    if tool not in TOOLS:
        raise ParameterError(f"stroke {number} is drawn with {tool!r}; there are: {', '.join(TOOLS)}")
    if not isinstance(said.get("adds"), bool):
        raise ParameterError(f"stroke {number} must say whether it adds: true or false, got {said.get('adds')!r}")
    try:
        points = tuple((float(x) * width, float(y) * height) for x, y in said["points"])
        radius = float(said["radius"]) * width
        more = {name: float(said.get(name, 1.0)) for name in ("hardness", "flow")}
        return Stroke(points, radius, adds=said["adds"], **more)
    except (KeyError, TypeError, ValueError) as error:
        raise ParameterError(
            f"stroke {number} can't be drawn ({error}); it takes points [[x, y], ...] and radius, as shares"
        ) from error


def _original(reference: Reference, kept: Blobs | None) -> NDArray[np.uint8]:
    """The upright original in 8 bits of its own curve; RAW is encoded as sRGB."""
    import numpy as np

    from safelight.pixels.color.spaces import Pixels, convert, to_float, to_integers
    from safelight.runs.bench import decode_original

    image = decode_original(reference, kept).image
    pixels = cast(Pixels, np.ascontiguousarray(image.pixels[..., :3]))
    if image.space.startswith("linear"):
        return np.asarray(to_integers(convert(to_float(pixels), image.space, "srgb"), np.uint8), np.uint8)
    return np.asarray(pixels if pixels.dtype == np.uint8 else to_integers(to_float(pixels), np.uint8), np.uint8)
