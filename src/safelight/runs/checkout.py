"""A version on its way to a retoucher: painted on the original's whole grid, in layers, with its way back written in.

What a program shows of the layers is exactly what is kept here as sent: along soft edges the layer's colors are worked
out so that a mix of code values, which is what such programs do, gives what our mix of light gives on this ground.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from safelight.core.edit import Edit
from safelight.core.image import Image, Pixels
from safelight.core.step import Stage
from safelight.errors import UsageError
from safelight.pixels.color import spaces
from safelight.plugins import step_named
from safelight.runs.bench import LentTools, blobs, decode_original, render_decoded
from safelight.runs.single import write_beside
from safelight.store.originals import Reference

if TYPE_CHECKING:
    from safelight.media.writers.psd import Layer
    from safelight.render.planes import Plane
    from safelight.render.renderer import Rendered

FORMATS = {"psd": ".psd", "tiff": ".tif"}
SPACES = ("srgb", "adobe_rgb", "display_p3", "prophoto_rgb")
LOOK_PX = 256  # a small copy, by which a file is known again that lost its name and its mark
WHITE = "#ffffff"
RESULT = "AI result"  # the layer whose mask is the cut-out
_DEVELOP = "develop"


@dataclass(frozen=True)
class CheckoutTask:
    """What is to be written, and where.

    `edit` is the version's as JSON; `resources` the guide's files by name, as blobs; `note` words for the retoucher.
    """

    store_root: str
    reference: Reference
    edit: str
    resources: tuple[tuple[str, str], ...]
    out: Path
    ticket: str
    note: str
    format: str = "psd"
    bits: int = 16
    space: str = "srgb"


def require_format(format: str, bits: int, space: str) -> None:
    """Refuse what is not written for retouchers.

    Raises
    ------
    UsageError
    """
    if format not in FORMATS:
        raise UsageError(f"--format is {format!r}; it takes {' or '.join(FORMATS)}")
    if bits not in (8, 16):
        raise UsageError(f"--bits is {bits}; it takes 8 or 16")
    if space not in SPACES:
        raise UsageError(f"--space is {space!r}; it takes one of {', '.join(SPACES)}")


def write_checkout(task: CheckoutTask) -> dict[str, Any]:
    """Paint a version for a retoucher, write the file, and return what is known of it when it comes back.

    Returns
    -------
    dict
        file, bytes, sha256, width, height, format, bits, space, ground ("" where nothing was cut out), layers, and
        the blobs ``merged`` (what the file shows), ``matte`` and ``look``; ``upstream`` identifies what it stands on.

    Raises
    ------
    UsageError
        For a format, depth or space that is not written.
    MediaError, OriginalChangedError
        If the original can't be read or is no longer what it was.
    """
    from safelight.media.encode import encode
    from safelight.pixels.matte.matte_png import encode_matte
    from safelight.render.keys import upstream_key
    from safelight.render.views import shrink_finished
    from safelight.runs.intake import encode_small
    from safelight.runs.layers_back import path_mark

    require_format(task.format, task.bits, task.space)
    whole = Edit.from_json(task.edit)
    kept = blobs(task.store_root)
    decoded = decode_original(task.reference, kept)
    tools = LentTools(kept, lambda: decoded.image, dict(task.resources))

    def painted(edit: Edit) -> Rendered:
        return render_decoded(decoded, edit, tools, to_space=task.space, until=Stage.COMPOSITE)

    ground = ground_of(whole)
    shade = _shade_of(whole, tools, decoded.full_size) if ground else None
    result = painted(uncropped(whole, shaded=shade is None))
    alpha = result.alpha if ground else None
    own = laid(result.image, alpha, ground, task.space, shade)
    subject, merged, mask, shadow = own.subject, own.merged, own.mask, own.shadow
    shown_shade = own.shade(ground, task.space) if ground else None
    del result, own
    dtype = np.uint16 if task.bits == 16 else np.uint8
    subject, shown = _deep(subject, dtype), Image(_deep(merged, dtype), task.space)
    del merged
    paths = _paths(alpha, _frame_guides(whole, decoded.full_size))
    names: list[str] = []
    if task.format == "psd":
        developed = Edit(whole.original, tuple(each for each in whole.steps if each.step == _DEVELOP))

        def original() -> Pixels:
            return cast(Pixels, _deep(painted(developed).image.pixels[..., :3], dtype))

        def layers() -> Iterator[Layer]:
            """One at a time: at 24 MP each holds 144 MB."""
            for each in _layers(original, subject, mask, shadow, ground, shown):
                names.append(each.name)
                yield each

        data = _psd(shown, layers(), paths, task)
    else:
        data = _tiff(shown, paths, task)
    write_beside(task.out, data)
    look = shrink_finished(shown, LOOK_PX, np.uint8)
    return {
        "file": task.out.name,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "width": shown.width,
        "height": shown.height,
        "format": task.format,
        "bits": task.bits,
        "space": task.space,
        "ground": ground if alpha is not None else "",
        "layers": names,
        "merged": kept.put(encode(shown, "tiff", compression="zstandard")),
        "matte": "" if alpha is None else kept.put(encode_matte(alpha)),
        "shade": "" if shown_shade is None else kept.put(encode_matte(shown_shade)),
        "reflected": alpha is not None and _is_reflected(whole),
        "look": kept.put(encode_small(look, 90)),
        "upstream": upstream_key(whole, step_named),
        "path_mark": path_mark(paths),
    }


def ground_of(edit: Edit) -> str:
    """Return the color that a version's subject lies on; white where it has none, "" where nothing is cut out."""
    kinds = {step_named(each.step).kind: each for each in edit.steps if each.artifacts or each.params}
    if "matte" not in kinds or not kinds["matte"].artifacts:
        return ""
    return str(kinds["composite"].params.get("color", WHITE)) if "composite" in kinds else WHITE


@dataclass(frozen=True, eq=False)
class Laid:
    """Layers of a cut-out on its ground.

    `subject` and `merged` (H, W, 3) uint16 code values, `mask` and `shadow` (H, W) uint8 or None: black by the shadow's
    mask over the ground, and the subject by its own over that, mixed code value by code value, are `merged` within a
    code of 16 bits.
    """

    subject: NDArray[np.uint16]
    merged: NDArray[np.uint16]
    mask: NDArray[np.uint8] | None = None
    shadow: NDArray[np.uint8] | None = None

    def shade(self, ground: str, space: str) -> Plane | None:
        """Return the share of the ground's light that the shadow's mask takes, (H, W) uint16; None without one."""
        if self.shadow is None:
            return None
        light = ground_light(ground, space)
        mixed = spaces.encode(light, space) * (1 - np.arange(256, dtype=np.float32) / np.float32(255))[:, None]
        share = 1 - spaces.decode(np.asarray(mixed, np.float32), space).mean(axis=1) / max(float(light.mean()), 1e-6)
        return np.asarray(np.rint(share.clip(0, 1) * 65535).astype(np.uint16)[self.shadow])


def laid(image: Image, alpha: Plane | None, ground: str, space: str, shade: Plane | None = None) -> Laid:
    """Lay a cut-out on its ground so that programs which mix code values show what our mix of light shows.

    Parameters
    ----------
    image : Image
        (H, W, 3 or 4) uint16 code values of `space`, straight.
    alpha : (H, W) uint16 or None
    ground : str
        ``"#rrggbb"``, sRGB; not read without alpha.
    shade : (H, W) uint16 or None
        Share of the ground's light that a shadow takes.
    """
    subject = np.array(image.pixels[..., :3], np.uint16)
    if alpha is None:
        return Laid(subject, subject)
    light = ground_light(ground, space)
    code = spaces.encode(light, space)
    mask = np.rint(alpha / np.float32(257)).astype(np.uint8)
    shadow = None if shade is None else _shadow_mask(shade, light, space)
    merged = subject.copy()
    merged[mask == 0] = spaces.to_integers(code, np.uint16)
    # Where there is neither an edge nor a shadow the layers need no arithmetic.
    rows, cols = np.nonzero((alpha < 65535) & ((mask > 0) if shadow is None else ((mask > 0) | (shadow > 0))))
    behind = np.broadcast_to(code, (len(rows), 3))
    lit = np.broadcast_to(light, (len(rows), 3))
    if shadow is not None and shade is not None:
        behind = np.asarray(behind * (1 - shadow[rows, cols] / np.float32(255))[:, None], np.float32)
        lit = np.asarray(lit * (1 - shade[rows, cols] / np.float32(65535))[:, None], np.float32)
    share = (alpha[rows, cols] / np.float32(65535))[:, None]
    seen = (mask[rows, cols] / np.float32(255))[:, None]
    own = _decoded(subject[rows, cols], space)
    wanted = spaces.encode(np.asarray(own * share + lit * (1 - share), np.float32), space)
    over = np.where(seen > 0, np.clip((wanted - behind * (1 - seen)) / np.maximum(seen, np.float32(1 / 255)), 0, 1), 0)
    kept = seen[:, 0] > 0
    subject[rows[kept], cols[kept]] = spaces.to_integers(np.asarray(over[kept], np.float32), np.uint16)
    merged[rows, cols] = spaces.to_integers(np.asarray(over * seen + behind * (1 - seen), np.float32), np.uint16)
    return Laid(subject, merged, mask, shadow)


def _decoded(codes: NDArray[np.uint16], space: str) -> NDArray[np.float32]:
    return spaces.decode(spaces.to_float(cast(Pixels, codes)), space)


def _shadow_mask(shade: Plane, light: NDArray[np.float32], space: str) -> NDArray[np.uint8]:
    """The mask of a black layer that takes as much of the ground, by code values, as a shadow takes of its light."""
    taken = np.arange(256, dtype=np.float32) / np.float32(255)
    codes = spaces.encode(light * (1 - taken[:, None]), space).mean(axis=1)
    share = 1 - codes / max(float(codes[0]), 1e-6)
    table = np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)
    return np.asarray(table[np.rint(shade / np.float32(257)).astype(np.uint8)], np.uint8)


def _shade_of(edit: Edit, tools: LentTools, full: tuple[int, int]) -> Plane | None:
    """A shadow that is density alone, over the original's grid; a reflection stays with the subject."""
    from safelight.pixels.geometry.map import GeometryMap
    from safelight.render.plan import plan
    from safelight.render.planes import on_grid, painted_matte, to_plane
    from safelight.render.under import painted_shade

    planned = plan(edit, step_named, Stage.COMPOSITE, scene_referred=True)
    matte = painted_matte(planned, tools)
    shade = None if matte is None else painted_shade(planned, tools, matte.alpha)
    if shade is None or shade.density is None:
        return None
    return on_grid(to_plane(shade.density), GeometryMap.identity(*full), full)


def _is_reflected(edit: Edit) -> bool:
    return any(
        step_named(each.step).kind == "shadow" and each.params.get("kind") == "reflection" for each in edit.steps
    )


def ground_light(ground: str, space: str) -> NDArray[np.float32]:
    """Return a ground's color, ``"#rrggbb"`` in sRGB, as linear light with the primaries of `space`."""
    codes = np.array([int(ground[at : at + 2], 16) for at in (1, 3, 5)], np.float32) / np.float32(255)
    light = spaces.decode(codes, "srgb")
    return np.asarray(spaces.matrix_between("srgb", space).astype(np.float32) @ light, np.float32).clip(0, 1)


def uncropped(edit: Edit, *, shaded: bool) -> Edit:
    """Return an edit over the original's whole grid, its subject on nothing; with its shadow or without."""
    left = ("composite",) if shaded else ("composite", "shadow")
    kept = [
        each
        for each in edit.steps
        if step_named(each.step).stage != Stage.GEOMETRY and step_named(each.step).kind not in left
    ]
    return Edit(edit.original, tuple(kept))


def _deep(pixels: NDArray[Any], dtype: type[np.uint8] | type[np.uint16]) -> Any:  # noqa: ANN401 - uint8 or uint16
    if dtype == np.uint16:
        return np.ascontiguousarray(pixels, np.uint16)
    return np.ascontiguousarray(((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8))


def _layers(
    original: Callable[[], Pixels],
    subject: Pixels,
    mask: NDArray[np.uint8] | None,
    shadow: NDArray[np.uint8] | None,
    ground: str,
    shown: Image,
) -> Iterator[Layer]:
    """The stack, lowest first: original, ground, shadow, the machine's result, an empty layer to paint on."""
    from safelight.media.writers.psd import Layer

    yield Layer("Original", original())
    if mask is not None:
        plain = spaces.encode(ground_light(ground, shown.space), shown.space)
        code = spaces.to_integers(plain, np.uint8 if subject.dtype == np.uint8 else np.uint16)
        yield Layer("Background", np.broadcast_to(code, subject.shape))
    if shadow is not None:
        yield Layer("Shadow", np.broadcast_to(np.zeros(3, subject.dtype), subject.shape), shadow)
    yield Layer(RESULT, subject, mask)
    yield Layer("Your retouch", None)


def _frame_guides(edit: Edit, full: tuple[int, int]) -> list[tuple[str, float]]:
    """Guides along the frame that the picture will be cropped to, where it lies inside."""
    from safelight.render.views import geometry_of

    x0, y0, x1, y1 = geometry_of(edit, step_named, full).bounds()
    columns = [("column", float(x)) for x in (x0, x1) if 0.5 < x < full[0] - 0.5]
    return columns + [("row", float(y)) for y in (y0, y1) if 0.5 < y < full[1] - 0.5]


def _paths(alpha: Plane | None, guides: Sequence[tuple[str, float]]) -> bytes:
    """The cut-out's path and the guides, as Photoshop resources."""
    from safelight.media.clipping_path import pack_paths
    from safelight.media.hand_off import pack_guides
    from safelight.runs.outline import outline_of

    packed = pack_guides(guides) if guides else b""
    if alpha is None or not (alpha > 32767).any():
        return packed
    path, _ = outline_of(alpha)
    return packed + pack_paths([path], path.name)


def _psd(shown: Image, layers: Iterable[Layer], paths: bytes, task: CheckoutTask) -> bytes:
    from safelight.media.hand_off import pack_ticket
    from safelight.media.writers.psd import write_layers

    return write_layers(shown, layers, paths=paths, xmp=pack_ticket(task.ticket, task.note))


def _tiff(shown: Image, paths: bytes, task: CheckoutTask) -> bytes:
    from safelight.media.encode import encode
    from safelight.media.hand_off import pack_ticket
    from safelight.media.metadata import Metadata

    return encode(shown, "tiff", metadata=Metadata(xmp=pack_ticket(task.ticket, task.note)), paths=paths)
