"""The first picture of a TIFF: what its tags say of the pixels, and whether they are all there."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.core.edit import Reason
from safelight.core.image import Alpha
from safelight.errors import UnreadableError, UnsupportedFormatError
from safelight.media.tiff_structure import Directory

_COMPRESSIONS = {
    1: "none",
    2: "CCITT",
    3: "CCITT fax 3",
    4: "CCITT fax 4",
    5: "LZW",
    6: "old JPEG",
    7: "JPEG",
    8: "deflate",
    32946: "deflate",
    32773: "PackBits",
    50000: "Zstandard",
}
_MODELS = {0: "gray", 1: "gray", 2: "rgb", 3: "rgb", 5: "cmyk", 6: "rgb", 8: "lab", 9: "lab"}
_COLORS = {"gray": 1, "rgb": 3, "cmyk": 4, "lab": 3}


@dataclass(frozen=True)
class TiffPage:
    """The picture that a TIFF's first directory describes; `photometric_at` is where that tag's value stands."""

    width: int
    height: int
    bits: int
    samples: int
    model: str
    photometric: int
    photometric_at: tuple[int, str]
    compression: int
    planar: bool
    is_float: bool
    alpha: Alpha
    extent: int
    missing: bool
    reasons: tuple[Reason, ...]

    def refuse_cut_short(self, data: memoryview) -> None:
        """Raise `UnreadableError` if pixel data is said to lie beyond the end of the file."""
        if self.missing:
            raise UnreadableError("it is cut short: it does not say where all of its pixels are")
        if self.extent > len(data):
            raise UnreadableError(f"it is cut short: {len(data)} of at least {self.extent} bytes are there")


def read_tiff_page(data: memoryview, chain: tuple[Directory, ...], name: str) -> TiffPage:
    """Read the tags of the first directory.

    Raises
    ------
    UnsupportedFormatError
        If it holds a kind of picture or compression that is not read here.
    """
    first = chain[0]
    photometric = int(first.number(data, 262, 1))
    compression = int(first.number(data, 259, 1))
    samples = int(first.number(data, 277, 1))
    bits = int(max(first.numbers(data, 258) or (1,)))
    sample_format = int(first.number(data, 339, 1))
    if photometric not in _MODELS:
        raise UnsupportedFormatError(
            f"{name} is a TIFF of photometric kind {photometric}; save it as RGB, gray or CMYK"
        )
    if compression not in _COMPRESSIONS:
        raise UnsupportedFormatError(f"{name} is a TIFF with compression {compression}; save it with LZW, ZIP or none")
    if sample_format not in (1, 3, 4) or (sample_format != 3 and bits > 16) or (sample_format == 3 and bits != 32):
        kind = {2: "signed integers", 3: "floats", 5: "complex integers", 6: "complex floats"}.get(
            sample_format, "values"
        )
        raise UnsupportedFormatError(f"{name} is a TIFF of {bits}-bit {kind}; save it at 8, 16 or 32-bit float")
    model = _MODELS[photometric]
    alpha, reasons = _alpha(first.numbers(data, 338), samples - _COLORS[model] if photometric != 3 else samples - 1)
    extent, missing = _extent(data, first, compression, bits, samples)
    entry = first.entries.get(262)
    return TiffPage(
        width=int(first.number(data, 256)),
        height=int(first.number(data, 257)),
        bits=max(bits, 8),
        samples=samples,
        model=model,
        photometric=photometric,
        photometric_at=(entry.at if entry else -1, first.order),
        compression=compression,
        planar=first.number(data, 284, 1) == 2,
        is_float=sample_format == 3,
        alpha=alpha,
        extent=extent,
        missing=missing,
        reasons=(*reasons, *_pages(chain, data)),
    )


def _alpha(extra: tuple[float, ...], count: int) -> tuple[Alpha, tuple[Reason, ...]]:
    """Only a channel that is called alpha is one: unspecified ones are saved selections more often than not."""
    if count <= 0:
        return "none", ()
    kind = int(extra[0]) if extra else 0
    if kind in (1, 2):
        return ("premultiplied" if kind == 1 else "straight"), ()
    text = f"{count} extra channel(s) that the TIFF does not call transparency are left out"
    return "none", (Reason("extra_channels", text, {"channels": float(count)}),)


def _pages(chain: tuple[Directory, ...], data: memoryview) -> tuple[Reason, ...]:
    """Full pictures besides the first; thumbnails and masks say in NewSubfileType that they are such."""
    more = sum(1 for each in chain[1:] if not int(each.number(data, 254)) & 5 and 256 in each.entries)
    if not more:
        return ()
    return (Reason("more_pages", f"the TIFF has {more + 1} pages; the first is read", {"pages": float(more + 1)}),)


def _extent(data: memoryview, first: Directory, compression: int, bits: int, samples: int) -> tuple[int, bool]:
    """(the byte after the last pixel, True if strips or tiles are missing)."""
    tiled = 324 in first.entries
    offsets = first.numbers(data, 324 if tiled else 273)
    counts = first.numbers(data, 325 if tiled else 279)
    width, height = int(first.number(data, 256)), int(first.number(data, 257))
    if compression == 6 and 513 in first.entries:
        return int(first.number(data, 513) + first.number(data, 514)), False
    if not counts and len(offsets) == 1 and compression == 1:
        counts = (width * height * samples * bits / 8,)
    planes = samples if first.number(data, 284, 1) == 2 else 1
    if tiled:
        across, down = int(first.number(data, 322)) or 1, int(first.number(data, 323)) or 1
        expected = -(-width // across) * -(-height // down) * planes
    else:
        rows = min(int(first.number(data, 278, height)) or height, height) or 1
        expected = -(-height // rows) * planes
    missing = len(offsets) < expected or len(counts) < expected or 0 in counts[:expected]
    ends = [int(at + size) for at, size in zip(offsets, counts, strict=False)]
    return max(ends, default=0), missing
