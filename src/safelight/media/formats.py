"""What a file is, by its content: an allow list of what is read, and names for what is not.

RAW is recognized before anything else looks at a file: a RAW is most often a TIFF whose first
picture is a small preview, and generic TIFF readers hand back that preview without an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import NoReturn

from safelight.errors import UnreadableError, UnsupportedFormatError
from safelight.media.tiff_structure import Directory, is_tiff_header, read_directories

READ = "JPEG, TIFF, PNG, WebP, AVIF, flat PSD, HEIC (with the extra `heic`) and camera RAW"

_BRANDS_AVIF = {b"avif", b"avis"}
_BRANDS_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

# Signatures of RAW files that are no TIFF, or a TIFF with a changed header.
_RAW_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"FUJIFILMCCD-RAW", "Fujifilm RAF"),
    (0, b"IIRO", "Olympus ORF"),
    (0, b"IIRS", "Olympus ORF"),
    (0, b"MMOR", "Olympus ORF"),
    (0, b"IIU\0", "Panasonic RW2"),
    (0, b"\0MRM", "Minolta MRW"),
    (0, b"FOVb", "Sigma X3F"),
    (6, b"HEAPCCDR", "Canon CRW"),
)

# (offset, signature, what it is), for a refusal that names the thing.
_REFUSED: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "PDF document"),
    (0, b"%!PS", "PostScript or EPS document"),
    (0, b"\xc5\xd0\xd3\xc6", "EPS document"),
    (0, b"GIF8", "GIF picture"),
    (0, b"BM", "BMP picture"),
    (0, b"\0\0\1\0", "Windows icon"),
    (0, b"\0\0\2\0", "Windows cursor"),
    (0, b"PK\3\4", "ZIP archive"),
    (0, b"PK\5\6", "ZIP archive"),
    (0, b"\x1f\x8b", "gzip archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z archive"),
    (0, b"Rar!", "RAR archive"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000 picture"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000 codestream"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL picture"),
    (0, b"\xff\x0a", "JPEG XL picture"),
    (0, b"II\xbc", "JPEG XR picture"),
    (0, b"8BPB", "large Photoshop document (PSB)"),
    (0, b"gimp xcf", "GIMP document (XCF)"),
    (0, b"v/1\x01", "OpenEXR picture"),
    (0, b"#?RADIANCE", "Radiance HDR picture"),
    (0, b"SIMPLE  =", "FITS picture"),
    (0, b"DDS ", "DDS texture"),
    (0, b"\x01\xda", "SGI picture"),
    (0, b"qoif", "QOI picture"),
    (0, b"\x1aE\xdf\xa3", "Matroska or WebM video"),
    (0, b"OggS", "Ogg file"),
    (0, b"ID3", "MP3 audio"),
    (0, b"fLaC", "FLAC audio"),
    (0, b"\x7fELF", "program"),
    (0, b"MZ", "program"),
    (0, b"Exif\0\0", "bare EXIF block"),
    (0, b"push graphic-context", "MVG drawing"),
    (0, b"viewbox ", "MVG drawing"),
    (4, b"\x11\xaf", "FLI animation"),
    (4, b"\x12\xaf", "FLC animation"),
    (257, b"ustar", "tar archive"),
)

# Makers whose TIFF-shaped RAW files may carry no CFA tag in their directories.
_COMPRESSIONS_RAW = {32767, 32769, 32770, 34713, 34892, 65000, 65535}  # ARW, packed, SRW, NEF, lossy DNG, KDC, PEF


@dataclass(frozen=True)
class Found:
    """A format by content: the word that `Asset.format` keeps, and the name that people know it by."""

    format: str
    title: str


def recognize(data: memoryview, name: str) -> Found:
    """Tell what `data` is by its content, whatever its name says.

    Parameters
    ----------
    data : memoryview of bytes
        The whole file (only its head and directories are looked at).
    name : str
        How to call it in an error: a display name.

    Returns
    -------
    Found
        ``format`` is ``"jpeg"``, ``"tiff"``, ``"png"``, ``"webp"``, ``"avif"``, ``"heif"``, ``"psd"`` or ``"raw"``.

    Raises
    ------
    UnreadableError
        If there is nothing in it.
    UnsupportedFormatError
        If it is something else; the message says what, and what is read.

    Examples
    --------
    >>> recognize(memoryview(b"%PDF-1.7 ..."), "cover.jpg")
    Traceback (most recent call last):
    safelight.errors.UnsupportedFormatError: cover.jpg is a PDF document with the extension .jpg; safelight reads ...
    """
    if len(data) == 0:
        raise UnreadableError(f"{name} is empty (0 bytes); copy it again from the card")
    found = _raw_by_signature(data) or _picture(data)
    if found is not None:
        return found
    refuse(name, _other(bytes(data[:4096])))


def refuse(name: str, what: str) -> NoReturn:
    """Raise the `UnsupportedFormatError` that names the thing and what is read instead."""
    extension = PurePath(name).suffix
    lies = 1 < len(extension) <= 8 and extension[1:].lower() not in what.lower()
    dressed = f" with the extension {extension}" if lies else ""
    raise UnsupportedFormatError(f"{name} is {_with_article(what)}{dressed}; safelight reads {READ}")


def _picture(data: memoryview) -> Found | None:
    head = bytes(data[:32])
    if head[:3] == b"\xff\xd8\xff":
        return Found("jpeg", "JPEG")
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return Found("png", "PNG")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Found("webp", "WebP")
    if head[:6] == b"8BPS\0\1":
        return Found("psd", "PSD")
    if head[4:8] == b"ftyp":
        return _by_brands(bytes(data[8 : max(16, min(int.from_bytes(head[:4]), 256))]))
    if is_tiff_header(head):
        return _tiff_or_raw(data)
    return None


def _by_brands(brands: bytes) -> Found | None:
    found = [brands[0:4], *(brands[at : at + 4] for at in range(8, len(brands) - 3, 4))]
    if found[0] == b"crx ":
        return Found("raw", "Canon CR3")
    if _BRANDS_AVIF.intersection(found):
        return Found("avif", "AVIF")
    return Found("heif", "HEIC") if _BRANDS_HEIF.intersection(found) else None


def _raw_by_signature(data: memoryview) -> Found | None:
    for at, magic, title in _RAW_MAGIC:
        if data[at : at + len(magic)] == magic:
            return Found("raw", title)
    return None


def _tiff_or_raw(data: memoryview) -> Found:
    try:
        chain = read_directories(data)
    except UnreadableError:
        return Found("tiff", "TIFF")
    title = raw_title(data, chain)
    return Found("raw", title) if title else Found("tiff", "TIFF")


def raw_title(data: memoryview, chain: tuple[Directory, ...]) -> str:
    """Return what kind of RAW a TIFF structure holds, or "" for an ordinary TIFF."""
    first = chain[0]
    every = [each for top in chain for each in top.family()]
    if 50706 in first.entries:  # DNGVersion
        vc5 = any(each.number(data, 259) == 9 for each in every)
        return "GoPro GPR" if vc5 else "DNG"
    if bytes(data[8:10]) == b"CR" and len(data) > 16:
        return "Canon CR2"
    make = first.text(data, 271).upper()
    maker = next((title for word, title in _MAKERS if make.startswith(word)), "camera RAW")
    if bytes(data[8:12]) == b"IIII":
        return "Phase One IIQ"
    for each in every:
        if each.number(data, 262) in (32803, 34892) or 33422 in each.entries:  # CFA, LinearRaw; CFAPattern
            return maker
        if each.number(data, 259) in _COMPRESSIONS_RAW:
            return maker
    has_preview_first = first.number(data, 254) == 1 and 330 in first.entries
    return maker if has_preview_first and maker != "camera RAW" else ""


_MAKERS = (
    ("NIKON", "Nikon NEF"),
    ("CANON", "Canon RAW"),
    ("SONY", "Sony ARW"),
    ("PENTAX", "Pentax PEF"),
    ("RICOH", "Pentax PEF"),
    ("EASTMAN KODAK", "Kodak KDC"),
    ("KODAK", "Kodak KDC"),
    ("SAMSUNG", "Samsung SRW"),
    ("HASSELBLAD", "Hasselblad 3FR"),
    ("PHASE ONE", "Phase One IIQ"),
    ("LEAF", "Leaf MOS"),
    ("MAMIYA", "Mamiya MEF"),
    ("EPSON", "Epson ERF"),
    ("SEIKO EPSON", "Epson ERF"),
    ("LEICA", "Leica RAW"),
)


def _other(head: bytes) -> str:
    for at, magic, what in _REFUSED:
        if head[at : at + len(magic)] == magic:
            return what
    if head[4:8] == b"ftyp" or head[4:8] in (b"moov", b"mdat", b"wide", b"free"):
        return "MP4 or QuickTime video"
    if head[:4] == b"RIFF":
        return {b"AVI ": "AVI video", b"WAVE": "WAVE audio"}.get(head[8:12], "RIFF file")
    if head[:1] == b"P" and head[1:2] in b"1234567" and head[2:3].isspace():
        return "Netpbm picture"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text:
        return "SVG drawing"
    if text.startswith((b"<!doctype html", b"<html")):
        return "HTML page"
    if text.startswith(b"<?xml") or text.startswith(b"<"):
        return "XML document"
    if not head.strip(b"\0"):
        return "file of zeros"
    if all(byte >= 32 or byte in b"\t\r\n\f" for byte in head):
        return "text file"
    return "file of an unknown kind"


def _with_article(what: str) -> str:
    spelled = what.startswith(("MP", "SVG", "SGI", "FLI", "FLC", "MVG", "HTML", "XML"))
    vowel = what[0] in "AEIOaeio" or spelled
    return f"{'an' if vowel else 'a'} {what}"
