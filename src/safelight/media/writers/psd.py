"""Layered PSD for a retoucher: pixel layers with masks, guides, clipping path, profile and a note."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.core.image import Image
from safelight.errors import ParameterError
from safelight.media.clipping_path import iterate_resources
from safelight.media.hand_off import pack_guides
from safelight.media.icc import standard_profile

_PROFILE, _XMP = 1039, 1060
_SIDE_LIMIT = 30_000  # PSD's own; beyond it is PSB


@dataclass(frozen=True)
class Layer:
    """One layer, as large as the picture.

    Parameters
    ----------
    name : str
    pixels : (H, W, 3 or 4) uint8 or uint16, straight alpha; or None
        None for an empty layer to paint on.
    mask : (H, W) uint8 or None
        255 shows.
    visible : bool
    """

    name: str
    pixels: NDArray[Any] | None
    mask: NDArray[np.uint8] | None = None
    visible: bool = True


def write_layers(
    merged: Image,
    layers: Iterable[Layer],
    *,
    paths: bytes = b"",
    guides: Sequence[tuple[str, float]] = (),
    note: str = "",
    xmp: bytes = b"",
    icc: bytes | None = None,
) -> bytes:
    """Write a PSD.

    Parameters
    ----------
    merged : Image
        (H, W, 3) uint8 or uint16: what programs without layers show; its depth is the file's.
    layers : iterable of Layer
        Lowest first; taken one by one, so that one that paints them as they are asked for holds one at a time.
    paths : bytes
        From `clipping_path.pack_paths`.
    guides : sequence of (``"row"`` or ``"column"``, place in px)
    note : str
        Words for the retoucher, kept as the file's description (XMP dc:description).
    xmp : bytes
        A whole packet in the place of that note's.
    icc : bytes, optional
        The profile; the standard one of the picture's space if left out.

    Raises
    ------
    ParameterError
        If there is no layer, a side is over 30,000 px, or a layer has another size or depth than `merged`.

    Notes
    -----
    Opens with psd-tools, ImageMagick and what reads their formats; the same input gives the same bytes.
    """
    from PIL import Image as Pillow
    from psd_tools import PSDImage
    from psd_tools.constants import Compression

    if max(merged.size) > _SIDE_LIMIT:
        raise ParameterError(f"a PSD side may have {_SIDE_LIMIT} px, this has {max(merged.size)}: write tiff")
    depth = merged.pixels.dtype.itemsize * 8
    document = PSDImage.new("RGB", merged.size, depth=16 if depth == 16 else 8)
    for each in layers:
        _require_alike(each, merged)
        pixels = np.zeros((1, 1, 4), merged.pixels.dtype) if each.pixels is None else each.pixels
        layer = document.create_pixel_layer_from_array(pixels, name=each.name, compression=Compression.RLE)
        if each.mask is not None:
            layer.create_mask(Pillow.fromarray(each.mask))
        layer.visible = each.visible
    if not len(document):
        raise ParameterError("a layered PSD needs one layer at least; write a TIFF for a flat picture")
    record = document._record
    planes = [merged.pixels[..., each] for each in range(3)]
    record.image_data.set_data([each.astype(f">u{depth // 8}").tobytes() for each in planes], record.header)
    blocks = {number: body for number, _, body in iterate_resources(paths + (pack_guides(guides) if guides else b""))}
    names = {number: name for number, name, _ in iterate_resources(paths)}
    blocks |= {_PROFILE: standard_profile(merged.space) if icc is None else icc}
    blocks |= {_XMP: xmp or _described(note)} if xmp or note else {}
    for number, body in blocks.items():
        if body:
            _put(record.image_resources, number, names.get(number, b""), body)
    out = io.BytesIO()
    record.write(out)
    return out.getvalue()


def _require_alike(layer: Layer, merged: Image) -> None:
    own = layer.pixels
    if own is not None and (own.shape[:2] != merged.pixels.shape[:2] or own.dtype != merged.pixels.dtype):
        raise ParameterError(
            f"layer {layer.name} is {own.shape[1]} x {own.shape[0]} {own.dtype}, "
            f"the picture {merged.width} x {merged.height} {merged.pixels.dtype}; all layers are as the picture"
        )


def _put(resources: Any, number: int, name: bytes, body: bytes) -> None:  # noqa: ANN401 - the library's dictionary
    from psd_tools.psd.image_resources import ImageResource

    resources[number] = ImageResource(key=number, name=name.decode("latin-1"), data=body)


def _described(note: str) -> bytes:
    from safelight.media.xmp import DC, Lang, change_properties

    return change_properties(None, {(DC, "description"): Lang(note)})
