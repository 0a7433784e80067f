"""The parent's hold on its decoding child: start, ask, limit, survive."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import safelight
from safelight import errors
from safelight.errors import SafelightError, UnreadableError, WorkerDiedError
from safelight.media.rooms import MOST_KEPT_BYTES, KeptRoom, Room
from safelight.media.wire import receive, send
from safelight.settings import Settings

_START = "from safelight.media.child import main; main()"
_BYTES_PER_PIXEL = 24
# What a result may take: four channels of float32 a pixel, and something for tiny pictures.
_RESULT_BYTES_PER_PIXEL, _RESULT_LEAST = 16, 1 << 20
# What is asked of one frame several times, in small pieces.
_LOOKS = ("look", "cut")
_START_LIMIT_S = 60
_END_LIMIT_S = 5


class Child:
    """One decoding process.

    Parameters
    ----------
    settings : Settings
    threads : int
        For native decoders in the child.

    Raises
    ------
    WorkerDiedError
        If no child can be started.
    """

    def __init__(self, settings: Settings, threads: int) -> None:
        self.settings = settings
        self.pictures = 0
        self.is_spent = False
        self._kept: KeptRoom | None = None
        ours, theirs = socket.socketpair()
        reading_end, writing_end = os.pipe()
        try:
            self.process = _start((theirs.fileno(), reading_end, writing_end), threads)
        finally:
            theirs.close()
            os.close(reading_end)
            os.close(writing_end)
        self.link = ours
        self._stat = _opened_stat(self.process.pid)
        self._most = settings.decode_memory_bytes + _BYTES_PER_PIXEL * settings.max_pixels
        self.link.settimeout(_START_LIMIT_S)
        try:
            hello, _ = receive(self.link)
        except (OSError, EOFError):
            code = self.end()
            raise WorkerDiedError(
                f"the decoder cannot be started (it ended with {_how(code)}): "
                f"{sys.executable} must be able to import safelight"
            ) from None
        self.protections: tuple[str, ...] = tuple(hello["protections"])

    def ask(
        self, request: dict[str, Any], descriptor: int | None, pixels: int = 0
    ) -> tuple[dict[str, Any], Room | KeptRoom | None]:
        """Have one request answered.

        Parameters
        ----------
        request : JSON data
        descriptor : int or None
            Of the file; None asks of the picture that is held.
        pixels : int
            How many the answer may hold where no file is opened for it.

        Returns
        -------
        (what was found, the memory it was written into or None)

        Raises
        ------
        SafelightError
            What the child says of the file; `UnreadableError` if it died, hung or ran out of memory on it.
        """
        self.pictures += descriptor is not None
        name = str(request["name"])
        deadline = time.monotonic() + self.settings.work_timeout_s
        try:
            if descriptor is not None:
                self._limit_time()
                self._limit_space(0)
            send(self.link, request, descriptor)
            answer, room, decoding = self._converse(deadline, pixels, again=request["do"] in _LOOKS)
        except TimeoutError:
            self.end()
            raise UnreadableError(
                f"{name} kept the decoder busy for more than {self.settings.work_timeout_s} s (setting work_timeout_s)"
            ) from None
        except (OSError, EOFError, ValueError, KeyError):
            raise UnreadableError(self._obituary(name)) from None
        if "error" in answer:
            # A native decoder that failed may have left its process in any state.
            self.is_spent = self.is_spent or decoding
            raise _as_error(*answer["error"])
        self.is_spent = self.is_spent or self.pictures >= self.settings.worker_lifetime
        return answer["done"], room

    def _converse(
        self, deadline: float, pixels: int, *, again: bool
    ) -> tuple[dict[str, Any], Room | KeptRoom | None, bool]:
        room: Room | KeptRoom | None = None
        decoding = False
        while True:
            self.link.settimeout(max(deadline - time.monotonic(), 0.001))
            answer, _ = receive(self.link)
            if "probed" in answer and not decoding:
                decoding, pixels = True, min(int(answer["probed"]), self.settings.max_pixels)
                self._limit_space(pixels)
                send(self.link, {"go": True})
            elif "need" in answer and room is None:
                size = int(answer["need"])
                if not 0 < size <= _RESULT_BYTES_PER_PIXEL * pixels + _RESULT_LEAST:
                    raise ValueError(size)
                room = self._make_room(size, again=again)
            elif "done" in answer or "error" in answer:
                return answer, room, decoding
            else:
                raise ValueError(answer)

    def _make_room(self, size: int, *, again: bool) -> Room | KeptRoom:
        """Let the child write `size` bytes: into memory of its own, or, for what is small, into that of before."""
        if not again or size > MOST_KEPT_BYTES:
            room = Room(size)
            send(self.link, {"go": True}, room.descriptor)
            return room
        if self._kept is None:
            self._kept = KeptRoom()
            send(self.link, {"go": True, "kept": self._kept.size}, self._kept.descriptor)
        else:
            send(self.link, {"go": True, "kept": self._kept.size})
        self._kept.asked = size
        return self._kept

    def _limit_space(self, pixels: int) -> None:
        """Set what address space the coming work may take, by its pixels."""
        space = self.settings.decode_memory_bytes + _BYTES_PER_PIXEL * pixels
        with suppress(ProcessLookupError, PermissionError):
            resource.prlimit(self.process.pid, resource.RLIMIT_AS, (space, self._most))

    def _limit_time(self) -> None:
        """Set what processor time a request may take, from now on."""
        seconds = int(_seconds_used(self._stat)) + self.settings.decode_cpu_s
        with suppress(ProcessLookupError, PermissionError):
            resource.prlimit(self.process.pid, resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))

    def _obituary(self, name: str) -> str:
        code = self.end()
        if code == -signal.SIGXCPU:
            return f"{name} took more than {self.settings.decode_cpu_s} s of processor time (setting decode_cpu_s)"
        return f"the decoder ended with {_how(code)} on {name}; the file is damaged or made to do harm"

    def end(self) -> int:
        """End the process, if it has not ended, and return its exit code."""
        self.is_spent = True
        self.link.close()
        if self._stat >= 0:
            os.close(self._stat)
            self._stat = -1
        try:
            self.process.wait(0.5)
        except subprocess.TimeoutExpired:
            self.process.kill()
        return self.process.wait(_END_LIMIT_S)


def _start(descriptors: tuple[int, int, int], threads: int) -> subprocess.Popen[bytes]:
    """A fresh interpreter: subprocess never runs Python code between fork and exec, so threads here do no harm."""
    home = str(Path(safelight.__file__).parents[1])
    environment = {
        "PYTHONPATH": home,
        "LC_ALL": "C.UTF-8",
        "MALLOC_ARENA_MAX": "2",  # each arena reserves address space, which is limited
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": "1",
        "VIPS_CONCURRENCY": str(threads),
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # pictures take hundreds of MiB: fewer pages, each cleared once
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-B", "-c", _START, *(str(each) for each in descriptors)],
        pass_fds=descriptors,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/",
        start_new_session=True,
    )


def _opened_stat(pid: int) -> int:
    """A descriptor that tells of a process whenever it is read, -1 where none does; opening one takes a millisecond."""
    try:
        return os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return -1


def _seconds_used(stat: int) -> float:
    """Processor seconds of a process so far, from fields 14 and 15 of its /proc/pid/stat."""
    try:
        after_name = os.pread(stat, 4096, 0).rsplit(b")", 1)[1].split()
    except (OSError, IndexError):
        return 0.0
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _as_error(kind: str, sentence: str) -> SafelightError:
    found = getattr(errors, kind, UnreadableError)
    good = isinstance(found, type) and issubclass(found, SafelightError)
    return found(sentence) if good else UnreadableError(sentence)
