"""One header reader a format: from bytes to `Opened`, with not a pixel decoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from types import MappingProxyType

from safelight.core.edit import Reason
from safelight.core.facts import Capture
from safelight.errors import UnreadableError, UnsupportedFormatError
from safelight.media.colors import Coloring, coloring_of
from safelight.media.exif import ExifFacts, facts_of, read_exif
from safelight.media.formats import Found
from safelight.media.heif_boxes import read_heif_header
from safelight.media.jpeg_segments import read_jpeg_header
from safelight.media.metadata import Metadata, iptc_of_resources, join_extended_xmp
from safelight.media.png_chunks import peek_png_size, read_png_header
from safelight.media.probe import Opened, Probe
from safelight.media.psd_header import read_psd_header
from safelight.media.riff_chunks import read_webp_header
from safelight.media.tiff_pages import read_tiff_page
from safelight.media.tiff_structure import read_directories
from safelight.media.tiff_writing import exif_block

CheckSize = Callable[[int, int], None]
HeaderReader = Callable[[memoryview, str, Found, CheckSize], Opened]


def _jpeg(data: memoryview, name: str, found: Found, check_size: CheckSize) -> Opened:
    header = read_jpeg_header(data)
    check_size(header.width, header.height)
    if header.bits != 8 or header.frame in (0xC3, 0xC7, 0xCB, 0xCF):
        kind = "lossless" if header.bits == 8 else f"{header.bits}-bit"
        raise UnsupportedFormatError(f"{name} is a {kind} JPEG; safelight reads 8-bit JPEG, save it as TIFF")
    models = {1: "gray", 3: "rgb", 4: "cmyk"}
    if len(header.sampling) not in models:
        raise UnsupportedFormatError(f"{name} is a JPEG of {len(header.sampling)} channels; safelight reads 1, 3 or 4")
    model = models[len(header.sampling)]
    exif = read_exif(header.exif)
    coloring = coloring_of(model, header.icc, claims_adobe_rgb=exif.adobe_rgb)
    metadata = Metadata(
        header.exif,
        join_extended_xmp(header.xmp, header.xmp_extended),
        iptc_of_resources(header.photoshop),
        header.icc or None,
    )
    size, channels = (header.width, header.height), len(header.sampling)
    return _opened(data, name, found, (size, 8, channels, model), exif, coloring, metadata, header=header)


def _png(data: memoryview, name: str, found: Found, check_size: CheckSize) -> Opened:
    check_size(*peek_png_size(data))
    header = read_png_header(data)
    exif = read_exif(header.exif)
    model = "gray" if header.color in (0, 4) else "rgb"
    coloring = coloring_of(model, header.icc, coded=header.coded, says_srgb=header.srgb)
    if header.gamma is not None and not coloring.embedded and abs(header.gamma - 0.45455) > 0.01:
        text = f"the PNG states an exponent of {header.gamma:.4f} and no profile; its numbers are taken as sRGB"
        coloring = _with_reason(coloring, Reason("png_gamma", text, {"gamma": header.gamma}, doubt=True))
    metadata = Metadata(header.exif, header.xmp, None, header.icc or None)
    channels = (1 if model == "gray" else 3) + header.transparent
    shape = (header.width, header.height), max(header.bits, 8), channels, model
    return _opened(data, name, found, shape, exif, coloring, metadata, alpha=header.transparent, header=header)


def _webp(data: memoryview, name: str, found: Found, check_size: CheckSize) -> Opened:
    header = read_webp_header(data)
    check_size(header.width, header.height)
    if header.animated:
        raise UnsupportedFormatError(f"{name} is an animated WebP; safelight reads stills, export one frame of it")
    exif = read_exif(header.exif)
    coloring = coloring_of("rgb", header.icc)
    metadata = Metadata(header.exif, header.xmp, None, header.icc)
    shape = (header.width, header.height), 8, 3 + header.transparent, "rgb"
    return _opened(data, name, found, shape, exif, coloring, metadata, alpha=header.transparent, header=header)


def _heif(data: memoryview, name: str, found: Found, check_size: CheckSize) -> Opened:
    if found.format == "heif" and find_spec("pillow_heif") is None:
        raise UnsupportedFormatError(
            f"{name} is a HEIC picture, which needs the optional reader: pip install 'safelight[heic]'"
        )
    header = read_heif_header(data)
    check_size(header.width, header.height)
    size = (header.height, header.width) if header.turned else (header.width, header.height)
    exif = ExifFacts(capture=read_exif(header.exif).capture)  # irot and imir turn the pixels, EXIF must not again
    coloring = coloring_of("rgb", header.icc, coded=header.coded)
    metadata = Metadata(header.exif, header.xmp, None, header.icc)
    shape = size, header.bits, 3 + header.transparent, "rgb"
    return _opened(data, name, found, shape, exif, coloring, metadata, alpha=header.transparent, header=header)


def _psd(data: memoryview, name: str, found: Found, check_size: CheckSize) -> Opened:
    header = read_psd_header(data)
    check_size(header.width, header.height)
    models = {1: ("gray", 1), 3: ("rgb", 3), 4: ("cmyk", 4), 8: ("gray", 1), 9: ("lab", 3)}
    if header.mode not in models or header.bits not in (8, 16):
        raise UnsupportedFormatError(
            f"{name} is a PSD of color mode {header.mode} at {header.bits} bits; "
            "safelight reads gray, RGB, CMYK and Lab at 8 or 16 bits: convert it in the editor it came from"
        )
    if not header.has_merged:
        raise UnsupportedFormatError(
            f"{name} is a PSD without its merged picture; save it again with 'maximize compatibility' on"
        )
    model, colors = models[header.mode]
    profile = header.resources.get(1039)
    coloring = coloring_of(model, profile)
    if header.layers:
        text = f"the PSD has {header.layers} layers; the merged picture saved with them is read"
        coloring = _with_reason(coloring, Reason("psd_merged", text, {"layers": header.layers}))
    alpha = header.transparent and header.channels > colors
    metadata = Metadata(header.resources.get(1058), header.resources.get(1060), header.resources.get(1028), profile)
    exif = ExifFacts(capture=read_exif(metadata.exif).capture)  # Photoshop has turned the pixels
    shape = (header.width, header.height), header.bits, header.channels, model
    return _opened(data, name, found, shape, exif, coloring, metadata, alpha=alpha, header=header)


def _tiff(data: memoryview, name: str, found: Found, check_size: CheckSize) -> Opened:
    chain = read_directories(data)
    page = read_tiff_page(data, chain, name)
    check_size(page.width, page.height)
    page.refuse_cut_short(data)
    first, exif = chain[0], facts_of(data, chain)
    coloring = coloring_of(page.model, first.raw(data, 34675) or None, claims_adobe_rgb=exif.adobe_rgb)
    for reason in page.reasons:
        coloring = _with_reason(coloring, reason)
    metadata = Metadata(
        exif_block(data, chain), first.raw(data, 700) or None, _tiff_iptc(data, chain), first.raw(data, 34675) or None
    )
    shape = (page.width, page.height), page.bits, page.samples, page.model
    return _opened(data, name, found, shape, exif, coloring, metadata, alpha=page.alpha != "none", header=page)


def _tiff_iptc(data: memoryview, chain: tuple[object, ...]) -> bytes | None:
    first = read_directories(data)[0]
    return first.raw(data, 33723) or iptc_of_resources(first.raw(data, 34377))


def _raw(data: memoryview, name: str, found: Found, check_size: CheckSize) -> Opened:
    from safelight.media.raw_header import open_raw

    return open_raw(data, name, found, check_size)


def _opened(
    data: memoryview,
    name: str,
    found: Found,
    shape: tuple[tuple[int, int], int, int, str],
    exif: ExifFacts,
    coloring: Coloring,
    metadata: Metadata,
    *,
    alpha: bool = False,
    header: object = None,
) -> Opened:
    (width, height), bits, channels, model = shape
    if not width or not height:
        raise UnreadableError(f"its header says {width} x {height} px")
    turned = exif.orientation >= 5
    probe = Probe(
        format=found.format,
        title=found.title,
        width=height if turned else width,
        height=width if turned else height,
        bits=bits,
        channels=channels,
        model=model,
        orientation=exif.orientation,
        alpha=alpha,
        space=coloring.space,
        profile=coloring.label,
        profile_embedded=coloring.embedded,
        capture=exif.capture or Capture(),
        has_preview=exif.thumbnail is not None,
    )
    return Opened(data, name, probe, metadata, coloring.reasons, coloring.convert_from, header)


def _with_reason(coloring: Coloring, reason: Reason) -> Coloring:
    return Coloring(
        coloring.space, coloring.label, coloring.embedded, coloring.convert_from, (*coloring.reasons, reason)
    )


BY_FORMAT: Mapping[str, HeaderReader] = MappingProxyType(
    {
        "jpeg": _jpeg,
        "png": _png,
        "webp": _webp,
        "avif": _heif,
        "heif": _heif,
        "psd": _psd,
        "tiff": _tiff,
        "raw": _raw,
    }
)
