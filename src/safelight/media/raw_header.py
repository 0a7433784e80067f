"""Camera RAW: what its header says, by LibRaw and by the TIFF structure most RAW files have."""

from __future__ import annotations

import ctypes
import math
import mmap
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, cast

from safelight.core.facts import Capture
from safelight.errors import UnreadableError, UnsupportedFormatError
from safelight.media.exif import ExifFacts, facts_of
from safelight.media.formats import Found
from safelight.media.metadata import Metadata, iptc_of_resources
from safelight.media.probe import Opened, Probe
from safelight.media.tiff_structure import Directory, read_directories
from safelight.media.tiff_writing import exif_block

# LibRaw's flip to EXIF orientation: 1 mirrors left and right, 2 top and bottom, 4 rows and columns.
_ORIENTATION = {0: 1, 1: 2, 2: 4, 3: 3, 4: 5, 5: 8, 6: 6, 7: 7}

_PIECE_HEAD = 64 * 1024

# Where a file may say how it was shot: exposure, aperture, ISO, focal length, lens; the directory of such things;
# a maker's own notes, in EXIF and in DNG.
_SAYS_HOW = frozenset({33434, 33437, 34855, 37386, 42034, 42035, 42036, 34665, 37500, 50736, 50740, 50741})


@dataclass(frozen=True)
class RawHeader:
    """What only a RAW has.

    `sensor` is LibRaw's size of the picture before it is turned; `jpegs` are the places (first byte, bytes) of what may
    be JPEGs of it, largest first.
    """

    sensor: tuple[int, int]
    flip: int
    jpegs: tuple[tuple[int, int], ...] = ()


class _Whole:
    """Bytes that are read in one go: LibRaw's wrapper would copy those of a `BytesIO` once more."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self) -> bytes:
        return self._data


@contextmanager
def libraw(data: memoryview | bytes, name: str, title: str) -> Iterator[Any]:
    """Open RAW data with LibRaw; its errors come out as ours, in one sentence."""
    import rawpy

    raw = rawpy.RawPy()
    try:
        raw.open_buffer(cast(BinaryIO, _Whole(_copied(data))))
        yield raw
    except (rawpy.LibRawFileUnsupportedError, rawpy.LibRawNotImplementedError, rawpy.NotSupportedError):
        raise UnsupportedFormatError(_unsupported(name, title)) from None
    except rawpy.LibRawOutOfOrderCallError:
        raise UnsupportedFormatError(_unsupported(name, title)) from None
    except rawpy.LibRawError as error:
        words = error.args[0].decode("ascii", "replace") if error.args and isinstance(error.args[0], bytes) else error
        raise UnreadableError(f"{name} is a damaged or cut {title}: LibRaw says '{words}'") from None
    finally:
        raw.close()


def _copied(data: memoryview | bytes) -> bytes:
    """The bytes of a file, whose own pages are let go of: they need not be in memory twice while it is developed."""
    copied = bytes(data)
    if isinstance(data, memoryview) and isinstance(data.obj, mmap.mmap):
        data.obj.madvise(mmap.MADV_DONTNEED)
    return copied


def _unsupported(name: str, title: str) -> str:
    return (
        f"{name} is a {title} file that LibRaw does not read; convert it to DNG with Adobe DNG Converter, "
        "or export 16-bit TIFF from the maker's software"
    )


def open_raw(data: memoryview, name: str, found: Found, check_size: Callable[[int, int], None]) -> Opened:
    """Read the header of a RAW file; see `probe.open_picture`."""
    chain = _directories(data)
    if found.title == "GoPro GPR":
        raise UnsupportedFormatError(_unsupported(name, found.title))
    _refuse_cut_short(data, chain, name, found.title)
    with libraw(_without_sensor(data, chain, found.title), name, found.title) as raw:
        sizes = raw.sizes
        check_size(sizes.raw_width, sizes.raw_height)
        check_size(sizes.width, sizes.height)
        capture = _capture(raw, facts_of(data, chain) if chain else ExifFacts(), silent=_is_silent(chain, found.title))
        # LibRaw unpacks the whole sensor to say its white level: asked only where no directory says it.
        bits = _bits_of(data, chain) or int(raw.white_level or 0).bit_length()
    if not sizes.width or not sizes.height:
        raise UnreadableError(f"{name} is a {found.title} without a picture in it")
    turned = sizes.flip in (4, 5, 6, 7)
    probe = Probe(
        format="raw",
        title=found.title,
        width=sizes.height if turned else sizes.width,
        height=sizes.width if turned else sizes.height,
        bits=max(bits, 8),
        channels=1,
        model="raw",
        orientation=_ORIENTATION.get(sizes.flip, 1),
        space="linear_rec2020",
        profile=f"camera {_camera(capture)}".strip(),
        profile_embedded=True,
        capture=capture,
        has_preview=_has_preview(data, chain) or found.title in ("Canon CR3", "Fujifilm RAF"),
        scene_referred=True,
    )
    header = RawHeader((sizes.width, sizes.height), sizes.flip, _jpegs_in(data, chain))
    return Opened(data, name, probe, _metadata(data, chain), header=header)


def _directories(data: memoryview) -> tuple[Directory, ...]:
    try:
        return read_directories(data, variants=True)
    except (UnreadableError, struct.error):
        return ()


def _metadata(data: memoryview, chain: tuple[Directory, ...]) -> Metadata:
    if not chain:
        return Metadata()
    first = chain[0]
    iptc = first.raw(data, 33723) or iptc_of_resources(first.raw(data, 34377))
    return Metadata(exif_block(data, chain), first.raw(data, 700) or None, iptc or None, None)


def _is_silent(chain: tuple[Directory, ...], title: str) -> bool:
    """Whether a DNG says nothing at all of how it was shot, so that LibRaw can have found nothing either."""
    return title == "DNG" and not any(_SAYS_HOW & each.entries.keys() for top in chain for each in top.family())


def _capture(raw: Any, exif: ExifFacts, *, silent: bool) -> Capture:  # noqa: ANN401 - LibRaw's object
    """What EXIF says, and where it says nothing (CR3, RAF), what LibRaw found."""
    found = exif.capture
    whole = found.lens and found.iso and found.shutter_s and found.aperture_f and found.focal_mm
    if whole or silent:
        return found  # LibRaw would unpack the whole sensor first: 0.12 s of 24 MP
    other, lens = raw.other, raw.lens
    return replace(
        found,
        lens=found.lens or _text(getattr(lens, "model", "")),
        iso=found.iso or _positive(getattr(other, "iso_speed", 0)),
        shutter_s=found.shutter_s or _positive(getattr(other, "shutter", 0)),
        aperture_f=found.aperture_f or _positive(getattr(other, "aperture", 0)),
        focal_mm=found.focal_mm or _positive(getattr(other, "focal_len", 0)),
    )


def _camera(capture: Capture) -> str:
    return capture.model if capture.model.startswith(capture.make) else f"{capture.make} {capture.model}"


def _text(value: bytes | str | None) -> str:
    return value.decode("utf-8", "replace").strip() if isinstance(value, bytes) else (value or "").strip()


def _positive(value: float) -> float | None:
    return round(float(value), 6) if value and value > 0 else None


def _bits_of(data: memoryview, chain: tuple[Directory, ...]) -> int:
    """Bits that a sensor's numbers take, by the white level or the sample size of its directory; 0 if none says so."""
    for each in (each for top in chain for each in top.family()):
        if each.number(data, 262) in (32803, 34892):
            white = int(each.number(data, 50717) or 0)
            return white.bit_length() or int(each.number(data, 258) or 0)
    return 0


def _has_preview(data: memoryview, chain: tuple[Directory, ...]) -> bool:
    """True if a directory holds a picture that calls itself reduced, or a JPEG by offset and length."""
    every = [each for top in chain for each in top.family()]
    return any(
        (513 in each.entries and 514 in each.entries) or (each.number(data, 254) == 1 and 273 in each.entries)
        for each in every
    )


def _without_sensor(data: memoryview, chain: tuple[Directory, ...], title: str) -> memoryview | bytes:
    """The same file with zeros for most of its sensor's numbers, which a header is read without: no 50 MB are copied.

    DNGs only: what else LibRaw looks at in other makers' files is not written down anywhere.
    """
    sensors = [each for top in chain for each in top.family() if each.number(data, 262) in (32803, 34892)]
    places = sorted(place for each in sensors for place in _pieces(data, each))
    if title != "DNG" or not all(_needs_no_numbers(data, chain, each) for each in sensors) or not places:
        return data
    kept, at = [], 0
    first = {_pieces(data, each)[0] for each in sensors if _pieces(data, each)}
    for start, size in places:
        # The first piece begins with what says how it is packed.
        kept.append((at, min(start + (_PIECE_HEAD if (start, size) in first else 0), start + size)))
        at = max(at, start + size)
    return _with_zeros(data, [*kept, (at, len(data))])


def _with_zeros(data: memoryview, kept: list[tuple[int, int]]) -> bytes:
    """As many bytes as `data` has: its own from place to place, zeros between.

    ``bytes(n)`` is memory that the kernel has cleared and nobody has touched, so what stays zero costs nothing; a
    ``bytearray(n)`` is written all over, 20 ms for a file of 50 MB. It is filled before anybody else has seen it.
    """
    whole = bytes(len(data))
    start = ctypes.cast(ctypes.c_char_p(whole), ctypes.c_void_p).value or 0
    for at, end in kept:
        if at < end:
            ctypes.memmove(start + at, bytes(data[at:end]), end - at)
    return whole


def _needs_no_numbers(data: memoryview, chain: tuple[Directory, ...], sensor: Directory) -> bool:
    """Whether the directories say all that LibRaw would unpack the sensor for: its white level, how it was shot."""
    found = facts_of(data, chain).capture
    shot = found.lens and found.iso and found.shutter_s and found.aperture_f and found.focal_mm
    return bool((shot or _is_silent(chain, "DNG")) and (sensor.number(data, 50717) or sensor.number(data, 258)))


def _pieces(data: memoryview, directory: Directory) -> list[tuple[int, int]]:
    """Where the strips or tiles of a directory lie: (first byte, bytes)."""
    return [
        (int(at), int(size))
        for offsets, counts in ((273, 279), (324, 325))
        for at, size in zip(directory.numbers(data, offsets), directory.numbers(data, counts), strict=False)
    ]


def _jpegs_in(data: memoryview, chain: tuple[Directory, ...]) -> tuple[tuple[int, int], ...]:
    """Places of what may be a JPEG in one piece, largest first; a picture in several strips is none."""
    found = set()
    for each in (each for top in chain for each in top.family()):
        if each.number(data, 262) in (32803, 34892):
            continue
        pieces = _pieces(data, each)
        if len(pieces) == 1 and each.number(data, 259) in (6, 7):
            found.add(pieces[0])
        found.add((int(each.number(data, 513)), int(each.number(data, 514))))
    whole = [(at, size) for at, size in found if at > 0 and size > 0 and at + size <= len(data)]
    return tuple(
        sorted((each for each in whole if bytes(data[each[0] : each[0] + 2]) == b"\xff\xd8"), key=lambda e: -e[1])
    )


def _refuse_cut_short(data: memoryview, chain: tuple[Directory, ...], name: str, title: str) -> None:
    every = [each for top in chain for each in top.family()]
    end = max((_end_of(data, each) for each in every), default=0)
    if any(_lacks_tiles(data, each) for each in every):
        raise UnreadableError(f"{name} is a {title} without all of its picture: tiles are missing")
    if end > len(data):
        raise UnreadableError(f"{name} is a {title} that is cut short: {len(data)} of at least {end} bytes are there")


def _end_of(data: memoryview, directory: Directory) -> int:
    """The byte after a directory's last strip or tile. Panasonic writes -1 for strips and a tag of its own."""
    ends = [0]
    for offsets, counts in ((273, 279), (324, 325)):
        starts = directory.numbers(data, offsets)
        if len(starts) == 1 and starts[0] == 0xFFFFFFFF:
            starts = directory.numbers(data, 280)
        ends += [int(at + size) for at, size in zip(starts, directory.numbers(data, counts), strict=False)]
    return max(ends)


def _lacks_tiles(data: memoryview, directory: Directory) -> bool:
    """True for a sensor picture with fewer tiles than its size takes; LibRaw leaves their place black."""
    if directory.number(data, 262) not in (32803, 34892) or 324 not in directory.entries:
        return False
    width, height = directory.number(data, 256), directory.number(data, 257)
    across, down = directory.number(data, 322) or 1, directory.number(data, 323) or 1
    return len(directory.numbers(data, 324)) < math.ceil(width / across) * math.ceil(height / down)
