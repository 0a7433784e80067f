"""Shared memory that a decoding child writes its results into: made, sealed and owned by the parent."""

from __future__ import annotations

import fcntl
import mmap
import os
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.errors import UnreadableError

# The small version of a frame takes 4 to 8 MB, its crops 1 or 2. New memory costs four times what copying it does: the
# kernel clears each page, and both sides map it.
MOST_KEPT_BYTES = 16 * 1024 * 1024


class Room:
    """Shared memory that the child writes one result into; sealed, so that it cannot shrink under the parent."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.descriptor = os.memfd_create("safelight-pixels", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.descriptor, size)
        fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)

    def array(self, shape: tuple[int, int, int], dtype: str) -> NDArray[Any]:
        """The pixels without copying; writing to them touches this process's pages alone."""
        kind = np.dtype(dtype)
        if len(shape) != 3 or int(np.prod(shape)) * kind.itemsize != self.size:
            raise UnreadableError(f"the decoder gave {shape} {dtype} in {self.size} bytes")
        with suppress(OSError):  # refused while the child still maps it; its pages are then shared, nothing worse
            fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL)
        mapped = mmap.mmap(self.descriptor, self.size, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
        return np.frombuffer(mapped, kind).reshape(shape)

    def close(self) -> None:
        """Let go of the descriptor; arrays keep their mapping."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __del__(self) -> None:
        self.close()


class KeptRoom:
    """Shared memory that result after result is written into; what was written is copied out before it counts.

    `asked` is how many bytes the child was granted of it this time.
    """

    def __init__(self, size: int = MOST_KEPT_BYTES) -> None:
        self.size, self.asked = size, 0
        self.descriptor = os.memfd_create("safelight-looks", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.descriptor, size)
        fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
        self._mapped = mmap.mmap(self.descriptor, size, prot=mmap.PROT_READ)

    def array(self, shape: tuple[int, int, int], dtype: str) -> NDArray[Any]:
        """A copy of the pixels: the child, which can still write there, cannot change it any more."""
        kind = np.dtype(dtype)
        count = int(np.prod(shape))
        if len(shape) != 3 or min(shape) < 0 or count * kind.itemsize != self.asked:
            raise UnreadableError(f"the decoder gave {shape} {dtype} in {self.asked} bytes")
        return np.frombuffer(self._mapped, kind, count).reshape(shape).copy()

    def close(self) -> None:
        """Let go of the descriptor."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __del__(self) -> None:
        self.close()
