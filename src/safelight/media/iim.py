"""IPTC-IIM, the older twin of XMP's descriptive fields: read, and brought into step with them.

References
----------
IPTC-NAA Information Interchange Model 4.2; the mapping of IPTC Photo Metadata Standard 2025.1 to IIM.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

_MARK = 0x1C
_CHARSET = (1, 90)
_UTF_8 = b"\x1b%G"
TITLE, KEYWORDS, CREATOR, HEADLINE, CREDIT, SOURCE, RIGHTS, CAPTION = 5, 25, 80, 105, 110, 115, 116, 120
# Bytes of one text; longer ones are cut by the programs that read them, so they are cut here at a whole character.
_MOST = MappingProxyType(
    {TITLE: 64, KEYWORDS: 64, CREATOR: 32, HEADLINE: 256, CREDIT: 32, SOURCE: 32, RIGHTS: 128, CAPTION: 2000}
)
# Of record 2: a version, and pictures that show what may have been cropped away.
_BINARY = frozenset({0, 125, 200, 201, 202})
_PREVIEWS = frozenset({200, 201, 202})


def iim_records(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield (record, data set, bytes) in their order; ends at the first that is damaged."""
    at = 0
    while at + 5 <= len(data) and data[at] == _MARK:
        record, number, size = data[at + 1], data[at + 2], struct.unpack_from(">H", data, at + 3)[0]
        at += 5
        if size & 0x8000:
            count = size & 0x7FFF
            if count > 4 or at + count > len(data):
                return
            size, at = int.from_bytes(data[at : at + count]), at + count
        if at + size > len(data):
            return
        yield record, number, data[at : at + size]
        at += size


def iim_texts(data: bytes | None, number: int) -> tuple[str, ...]:
    r"""Return the texts of a data set of record 2.

    Examples
    --------
    >>> iim_texts(b"\x1c\x02\x19\0\x04blau\x1c\x02\x19\0\x03rot", KEYWORDS)
    ('blau', 'rot')
    """
    records = list(iim_records(data or b""))
    is_utf8 = any((record, each) == _CHARSET and value == _UTF_8 for record, each, value in records)
    return tuple(_text(value, is_utf8=is_utf8) for record, each, value in records if (record, each) == (2, number))


def change_iim(data: bytes | None, wanted: Mapping[int, Sequence[str]]) -> bytes:
    r"""Return records that say `wanted` in UTF-8, with all others kept; previews of the original are left out.

    Parameters
    ----------
    data : bytes or None
    wanted : mapping of data set of record 2 to its texts
        An empty one takes the data set out.

    Examples
    --------
    >>> iim_texts(change_iim(b"\x1c\x02\x50\0\x04Ana\xb3", {RIGHTS: ["© Acme"]}), CREATOR)
    ('Ana³',)
    """
    records = list(iim_records(data or b""))
    is_utf8 = any((record, each) == _CHARSET and value == _UTF_8 for record, each, value in records)
    out = [(1, 90, _UTF_8)]
    out += [(record, each, value) for record, each, value in records if record == 1 and each != 90]
    kept: list[tuple[int, int, bytes]] = []
    for record, each, value in records:
        if record == 1 or (record == 2 and (each in wanted or each in _PREVIEWS)):
            continue
        recode = record == 2 and each not in _BINARY and not is_utf8
        kept.append((record, each, _text(value, is_utf8=False).encode("utf-8") if recode else value))
    for each, texts in wanted.items():
        kept += [(2, each, _cut(text, _MOST.get(each, 32_000))) for text in texts if text]
    return b"".join(_spelled(*each) for each in out + kept)


def _text(value: bytes, *, is_utf8: bool) -> str:
    """Read text whose charset is said, else as UTF-8 where it is that, else as Windows' Latin 1, as exiftool does."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        if is_utf8:
            return value.decode("utf-8", "replace")
    try:
        return value.decode("cp1252")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _cut(text: str, most: int) -> bytes:
    return text.encode("utf-8")[:most].decode("utf-8", "ignore").encode("utf-8")


def _spelled(record: int, number: int, value: bytes) -> bytes:
    size = struct.pack(">H", len(value)) if len(value) < 0x8000 else struct.pack(">HI", 0x8004, len(value))
    return bytes((_MARK, record, number)) + size + value
