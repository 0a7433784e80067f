"""Two shots of a garment as one: painted by their own edits, joined at the neck, kept as a draft's base and cut-out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from safelight.core.edit import Edit
from safelight.core.image import Image
from safelight.core.step import Stage
from safelight.errors import UsageError
from safelight.pixels.color import spaces
from safelight.plugins import step_named
from safelight.runs.bench import LentTools, blobs, decode_original, render_decoded
from safelight.runs.checkout import uncropped
from safelight.store.originals import Reference

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safelight.render.planes import Plane
    from safelight.store.blobs import Blobs

KEPT_SPACE = "prophoto_rgb"  # wide: what a retoucher is sent is made of it
_LOOK_PX = 1200  # at which the mannequin's color is looked at
_AROUND = 0.6  # of the opening's width, that is worked on around it


@dataclass(frozen=True)
class Shot:
    """One file of a batch, with the edit of its version and the guide's files by name, as blobs."""

    path: str
    reference: Reference
    edit: Edit
    resources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class GhostTask:
    """An outer and an inner shot, and how dark the inside becomes."""

    store_root: str
    outer: Shot
    inner: Shot
    depth: float = 0.25


class PaintedShot(NamedTuple):
    """A shot by its own edit up to the grade, over its original's grid: ProPhoto codes, straight, and its cut-out."""

    pixels: NDArray[np.uint16]
    alpha: Plane


def make_ghost(task: GhostTask) -> dict[str, Any]:
    """Join two shots and keep what comes of it.

    Returns
    -------
    dict
        Blobs ``base`` and ``matte``, ``upstream`` (what identifies the picture it stands on), and ``joints``:
        ``neck_step``, ``gap`` and ``shoulder`` in %, ``shade`` in ΔE00, ``mannequin`` (the share taken off, %),
        ``scale`` and ``turn_deg`` of the inner shot.

    Raises
    ------
    UsageError
        If a shot was left whole, or no neck opens in the outer.
    MediaError, OriginalChangedError
        If an original can't be read or is no longer what it was.
    """
    from safelight.media.encode import encode
    from safelight.pixels.matte.ghost import find_opening, join_shots, place_inner, without_mannequin
    from safelight.pixels.matte.matte_png import encode_matte
    from safelight.render.keys import upstream_key

    kept = blobs(task.store_root)
    outer, inner = (painted_shot(each, kept, "a ghost mannequin") for each in (task.outer, task.inner))
    outer_alpha, inner_alpha = (np.asarray(each.alpha / np.float32(65535), np.float32) for each in (outer, inner))
    garment, mannequin = without_mannequin(_small_light(outer.pixels), outer_alpha)
    opening = find_opening(garment)
    if opening is None:
        raise UsageError(
            f"{task.outer.path}: no neck opens in its outline"
            + ("; " if mannequin else ", and no mannequin's neck was told from it; ")
            + "brush the mannequin out of its cut-out first, or choose the shot whose neck is open"
        )
    placement = place_inner(garment, inner_alpha, opening)
    box = _around(opening, garment.shape)
    part = placement.within(box)
    joined = join_shots(
        light_of_codes(outer.pixels[box]),
        garment[box],
        light_of_codes(inner.pixels),
        inner_alpha,
        opening.within(box),
        part,
        depth=task.depth,
    )
    base = outer.pixels.copy()
    shown = joined.piece > 0
    base[box][shown] = spaces.to_integers(spaces.convert(joined.rgb[shown], spaces.WORKING, KEPT_SPACE), np.uint16)
    alpha = garment
    alpha[box] = joined.alpha
    return {
        "base": kept.put(encode(Image(base, KEPT_SPACE), "tiff", compression="zstandard")),
        "matte": kept.put(encode_matte(np.rint(alpha * 65535).astype(np.uint16))),
        "upstream": upstream_key(without_bases(task.outer.edit), step_named),
        "joints": {
            "neck_step": round(100 * joined.neck_step, 2),
            "gap": round(100 * joined.gap, 2),
            "shade": round(joined.shade, 2),
            "shoulder": round(100 * placement.misfit, 2),
            "mannequin": round(100 * mannequin, 2),
            "scale": round(placement.scale, 4),
            "turn_deg": round(placement.turn_deg, 2),
        },
    }


def without_bases(edit: Edit) -> Edit:
    """The machine's edit: a draft is made of the capture, never of an earlier draft or a person's retouch."""
    return Edit(edit.original, tuple(each for each in edit.steps if step_named(each.step).kind != "base"))


def painted_shot(shot: Shot, kept: Blobs, use: str) -> PaintedShot:
    """Paint a shot without ground, shadow and frame; `use` names what its cut-out is wanted for.

    Raises
    ------
    UsageError
        If it was left whole.
    """
    decoded = decode_original(shot.reference, kept)
    edit = uncropped(without_bases(shot.edit), shaded=False)
    tools = LentTools(kept, lambda: decoded.image, dict(shot.resources))
    found = render_decoded(decoded, edit, tools, to_space=KEPT_SPACE, until=Stage.COMPOSITE)
    if found.alpha is None:
        raise UsageError(
            f"{shot.path} was left whole, and {use} is made of cut-outs: amend its cutout with backdrop=any, or draw "
            "its matte"
        )
    return PaintedShot(np.array(found.image.pixels[..., :3], np.uint16), found.alpha)


def light_of_codes(codes: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Return kept codes as linear light in the working space."""
    own = spaces.to_float(np.ascontiguousarray(codes))
    return np.asarray(spaces.convert(own, KEPT_SPACE, spaces.WORKING), np.float32)


def _small_light(codes: NDArray[np.uint16]) -> NDArray[np.float32]:
    import cv2

    scale = min(1.0, _LOOK_PX / max(codes.shape[:2]))
    size = max(1, round(codes.shape[1] * scale)), max(1, round(codes.shape[0] * scale))
    return light_of_codes(np.asarray(cv2.resize(codes, size, interpolation=cv2.INTER_AREA), np.uint16))


def _around(opening: Any, shape: tuple[int, ...]) -> tuple[slice, slice]:  # noqa: ANN401 - an Opening
    """The box that is worked on: the opening, with cloth on all sides to match the light by."""
    room = round(_AROUND * opening.width)
    top, bottom = min(opening.left[1], opening.right[1]) - room, int(opening.rim.max()) + room
    left, right = opening.left[0] - room, opening.right[0] + room
    return slice(max(0, top), min(shape[0], bottom)), slice(max(0, left), min(shape[1], right))
