"""Cut-outs of a batch on one sheet: painted by their own edits, composed, kept as a draft's artifacts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from safelight.core.image import Image
from safelight.core.layout import Layout, in_a_row
from safelight.errors import UsageError
from safelight.pixels.color import spaces
from safelight.plugins import step_named
from safelight.runs.bench import blobs, decode_original
from safelight.runs.ghost import KEPT_SPACE, Shot, light_of_codes, painted_shot, without_bases

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safelight.pixels.matte.sheet import Piece, Sheet
    from safelight.store.blobs import Blobs

_WORK_PX = 1600  # at which a shadow is kept, and a capture's own looked at
_SURE = 0.3  # of a shadow's direction, from which it can be held against another's
_AROUND_PX = 8  # of a subject's box, that its soft edge may take


@dataclass(frozen=True)
class LayoutTask:
    """The shot whose frame is the sheet, the shots that stand on it by file, and the layout.

    With `row`, places are laid out in a row, in the order of `pieces`.
    """

    store_root: str
    sheet: Shot
    pieces: tuple[tuple[str, Shot], ...]
    layout: Layout
    row: bool = False


@dataclass(frozen=True, eq=False)
class _Cut:
    """A cut-out's box: codes, alpha 0..1, and where its capture's own shadow falls, or None."""

    pixels: NDArray[np.uint16]
    alpha: NDArray[np.float32]
    subject: tuple[int, int]
    falls_deg: float | None


def make_layout(task: LayoutTask) -> dict[str, Any]:
    """Compose a sheet and keep what comes of it.

    Returns
    -------
    dict
        Blobs ``base``, ``matte`` and ``density`` ("" without shadows), ``upstream`` (what identifies the picture that
        the draft stands on), ``plan`` (the layout as JSON), ``box`` (the sheet, x0 y0 x1 y1 in 0..1 of the frame), and
        ``placed``: the wanted ``margin`` and what was measured, ``room``, ``overlap``, ``outside`` and ``seam`` in %,
        ``enlarged`` in % of its capture's pixels, ``light`` in degrees (None where less than two captures tell).

    Raises
    ------
    UsageError
        If a shot was left whole or shows no subject.
    MediaError, OriginalChangedError
        If an original can't be read or is no longer what it was.
    """
    from safelight.pixels.matte.sheet import compose_sheet
    from safelight.render.keys import upstream_key

    kept = blobs(task.store_root)
    decoded = decode_original(task.sheet.reference, kept)
    full = decoded.image.size
    rect = task.layout.rect(*full)
    cuts = {name: _cut(shot, kept) for name, shot in task.pieces}
    layout = task.layout
    if task.row:
        names = [name for name, _ in task.pieces]
        layout = in_a_row(names, [cuts[each].subject for each in names], layout, rect[2] / rect[3])
    pieces = [_piece(cuts[each.file], each.at, each.scale, rect) for each in layout.places]
    sheet = compose_sheet(pieces, rect[2:], shadow=layout.shadow, strength=layout.strength, angle_deg=layout.angle_deg)
    return _kept(sheet, full, rect, kept) | {
        "upstream": upstream_key(without_bases(task.sheet.edit), step_named),
        "plan": layout.to_json(),
        "box": [rect[0] / full[0], rect[1] / full[1], (rect[0] + rect[2]) / full[0], (rect[1] + rect[3]) / full[1]],
        "placed": {
            "margin": round(100 * layout.margin, 2),
            "room": round(100 * sheet.margin / min(rect[2:]), 2),
            "overlap": round(100 * max(sheet.hidden), 2),
            "outside": round(100 * max(sheet.outside), 2),
            "seam": round(100 * sheet.seam, 2),
            "enlarged": round(100 * sheet.enlarged, 1),
            "light": _apart([cuts[each.file].falls_deg for each in layout.places]),
        },
    }


def _cut(shot: Shot, kept: Blobs) -> _Cut:
    """The box of a shot's cut-out, and the light of its capture."""
    from safelight.pixels.matte.sheet import box_of_subject

    painted = painted_shot(shot, kept, "a layout")
    alpha = np.asarray(painted.alpha / np.float32(65535), np.float32)
    box = box_of_subject(alpha)
    if box is None:
        raise UsageError(f"{shot.path}: its cut-out is empty, nothing can be placed: draw its matte first")
    rows = slice(max(0, box[1] - _AROUND_PX), box[3] + _AROUND_PX)
    columns = slice(max(0, box[0] - _AROUND_PX), box[2] + _AROUND_PX)
    falls = _falls(decode_original(shot.reference, kept).image, alpha)
    subject = box[2] - box[0], box[3] - box[1]
    return _Cut(painted.pixels[rows, columns].copy(), alpha[rows, columns].copy(), subject, falls)


def _falls(original: Image, alpha: NDArray[np.float32]) -> float | None:
    """Where the capture's own shadow falls, degrees; None where it shows none that tells."""
    from safelight.pixels.color.light import light_of
    from safelight.pixels.measure.cast import measure_cast

    stride = max(1, max(original.size) // _WORK_PX)
    pixels = np.ascontiguousarray(original.pixels[::stride, ::stride, :3])
    light = light_of(pixels, original.space)  # type: ignore[arg-type]
    cast = measure_cast(light, np.ascontiguousarray(alpha[::stride, ::stride]))
    return cast.direction_deg if cast.strength > 0 and cast.sure >= _SURE else None


def _piece(cut: _Cut, at: tuple[float, float], scale: float, rect: tuple[int, int, int, int]) -> Piece:
    from safelight.pixels.matte.sheet import Piece

    place = at[0] * rect[2], at[1] * rect[3]
    return Piece(light_of_codes(cut.pixels), cut.alpha, place, scale * rect[3])


def _apart(falls: list[float | None]) -> float | None:
    """The widest angle between the captures' own shadows; None where less than two show any."""
    from safelight.pixels.measure.cast import angle_between

    known = [each for each in falls if each is not None]
    return round(max(angle_between(*each) for each in combinations(known, 2)), 1) if len(known) > 1 else None


def _kept(sheet: Sheet, full: tuple[int, int], rect: tuple[int, int, int, int], kept: Blobs) -> dict[str, Any]:
    """Put the sheet on its frame's grid, and its parts into the store."""
    import cv2

    from safelight.media.encode import encode
    from safelight.pixels.geometry.map import fitted
    from safelight.pixels.matte.matte_png import encode_matte, pack_png

    box = slice(rect[1], rect[1] + rect[3]), slice(rect[0], rect[0] + rect[2])
    base = np.zeros((full[1], full[0], 3), np.uint16)
    base[box] = spaces.to_integers(spaces.convert(sheet.rgb, spaces.WORKING, KEPT_SPACE), np.uint16)
    alpha, density = (np.zeros((full[1], full[0]), np.float32) for _ in range(2))
    alpha[box], density[box] = sheet.alpha, sheet.density
    found = {
        "base": kept.put(encode(Image(base, KEPT_SPACE), "tiff", compression="zstandard")),
        "matte": kept.put(encode_matte(np.rint(alpha * 65535).astype(np.uint16))),
        "density": "",
    }
    if density.any():
        small = cv2.resize(density, fitted(full, _WORK_PX), interpolation=cv2.INTER_AREA)
        found["density"] = kept.put(pack_png(np.rint(small * 65535).astype(np.uint16)))
    return found
