"""A person's hand on one original: strokes on its matte, marks of what is repaired, from words to bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from safelight.errors import ParameterError
from safelight.runs.bench import blobs
from safelight.runs.pictures import Source, decoded_original

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.core.edit import Artifact
    from safelight.media.decode import Decoded
    from safelight.pixels.matte.hand import Stroke
    from safelight.store.blobs import Blobs
    from safelight.store.originals import Reference

# How many points each tool needs, and may have.
_POINTS = {"brush": (1, 20_000), "scribble": (1, 20_000), "click": (1, 1), "box": (2, 2), "path": (3, 20_000)}
TOOLS = tuple(_POINTS)
_READS = ("scribble", "click", "box")  # these follow the picture's own edges


@dataclass(frozen=True)
class HandTask:
    """A matte's blob, what a hand draws on it, and the original under it."""

    source: Source
    matte: str
    strokes: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class WireTask:
    """Two places of an original, in 0..1 of its width and height."""

    source: Source
    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True)
class RepairTask:
    """An original, and a repair with all its parameters."""

    source: Source
    step: str
    params: Mapping[str, Any]


def paint_strokes(
    matte: bytes, strokes: Sequence[Mapping[str, Any]], reference: Reference, kept: Blobs | None = None
) -> bytes:
    """Draw strokes on a matte, in their order.

    Parameters
    ----------
    matte : bytes
        A matte's PNG over the whole upright original; it is left as it is.
    strokes : sequence of mapping
        ``tool`` ("brush" paints as drawn, "scribble" grows to the picture's edges, "click" takes what lies under one
        point, "box" what stands between two corners, "path" what a closed outline holds), ``points`` ([x, y] in 0..1 of
        the upright original), ``adds`` (True or False), for brush and scribble ``radius`` (share of its width), and for
        the brush ``hardness`` and ``flow`` (0..1, default 1).
    reference : Reference
        The original; read only for tools that follow its edges.
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
        If an original that is needed can't be read.
    """
    from safelight.runs.bench import decode_original

    return _draw(matte, strokes, lambda: decode_original(reference, kept))


def draw_in_store(task: HandTask) -> str:
    """Draw a task's strokes and keep the new matte as a blob; its name is returned. Errors as `paint_strokes`."""
    kept = blobs(task.source.store_root)
    return kept.put(_draw(kept.get(task.matte), task.strokes, lambda: decoded_original(task.source)))


def small_matte(task: HandTask, side: int = 1600) -> bytes:
    """Return a matte as an 8-bit gray PNG of at most `side` px, for the screen."""
    import cv2

    from safelight.pixels.matte.matte_png import decode_matte

    alpha = decode_matte(blobs(task.source.store_root).get(task.matte))
    scale = min(1.0, side / max(alpha.shape))
    size = (max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale)))
    small = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA) if scale < 1 else alpha
    return bytes(cv2.imencode(".png", (small >> 8).astype("uint8"))[1].tobytes())


def follow_edge(task: WireTask) -> list[tuple[float, float]]:
    """Follow the picture's edges from one place to the next; points in 0..1, as the places are.

    Raises
    ------
    ParameterError
        If a place lies outside the picture.
    OriginalChangedError, MediaError
        If the original can't be read.
    """
    from safelight.pixels.matte.live_wire import live_wire

    rgb = _eight_bits(decoded_original(task.source))
    height, width = rgb.shape[:2]
    for name, place in (("start", task.start), ("end", task.end)):
        if not all(0 <= each <= 1 for each in place):
            raise ParameterError(f"{name} is {place}; it takes x and y as shares of the original, 0 to 1")
    start, end = ((x * width, y * height) for x, y in (task.start, task.end))
    return [(round(x / width, 6), round(y / height, 6)) for x, y in live_wire(rgb, start, end)]


def outline_on_screen(task: HandTask) -> dict[str, Any]:
    """Return the clipping path of a matte as SVG path data in 0..1 of the original, and what to look at twice.

    Raises
    ------
    UsageError
        If the matte holds no subject.
    """
    from safelight.pixels.matte.matte_png import decode_matte
    from safelight.runs.outline import outline_of

    alpha = decode_matte(blobs(task.source.store_root).get(task.matte))
    path, places = outline_of(alpha)
    drawn, knots = [], []
    for ring in path.subpaths:
        drawn.append(f"M{_at(ring[0][0][1])}")
        for (before, _), (after, _) in zip(ring, (*ring[1:], ring[0]), strict=True):
            drawn.append(f"C{_at(before[2])} {_at(after[0])} {_at(after[1])}")
        drawn.append("Z")
        knots += [(round(float(each[1][0]), 5), round(float(each[1][1]), 5)) for each, _ in ring]
    told = [{"kind": each.kind, "box": each.box, "value": each.value} for each in places]
    return {"d": " ".join(drawn), "knots": knots, "places": told}


def _at(point: tuple[float, float]) -> str:
    return f"{point[0]:.6f},{point[1]:.6f}"


def _draw(matte: bytes, strokes: Sequence[Mapping[str, Any]], original: Any) -> bytes:  # noqa: ANN401 - () -> Decoded
    from safelight.pixels.matte.matte_png import decode_matte, encode_matte

    alpha = decode_matte(matte)
    drawn = [_stroke(each, number, alpha.shape) for number, each in enumerate(strokes, 1)]
    if not drawn:
        raise ParameterError("there is no stroke to draw; draw one at least")
    rgb = _eight_bits(original()) if any(tool in _READS for tool, _ in drawn) else None
    for number, (tool, stroke) in enumerate(drawn, 1):
        try:
            alpha = _one(alpha, tool, stroke, rgb)
        except ValueError as error:
            raise ParameterError(f"stroke {number} can't be drawn: {error}") from error
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
    from safelight.plugins import step_named, step_names
    from safelight.runs.bench import decode_original

    if step not in step_names() or step_named(step).kind != "repair":
        return None
    return _repairs(step, params(), kept, lambda: decode_original(reference, kept))


def repairs_in_store(task: RepairTask) -> Mapping[str, Artifact]:
    """Find where a repair copies from, in a worker; the artifacts lie in the store. Errors as `repairs_for`."""
    kept = blobs(task.source.store_root)
    return _repairs(task.step, task.params, kept, lambda: decoded_original(task.source))


def _repairs(
    step: str, wanted: Mapping[str, Any], kept: Blobs, original: Callable[[], Decoded]
) -> Mapping[str, Artifact]:
    from safelight.core.step import Picture
    from safelight.plugins import step_named
    from safelight.runs.bench import LentTools

    declared = step_named(step)
    if declared.rests(declared.version, wanted):
        return {}
    decoded = original()
    tools = LentTools(kept, lambda: decoded.image, {})
    picture = Picture(decoded.image, decoded.full_size, decoded.scene_referred, decoded.probe.capture)
    return declared.propose(picture, None, wanted, tools).artifacts


def _one(alpha: NDArray[np.uint16], tool: str, stroke: Stroke, rgb: NDArray[np.uint8] | None) -> NDArray[np.uint16]:
    import numpy as np

    from safelight.pixels.matte import hand

    if tool == "brush":
        return hand.brush(alpha, stroke)
    if tool == "path":
        return hand.fill_outline(alpha, stroke.points, adds=stroke.adds)
    picture = cast("NDArray[np.uint8]", rgb)
    if tool == "scribble":
        return hand.scribble(picture, alpha, (stroke,))
    if tool == "click":
        found = hand.click_matte(picture, stroke.points[0])
    else:
        (x0, y0), (x1, y1) = stroke.points
        found = hand.box_matte(picture, (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
    return np.maximum(alpha, found) if stroke.adds else np.minimum(alpha, 65535 - found)


def _stroke(said: Mapping[str, Any], number: int, shape: tuple[int, ...]) -> tuple[str, Stroke]:
    from safelight.pixels.matte.hand import Stroke

    height, width = shape
    tool = str(said.get("tool", "brush"))
    if tool not in _POINTS:
        raise ParameterError(f"stroke {number} is drawn with {tool!r}; there are: {', '.join(TOOLS)}")
    if not isinstance(said.get("adds"), bool):
        raise ParameterError(f"stroke {number} must say whether it adds: true or false, got {said.get('adds')!r}")
    try:
        points = tuple((float(x) * width, float(y) * height) for x, y in said["points"])
        # Only brush and scribble have a breadth; the others are told by their points alone.
        radius = float(said["radius"]) * width if tool in ("brush", "scribble") else 1.0
        more = {name: float(said.get(name, 1.0)) for name in ("hardness", "flow")}
        stroke = Stroke(points, radius, adds=said["adds"], **more)
    except (KeyError, TypeError, ValueError) as error:
        raise ParameterError(
            f"stroke {number} can't be drawn ({error}); it takes points [[x, y], ...] and radius, as shares"
        ) from error
    least, most = _POINTS[tool]
    if not least <= len(points) <= most:
        raise ParameterError(f"stroke {number} ({tool}) has {len(points)} points; it takes {least} to {most}")
    return tool, stroke


def _eight_bits(decoded: Decoded) -> NDArray[np.uint8]:
    """The upright original in 8 bits of its own curve; RAW is encoded as sRGB."""
    import numpy as np

    from safelight.pixels.color.spaces import Pixels, convert, to_float, to_integers

    image = decoded.image
    pixels = cast(Pixels, np.ascontiguousarray(image.pixels[..., :3]))
    if image.space.startswith("linear"):
        return np.asarray(to_integers(convert(to_float(pixels), image.space, "srgb"), np.uint8), np.uint8)
    return np.asarray(pixels if pixels.dtype == np.uint8 else to_integers(to_float(pixels), np.uint8), np.uint8)
