"""Rows of a picture packed by PackBits, as PSD keeps them: their packed lengths first, then their bytes."""

from __future__ import annotations

import numpy as np


def unpack_rows(body: memoryview, rows: int, most: int, least: int = 0) -> bytes:
    """Return rows unpacked, one behind the other, as far as they can be read.

    Parameters
    ----------
    body : memoryview
        Begins with the packed length of each row, big-endian, 16 bits.
    rows : int
    most : int, bytes
        What a row holds beyond that is left away.
    least : int, bytes
        Behind a row that holds less nothing is read.

    Examples
    --------
    >>> unpack_rows(memoryview(bytes([0, 2, 0, 3, 254, 7, 1, 8, 9])), 2, 3).hex()
    '0707070809'
    """
    from imagecodecs import packbits_decode

    if len(body) < 2 * rows:
        return b""
    at, out = 2 * rows, bytearray()
    for count in np.frombuffer(bytes(body[:at]), ">u2").tolist():
        try:
            row = packbits_decode(bytes(body[at : at + count]))
        except RuntimeError:  # ImcdError, which the library gives out only once one of its codecs is loaded
            break
        out += row[:most]
        if len(row) < least:
            break
        at += count
    return bytes(out)
