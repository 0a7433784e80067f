"""Disks that fail, stop, or write a log from which every crash state is rebuilt."""

from __future__ import annotations

import errno
import os
import random
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from safelight.store.io import Buffer, Disk

OPERATIONS = (
    *("create", "write", "clone", "seal", "sync", "rename", "sync_folder", "make_folders", "unlink", "remove_tree"),
    *("commit", "dump", "fold"),
)
Fault = Literal["once", "for_ever", "half_a_write", "stop_before", "stop_after"]
FAULTS: tuple[Fault, ...] = ("once", "for_ever", "half_a_write", "stop_before", "stop_after")


class Stopped(BaseException):
    """The process is dead from here on: every operation that follows raises it again."""


class FaultyDisk(Disk):
    """Fails at the `k`-th operation; `reached` says whether it came to that."""

    def __init__(self, k: int, fault: Fault, number: int = errno.ENOSPC) -> None:
        self.k = k
        self.fault = fault
        self.number = number
        self.count = 0

    @property
    def reached(self) -> bool:
        return self.count >= self.k

    def _at(self, name: str, *args: Any) -> Any:
        self.count += 1
        real = getattr(Disk, name)
        if self.count == self.k:
            if self.fault == "half_a_write" and name == "write":
                real(self, args[0], memoryview(args[1]).cast("B")[: memoryview(args[1]).nbytes // 2])
            if self.fault == "stop_after":
                real(self, *args)
            if self.fault.startswith("stop"):
                raise Stopped(f"{name} ({self.k})")
            raise OSError(self.number, os.strerror(self.number))
        if self.count > self.k and self.fault == "for_ever":
            raise OSError(self.number, os.strerror(self.number))
        if self.count > self.k and self.fault.startswith("stop"):
            raise Stopped(name)
        return real(self, *args)


def _gate(name: str) -> Callable[..., Any]:
    def operation(self: FaultyDisk, *args: Any) -> Any:
        return self._at(name, *args)

    return operation


for _name in OPERATIONS:
    setattr(FaultyDisk, _name, _gate(_name))


@dataclass
class Operation:
    name: str
    what: tuple[Any, ...] = ()


@dataclass
class LoggingDisk(Disk):
    """Does everything and writes it down; a commit with the database files as they are after it."""

    ledger: Path
    log: list[Operation] = field(default_factory=list)
    handles: dict[int, int] = field(default_factory=dict)
    files: int = 0

    def start(self) -> None:
        self.log.append(Operation("commit", (database_files(self.ledger),)))

    def acknowledge(self, *what: Any) -> None:
        self.log.append(Operation("acknowledge", what))

    def create(self, path: Path) -> int:
        handle = super().create(path)
        self.files += 1
        self.handles[handle] = self.files
        self.log.append(Operation("create", (path, self.files)))
        return handle

    def write(self, handle: int, data: Buffer) -> None:
        super().write(handle, data)
        self.log.append(Operation("write", (self.handles[handle], bytes(data))))

    def clone(self, source: int, handle: int) -> bool:
        return False

    def sync(self, handle: int) -> None:
        super().sync(handle)
        self.log.append(Operation("sync", (self.handles[handle],)))

    def rename(self, old: Path, new: Path) -> None:
        super().rename(old, new)
        self.log.append(Operation("rename", (old, new)))

    def sync_folder(self, path: Path) -> None:
        super().sync_folder(path)
        self.log.append(Operation("sync_folder", (path,)))

    def make_folders(self, paths: Iterable[Path]) -> None:
        raise AssertionError("the script needs no new folders")

    def unlink(self, path: Path) -> None:
        super().unlink(path)
        self.log.append(Operation("unlink", (path,)))

    def commit(self, connection: Any) -> None:
        super().commit(connection)
        self.log.append(Operation("commit", (database_files(self.ledger),)))


def database_files(ledger: Path) -> dict[str, bytes]:
    """Read the database's files from another process: opening them in ours would drop SQLite's locks."""
    found = {}
    for suffix in ("", "-wal"):
        path = f"{ledger}{suffix}"
        done = subprocess.run(["cat", path], capture_output=True, check=False)
        if done.returncode == 0:
            found[suffix] = done.stdout
    return found


@dataclass
class _File:
    data: bytes = b""
    synced: bytes = b""


def crash(log: list[Operation], length: int, chance: random.Random) -> tuple[dict[Path, bytes], dict[str, bytes]]:
    """Return files and database after the first `length` operations and a power cut.

    What was synced is there. Of what was not, `chance` decides: names of a
    folder old or new, bytes dropped, whole, torn at a sector or a page, or zero.
    The operation after the last may have been under way: a commit is torn too.
    """
    files: dict[int, _File] = {}
    now: dict[Path, int] = {}
    safe: dict[Path, int] = {}
    database: dict[str, bytes] = {}
    for each in log[:length]:
        match each.name, each.what:
            case "create", (path, number):
                files[number] = _File()
                now[path] = number
            case "write", (number, data):
                files[number].data += data
            case "sync", (number,):
                files[number].synced = files[number].data
            case "rename", (old, new):
                now[new] = now.pop(old)
            case "unlink", (path,):
                now.pop(path, None)
            case "sync_folder", (folder,):
                safe = {p: n for p, n in safe.items() if p.parent != folder}
                safe |= {p: n for p, n in now.items() if p.parent == folder}
            case "commit", (snapshot,):
                database = snapshot
    if length < len(log) and log[length].name == "commit":
        database = _torn_database(database, log[length].what[0], chance)
    names = {}
    for folder in {p.parent for p in (*now, *safe)}:
        chosen = chance.choice((now, safe))
        names |= {p: n for p, n in chosen.items() if p.parent == folder}
    return {p: _torn(files[n].synced, files[n].data, chance) for p, n in names.items()}, database


def _torn(old: bytes, new: bytes, chance: random.Random) -> bytes:
    if old == new:
        return new
    grain = chance.choice((512, 4096))
    cut = len(old) + chance.randrange(0, len(new) - len(old) + 1) // grain * grain
    return chance.choice((old, new, new[:cut], old + bytes(len(new) - len(old))))


def _torn_database(old: dict[str, bytes], new: dict[str, bytes], chance: random.Random) -> dict[str, bytes]:
    """Mix the sectors of two states of the write-ahead log; the database file itself is not written by a commit."""
    assert old.get("") == new.get(""), "a checkpoint ran inside the script"
    before, after = old.get("-wal", b""), new.get("-wal", b"")
    grain = chance.choice((512, 4096))
    if chance.random() < 0.5:
        cut = chance.randrange(0, len(after) + 1) // grain * grain
        return old | {"-wal": after[:cut] + before[cut:]}
    mixed = bytearray()
    for start in range(0, len(after), grain):
        mixed += chance.choice((before, after))[start : start + grain].ljust(len(after[start : start + grain]), b"\0")
    return old | {"-wal": bytes(mixed)}


def every_fault(
    run: Callable[[FaultyDisk], Any],
    number: int = errno.ENOSPC,
    faults: tuple[Fault, ...] = FAULTS,
    most: int = 200,
) -> Iterator[Any]:
    """Run with each kind of fault at operation 1, 2, 3... until the run ends without reaching it."""
    for fault in faults:
        for k in range(1, most):
            disk = FaultyDisk(k, fault, number)
            yield run(disk)
            if not disk.reached:
                break
        else:
            raise AssertionError(f"{fault}: still reaching operation {most}")
