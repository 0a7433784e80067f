"""Memory that is freed stays with the process, for the next block.

Painting frees a block of half a megabyte at every step. The C library of Linux (glibc) gives such a block back to the
system at once and asks for it again, page by page, and two threads wait for each other while it does: a pass of 24
megapixels met 220,000 page faults and took 1.4 times as long. It stops doing so for blocks up to the largest that was
ever freed, 32 MiB at most (mallopt(3), M_MMAP_THRESHOLD). So one is freed, without being touched.
"""

from __future__ import annotations

from functools import cache

import numpy as np

_LARGEST = 31 << 20  # just below the most that the library lets its threshold rise to


@cache
def keep_freed_blocks() -> None:
    """Let freed blocks be used again instead of being given back to the system: once a process.

    Elsewhere than on glibc, and where MALLOC_MMAP_THRESHOLD_ or MALLOC_TRIM_THRESHOLD_ is set, it does nothing.

    Examples
    --------
    >>> keep_freed_blocks()
    """
    np.empty(_LARGEST, np.uint8)
