"""Layered PSD for a retoucher: pixel layers with masks, guides, clipping path, profile and a note."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.core.image import Image
from safelight.errors import ParameterError
from safelight.media.clipping_path import iterate_resources
from safelight.media.icc import standard_profile

_GUIDES, _PROFILE, _XMP = 1032, 1039, 1060
_SIDE_LIMIT = 30_000  # PSD's own; beyond it is PSB


@dataclass(frozen=True)
class Layer:
    """One layer, as large as the picture.

    Parameters
    ----------
    name : str
    pixels : (H, W, 3 or 4) uint8 or uint16, straight alpha
    mask : (H, W) uint8 or None
        255 shows.
    visible : bool
    """

    name: str
    pixels: NDArray[Any]
    mask: NDArray[np.uint8] | None = None
    visible: bool = True


def write_layers(
    merged: Image,
    layers: Sequence[Layer],
    *,
    paths: bytes = b"",
    guides: Sequence[tuple[str, float]] = (),
    note: str = "",
    icc: bytes | None = None,
) -> bytes:
    """Write a PSD.

    Parameters
    ----------
    merged : Image
        (H, W, 3) uint8 or uint16: what programs without layers show; its depth is the file's.
    layers : sequence of Layer
        Lowest first.
    paths : bytes
        From `clipping_path.pack_paths`.
    guides : sequence of (``"row"`` or ``"column"``, place in px)
    note : str
        Words for the retoucher, kept as the file's description (XMP dc:description).
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

    _check(merged, layers)
    depth = merged.pixels.dtype.itemsize * 8
    document = PSDImage.new("RGB", merged.size, depth=16 if depth == 16 else 8)
    for each in layers:
        layer = document.create_pixel_layer_from_array(each.pixels, name=each.name, compression=Compression.RLE)
        if each.mask is not None:
            layer.create_mask(Pillow.fromarray(each.mask))
        layer.visible = each.visible
    record = document._record
    planes = [merged.pixels[..., each] for each in range(3)]
    record.image_data.set_data([each.astype(f">u{depth // 8}").tobytes() for each in planes], record.header)
    blocks = {number: body for number, _, body in iterate_resources(paths)}
    names = {number: name for number, name, _ in iterate_resources(paths)}
    blocks |= {_PROFILE: standard_profile(merged.space) if icc is None else icc}
    blocks |= {_GUIDES: _guides(guides)} if guides else {}
    blocks |= {_XMP: _described(note)} if note else {}
    for number, body in blocks.items():
        if body:
            _put(record.image_resources, number, names.get(number, b""), body)
    out = io.BytesIO()
    record.write(out)
    return out.getvalue()


def _check(merged: Image, layers: Sequence[Layer]) -> None:
    if not layers:
        raise ParameterError("a layered PSD needs one layer at least; write a TIFF for a flat picture")
    if max(merged.size) > _SIDE_LIMIT:
        raise ParameterError(f"a PSD side may have {_SIDE_LIMIT} px, this has {max(merged.size)}: write tiff")
    for each in layers:
        if each.pixels.shape[:2] != merged.pixels.shape[:2] or each.pixels.dtype != merged.pixels.dtype:
            raise ParameterError(
                f"layer {each.name} is {each.pixels.shape[1]} x {each.pixels.shape[0]} {each.pixels.dtype}, "
                f"the picture {merged.width} x {merged.height} {merged.pixels.dtype}; all layers are as the picture"
            )


def _put(resources: Any, number: int, name: bytes, body: bytes) -> None:  # noqa: ANN401 - the library's dictionary
    from psd_tools.psd.image_resources import ImageResource

    resources[number] = ImageResource(key=number, name=name.decode("latin-1"), data=body)


def _guides(guides: Sequence[tuple[str, float]]) -> bytes:
    """Adobe's "grid and guides" resource: version 1, grid of 18 units, then each guide in 32nds of a pixel."""
    body = struct.pack(">IIII", 1, 576, 576, len(guides))
    return body + b"".join(struct.pack(">IB", round(32 * place), int(way == "row")) for way, place in guides)


def _described(note: str) -> bytes:
    from xml.sax.saxutils import escape

    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt><rdf:li xml:lang="x-default">'
        f"{escape(note)}</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    ).encode()
