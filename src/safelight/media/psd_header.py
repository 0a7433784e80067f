"""PSD: its header and image resources, read without decoding a pixel."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from safelight.errors import UnreadableError


@dataclass
class PsdHeader:
    """What a PSD says of itself; `merged_at` is where its flat picture begins."""

    width: int = 0
    height: int = 0
    channels: int = 0
    bits: int = 0
    mode: int = 0
    merged_at: int = 0
    layers: int = 0
    transparent: bool = False
    has_merged: bool = True
    resources: dict[int, bytes] = field(default_factory=dict)


def read_psd_header(data: memoryview) -> PsdHeader:
    """Read header, resources and layer count.

    Raises
    ------
    UnreadableError
        If a section reaches beyond the file.
    """
    header = PsdHeader()
    if len(data) < 30:
        raise UnreadableError("it is cut short inside its header")
    header.channels, header.height, header.width, header.bits, header.mode = struct.unpack_from(">HIIHH", data, 12)
    at = 26
    _, at = section(data, at)
    resources, at = section(data, at)
    header.resources = _resources(bytes(resources))
    layers, at = section(data, at)
    if len(layers) >= 6:
        (count,) = struct.unpack_from(">h", layers, 4)
        header.layers, header.transparent = abs(count), count < 0
    version_info = header.resources.get(1057, b"")
    header.has_merged = len(version_info) < 5 or bool(version_info[4])
    header.merged_at = at
    if at + 2 > len(data):
        raise UnreadableError("it is cut short before its picture begins")
    if not header.width or not header.height or not header.channels:
        raise UnreadableError(f"its header says {header.width} x {header.height} px")
    return header


def section(data: memoryview, at: int) -> tuple[memoryview, int]:
    """Return the section whose length stands at `at`, and where the next begins.

    Raises
    ------
    UnreadableError
        If it reaches beyond the file.
    """
    if at + 4 > len(data):
        raise UnreadableError("it is cut short inside its header")
    (size,) = struct.unpack_from(">I", data, at)
    if at + 4 + size > len(data):
        raise UnreadableError("it is cut short: a section reaches beyond its end")
    return data[at + 4 : at + 4 + size], at + 4 + size


def _resources(block: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 12 <= len(block) and block[at : at + 4] == b"8BIM":
        number, name_length = struct.unpack_from(">HB", block, at + 4)
        size_at = at + 6 + (name_length + 2 & ~1)
        if size_at + 4 > len(block):
            break
        (size,) = struct.unpack_from(">I", block, size_at)
        found.setdefault(number, block[size_at + 4 : size_at + 4 + size])
        at = size_at + 4 + size + size % 2
    return found
