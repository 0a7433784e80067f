"""Pictures for screens, in a worker: an original or a finished version at a size, or cut into tiles."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from safelight.core.edit import Edit
from safelight.core.step import Picture
from safelight.errors import UsageError
from safelight.plugins import step_named
from safelight.runs.bench import LentTools, blobs, decode_original
from safelight.runs.intake import encode_small, first_edit
from safelight.store.originals import Reference

if TYPE_CHECKING:
    from safelight.core.image import Image
    from safelight.media.decode import Decoded

TILE_PX = 512
QUALITY = 94
# Deep zoom counts levels from a picture of one pixel; below 256 px there is nothing to zoom.
FIRST_LEVEL = 8


@dataclass(frozen=True)
class Source:
    """What is to be shown: a blob of finished pixels (a master, a proof), or an original.

    `reference` counts where `blob` is ""; `edit` is painted on the original, as JSON data of `Edit`, if there is one.
    With `carried`, nothing of the edit is painted but where its pixels come from: the original, as the camera left it,
    on the pixels of the version, so that before and after are the same place.
    """

    store_root: str
    blob: str = ""
    reference: Reference | None = None
    edit: str = ""
    resources: tuple[tuple[str, str], ...] = ()
    carried: bool = False


@dataclass(frozen=True)
class SizeTask:
    """A picture of at most `long_side` px, or `region` (x, y, width, height) of it at that size."""

    source: Source
    long_side: int
    region: tuple[int, int, int, int] | None = None


@dataclass(frozen=True)
class TileTask:
    """A deep-zoom pyramid, written to `folder`, which must not be there yet."""

    source: Source
    folder: str
    draft: str


def levels_of(width: int, height: int) -> int:
    """Return the number of the deep-zoom level that holds every pixel.

    Examples
    --------
    >>> levels_of(6000, 4000), levels_of(256, 1)
    (13, 8)
    """
    return max(0, (max(width, height) - 1).bit_length())


def level_size(width: int, height: int, level: int) -> tuple[int, int]:
    """Return the size of a level: each is half the one above, rounded up."""
    by = 1 << (levels_of(width, height) - level)
    return max(1, -(-width // by)), max(1, -(-height // by))


def paint_size(task: SizeTask) -> bytes:
    """Return a JPEG of a picture at a size; nothing is enlarged.

    Raises
    ------
    MediaError, OriginalChangedError
        If the original can't be read or is no longer what it was.
    """
    import numpy as np

    from safelight.render.views import shrink_finished

    if task.source.blob:
        return encode_small(shrink_finished(_finished(task.source), task.long_side, np.uint8), QUALITY)
    return encode_small(_painted(task.source, task.long_side, task.region), QUALITY)


def paint_tiles(task: TileTask) -> dict[str, int]:
    """Write the pyramid of a picture and return its size; a folder that is there whole is left alone."""
    import numpy as np

    from safelight.render.views import shrink_finished

    final, draft = Path(task.folder), Path(task.draft)
    if (final / "info.json").is_file():
        return dict(json.loads((final / "info.json").read_text()))
    whole = _finished(task.source) if task.source.blob else _painted(task.source, None, None)
    image = shrink_finished(whole, max(whole.size), np.uint8)
    width, height = image.size
    draft.mkdir(parents=True, exist_ok=True)
    top = levels_of(width, height)
    for level in range(top, min(FIRST_LEVEL, top) - 1, -1):
        if level != top:
            image = shrink_finished(image, max(level_size(width, height, level)), np.uint8)
        _cut(image, draft / str(level))
    info = {"width": width, "height": height, "tile": TILE_PX, "first": min(FIRST_LEVEL, top), "last": top}
    (draft / "info.json").write_text(json.dumps(info))
    final.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.rename(draft, final)  # noqa: PTH104 - a folder over nothing; over another's it fails
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
    return info


def _cut(image: Image, folder: Path) -> None:
    import numpy as np

    from safelight.core.image import Image as Picture8

    folder.mkdir()
    for row in range(0, image.height, TILE_PX):
        for column in range(0, image.width, TILE_PX):
            part = np.ascontiguousarray(image.pixels[row : row + TILE_PX, column : column + TILE_PX], np.uint8)
            tile = Picture8(part, image.space, image.alpha)
            name = f"{column // TILE_PX}_{row // TILE_PX}.jpg"
            (folder / name).write_bytes(encode_small(tile, QUALITY))


def _finished(source: Source) -> Image:
    from safelight.media.encode import decode_own

    return decode_own(blobs(source.store_root).get(source.blob))


def _painted(source: Source, long_side: int | None, region: tuple[int, int, int, int] | None) -> Image:
    """Paint an original with its edit, or as the camera left it, in 8-bit sRGB."""
    import numpy as np

    from safelight.render.renderer import render

    decoded = decoded_original(source)
    kept = blobs(source.store_root)
    tools = LentTools(kept, lambda: decoded.image, dict(source.resources))
    if source.edit and not source.carried:
        edit = Edit.from_json(source.edit)
    else:
        picture = Picture(decoded.image, decoded.full_size, decoded.scene_referred, decoded.probe.capture)
        edit = first_edit(decoded.sha256, picture, tools)
    painted = render(
        decoded.image,
        edit,
        step_named,
        tools,
        scene_referred=decoded.scene_referred,
        long_side=long_side,
        region=region,
        dtype=np.uint8,
    )
    return _carried(painted.image, source) if source.carried else painted.image


def _carried(original: Image, source: Source) -> Image:
    """Lay an original on the pixels of a version."""
    from safelight.render.views import carry_original, geometry_of

    geometry = geometry_of(Edit.from_json(source.edit), step_named, original.size)
    return carry_original(original, geometry)


def decoded_original(source: Source) -> Decoded:
    """Return the original of a source, decoded; the last one stays at hand.

    Raises
    ------
    UsageError
        If the source names none.
    MediaError, OriginalChangedError
        If it can't be read or is no longer what it was.
    """
    if source.reference is None:
        raise UsageError("a picture needs a blob or an original; this one names neither")
    return _decoded(source.reference, source.store_root)


# The last original stays decoded: at the amend desk the same one is painted again and again.
_last: dict[str, Decoded] = {}


def _decoded(reference: Reference, store_root: str) -> Decoded:
    known = _last.get(reference.sha256)
    if known is not None and reference.sha256:
        return known
    _last.clear()
    decoded = decode_original(reference, blobs(store_root))
    _last[decoded.sha256] = decoded
    return decoded
