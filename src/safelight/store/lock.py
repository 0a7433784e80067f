"""The lock on a store: who holds it, and what to say about that."""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from safelight.errors import OwnerLeftError, StoreError, StoreLockedError
from safelight.store.io import explained
from safelight.store.layout import Layout, locate


@dataclass(frozen=True)
class OwnerFacts:
    """Who owns a store: its process, when it started (ISO 8601, UTC), where it listens."""

    pid: int
    started: str
    socket: str


def owner_of(root: Path | str) -> OwnerFacts | None:
    """Return who owns the store at `root`, or None.

    Raises
    ------
    NoStoreError, StoreOfflineError
        As `safelight.store.layout.locate`.
    """
    layout = locate(root)[0]
    with explained("look at the store's lock", layout.lock):
        handle = os.open(layout.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return read_facts(layout) or OwnerFacts(0, "", "")
        finally:
            os.close(handle)
    return None


def take(layout: Layout, wait_s: float) -> int:
    """Take the lock and return its handle; a dead owner's is free, since the kernel dropped it.

    Raises
    ------
    StoreLockedError
        If another process has it for longer than `wait_s` seconds.
    """
    with explained("lock the store", layout.lock):
        # Closed on exec, so that a worker that outlives its owner does not keep the store locked.
        handle = os.open(layout.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(handle)
                raise held(layout, read_facts(layout)) from None
            time.sleep(0.02)
        else:
            return handle


def read_facts(layout: Layout) -> OwnerFacts | None:
    """Return what the lock file says; None while it is being written or is not there."""
    try:
        data = json.loads(layout.lock.read_bytes())
        return OwnerFacts(int(data["pid"]), str(data["started"]), str(data["socket"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def held(layout: Layout, owner: OwnerFacts | None) -> StoreLockedError:
    """Return the error for a store that another process owns."""
    return StoreLockedError(f"the store at {layout.root} is owned by {_named(owner)}; {_way_out(owner)}")


def silent(layout: Layout, owner: OwnerFacts, timeout_s: float) -> StoreLockedError:
    """Return the error for an owner that does not answer."""
    return StoreLockedError(
        f"the store at {layout.root} is owned by {_named(owner)}, which has not answered for {timeout_s:g} s; "
        f"{_way_out(owner)}"
    )


def ended(layout: Layout, owner: OwnerFacts) -> StoreError:
    """Return the error for an owner that ended in the middle of a command."""
    return StoreError(
        f"{_named(owner)}, the owner of the store at {layout.root}, ended before the command did; what it had "
        "acknowledged is kept: run the command again"
    )


def left(layout: Layout, owner: OwnerFacts) -> OwnerLeftError:
    """Return the error for an owner that left before it took a command up."""
    return OwnerLeftError(
        f"{_named(owner)}, the owner of the store at {layout.root}, left before it took the command up; nothing was "
        "done: run the command again"
    )


def _named(owner: OwnerFacts | None) -> str:
    return f"process {owner.pid} since {owner.started}" if owner and owner.pid else "a process that is starting"


def _way_out(owner: OwnerFacts | None) -> str:
    end = f"end it with `kill {owner.pid}`" if owner and owner.pid else "end it"
    return f"wait for it, or {end}; nothing acknowledged is lost by that"
