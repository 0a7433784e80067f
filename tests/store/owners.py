"""Owners that do what a real one does at a bad moment."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def leaving_owner(root: Path) -> Iterator[None]:
    """Own a store, and leave it when the first command comes, before it is taken up."""
    lock = (root / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    lock.write(json.dumps({"pid": os.getpid(), "started": "2026-01-01T00:00:00Z", "socket": "socket"}) + "\n")
    lock.flush()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(root / "socket"))
    listening.listen()

    def leave() -> None:
        line, _ = listening.accept()
        listening.close()
        (root / "socket").unlink()
        lock.truncate(0)
        lock.close()
        line.close()

    leaver = threading.Thread(target=leave)
    leaver.start()
    yield
    leaver.join()
