"""What native libraries print: caught in a pipe that this process reads itself, so that nobody is shown it.

Some libraries have no other way to say that data was missing (LibRaw fills in zeros and prints a line).
"""

from __future__ import annotations

import os
from dataclasses import dataclass

_STDERR = 2
_MOST = 64 * 1024


@dataclass
class _Catch:
    """The reading end of the pipe, or None while nothing is caught."""

    reading_end: int | None = None


_CATCH = _Catch()


def catch(reading_end: int, writing_end: int) -> None:
    """Send this process's stderr into a pipe from now on; for a process of its own, not for a library's guest."""
    os.set_blocking(reading_end, False)
    os.set_blocking(writing_end, False)  # a full pipe drops words rather than stopping the decoder
    os.dup2(writing_end, _STDERR)
    _CATCH.reading_end = reading_end


def drain() -> str:
    """Return what was printed since the last call; "" where nothing is caught."""
    if _CATCH.reading_end is None:
        return ""
    said = b""
    while len(said) < _MOST:
        try:
            said += os.read(_CATCH.reading_end, _MOST)
        except BlockingIOError:
            break
    return said.decode("utf-8", "replace")
