"""What the layers of a file that came back say: the cut-out's mask, what was painted on, the path, notes and guides."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from safelight.errors import UnreadableError
from safelight.runs.checkout import RESULT

if TYPE_CHECKING:
    from safelight.media.psd_layers import Layered, PsdLayer
    from safelight.render.planes import Plane

_ROUNDED = 1  # of 255: what a program that counts to 32768 makes of a mask
_OURS = ("Original", "Background", "Shadow")
_MOST_LISTED = 200


@dataclass(frozen=True, eq=False)
class LayersBack:
    """Layers of a file that came back.

    Parameters
    ----------
    mask : (H, W) uint16 or None
        The cut-out as its mask has it now; None where that is as it went out, or can't be believed.
    facts : dict
        layers, notes, guides, path: JSON data.
    said : tuple of str
    """

    mask: Plane | None
    facts: dict[str, Any]
    said: tuple[str, ...]


def look_at_layers(
    layered: Layered, mask: NDArray[np.uint8] | None, before: Plane | None, sent_path: str
) -> LayersBack:
    """Read what a person left in the layers.

    Parameters
    ----------
    layered : Layered
        From the file.
    mask : (H, W) uint8 or None
        Of its layer `RESULT`.
    before : (H, W) uint16 or None
        The cut-out as it went out.
    sent_path : str
        What tells the path that went out, see `path_mark`; "" where none did.

    Returns
    -------
    LayersBack

    Notes
    -----
    Eight bits of mask stand for the sixteen that went out wherever they agree within a code: an untouched edge keeps
    its matte to the bit.
    """
    from safelight.media.psd_layers import to_data

    found: Plane | None = None
    said: list[str] = []
    if before is not None:
        doubt = why_not(layered, mask, before.shape)
        if doubt:
            said.append(f"{doubt}: its mask was not read, the flat picture was")
        elif mask is not None:
            found = _masked(mask, before)
    if found is not None and before is not None:
        said.append(_told_of_mask(found, before))
    said += _told_of_painting(layered)
    path = _path_of(layered, found if found is not None else before, sent_path, said)
    said += [f"note in the file: {each}" for each in layered.notes[:10]]
    width, height = layered.size
    facts = {
        "layers": to_data(layered)["layers"][:_MOST_LISTED],
        "notes": list(layered.notes),
        "guides": [[way, place / (height if way == "row" else width)] for way, place in layered.guides],
        "path": path,
        "mask_read": found is not None,
    }
    return LayersBack(found, facts, tuple(said))


def path_mark(paths: bytes) -> str:
    """Return what tells a file's saved paths from others, by their bytes; "" for none.

    Examples
    --------
    >>> path_mark(b"")
    ''
    """
    from safelight.media.clipping_path import FIRST_PATH, LAST_PATH, iterate_resources

    bodies = [body for number, _, body in iterate_resources(paths) if FIRST_PATH <= number <= LAST_PATH]
    return hashlib.sha256(b"".join(bodies)).hexdigest() if bodies else ""


def why_not(layered: Layered, mask: NDArray[np.uint8] | None, shape: tuple[int, ...]) -> str:
    """Say why the mask of the machine's result does not tell what is cut out; "" where it does."""
    own = [each for each in layered.layers if each.name == RESULT]
    if len(own) != 1:
        return f"it has {'no layer' if not own else f'{len(own)} layers'} called {RESULT}"
    found = own[0]
    faults = {
        "is no layer of pixels": found.kind != "pixels",
        "is hidden": not found.shown,
        f"is mixed in at {found.opacity:.0%}": found.opacity < 1,
        f"is mixed by {found.blend}": found.blend != "norm",
        "is clipped to the layer below": found.clipped,
        "has no mask": found.mask == "" or mask is None,
        "has its mask switched off": found.mask == "off",
        "has a mask with density, feather or a vector": found.mask == "other",
        "is no longer as large as the picture": found.box != (0, 0, *layered.size),
        "has a mask of another size": mask is not None and mask.shape != shape,
    }
    return next((f"its layer {RESULT} {fault}" for fault, holds in faults.items() if holds), "")


def _masked(mask: NDArray[np.uint8], before: Plane) -> Plane | None:
    """The cut-out by the mask where that is another by more than rounding; None where it is not."""
    sent = np.rint(before / np.float32(257)).astype(np.int16)
    other = np.abs(mask.astype(np.int16) - sent) > _ROUNDED
    if not other.any():
        return None
    return np.asarray(np.where(other, mask.astype(np.uint16) * np.uint16(257), before), np.uint16)


def _told_of_mask(found: Plane, before: Plane) -> str:
    moved = found.astype(np.float32) - before
    on, off = (100 * float(np.maximum(each, 0).mean()) / 65535 for each in (moved, -moved))
    return f"the cut-out is its mask's: {on:.2g} % of the frame came on, {off:.2g} % came off"


def _told_of_painting(layered: Layered) -> Iterator[str]:
    """Layers that were painted on or added, the first ten."""
    added = [each for each in layered.layers if each.name not in (*_OURS, RESULT) and _does_something(each)]
    for each in added[:10]:
        hidden = "" if each.shown else ", hidden"
        covers = f", {100 * each.covers:.2g} % of the frame" if each.kind == "pixels" else ""
        yield f"layer {each.name}: {each.kind}{covers}{hidden}"
    if len(added) > 10:
        yield f"and {len(added) - 10} layers more"


def _does_something(layer: PsdLayer) -> bool:
    return layer.kind not in ("pixels", "group") or layer.covers > 0


def _path_of(layered: Layered, cut: Plane | None, sent: str, said: list[str]) -> dict[str, Any]:
    """The file's clipping path, or its first one, held against the cut-out; empty where it has none."""
    from safelight.media.clipping_path import clipping_name, read_paths
    from safelight.runs.outline import judge_path

    try:
        paths = read_paths(layered.paths)
    except UnreadableError as error:
        said.append(f"its path was not read: {error}")
        return {}
    if not paths:
        if sent:
            said.append("the path that went out is gone")
        return {}
    name = clipping_name(layered.paths)
    own = next((each for each in paths if each.name == name), paths[0])
    facts: dict[str, Any] = {
        "name": own.name,
        "clips": bool(name),
        "knots": sum(map(len, own.subpaths)),
        "subpaths": [[[[list(at) for at in curve], corner] for curve, corner in ring] for ring in own.subpaths],
        "changed": path_mark(layered.paths) != sent,
    }
    if cut is not None and (cut > 32767).any():
        judged = judge_path(own, cut)
        facts["deviation"] = {each.measure.name: each.measure.value for each in judged.judged}
        if facts["changed"]:
            stands = "" if judged.word == "pass" else ", which stands"
            said.append(f"path {own.name} was changed; {_beside(facts['deviation'])} of the cut-out{stands}")
    return facts


def _beside(deviation: Mapping[str, float | None]) -> str:
    off, far = deviation.get("off_hard_edge"), deviation.get("far_off")
    if off is None or far is None:
        return "it lies on no hard edge"
    return f"95 % of it lie within {off:.1f} px, {far:.2g} % beyond 2 px of the edge"
