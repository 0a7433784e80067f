"""A hot folder: what arrives whole is taken once, worked, and put away where people see how it went.

::

    FOLDER/
    ├── (what arrives, in folders or not)
    ├── working/CLAIM/   taken, being worked; after a crash it is gone on with
    ├── done/CLAIM/      worked
    └── error/CLAIM/     what can't be used, each with a NAME.reason.txt

A file is whole when it kept its size and time over three looks, two seconds apart: network shares tell nobody when a
copy ends. A name that ends in .part and the like is waited for until it is renamed. Taking is a rename, so that of two
programs that watch the same folder one gets each file. The folder is looked at, not listened to: shares send no events.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from safelight.errors import UsageError
from safelight.media.names import display_name

WORKING, DONE, ERROR = "working", "done", "error"
LOOKS, EVERY_S = 3, 2.0
# What programs call a file while they still write it.
_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".download", ".filepart")

Work = Callable[[Path], Sequence[Mapping[str, Any]]]  # a claim's folder -> a line a file: file, standing, reasons


@dataclass
class Seen:
    """How a file looked last, and how often it looked so in a row."""

    size: int
    mtime_ns: int
    looks: int = 1


@dataclass
class HotFolder:
    """A folder that is watched.

    Parameters
    ----------
    root : Path
    work : callable (folder of a claim) -> lines
        Does the whole job; doing it twice is harmless.
    """

    root: Path
    work: Work
    seen: dict[str, Seen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the three folders.

        Raises
        ------
        UsageError
            If the folder is not there or cannot be written to: what is taken must be put away.
        """
        try:
            for name in (WORKING, DONE, ERROR):
                (self.root / name).mkdir(exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{self.root} cannot be watched: {error.strerror or error}; files are moved in it"
            ) from None

    def unfinished(self) -> list[str]:
        """Return claims that were begun and not put away: those of a watch that was ended in the middle."""
        return sorted(each.name for each in (self.root / WORKING).iterdir() if each.is_dir())

    def look(self) -> list[str]:
        """Look once, and return the paths, relative, of the files that are whole by now."""
        now = dict(self._arriving())
        self.seen = {path: _again(self.seen.get(path), size, mtime) for path, (size, mtime) in now.items()}
        return sorted(path for path, each in self.seen.items() if each.looks >= LOOKS and each.size)

    def claim(self, paths: Sequence[str], name: str = "") -> str:
        """Take files into a claim of their own and return its name; "" if somebody else was quicker with all."""
        name = name or f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        place = self.root / WORKING / name
        taken = 0
        for path in paths:
            target = place / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # another watch has it
                (self.root / path).rename(target)
                taken += 1
            self.seen.pop(path, None)
        if not taken:
            _remove_empty(place)
        return name if taken else ""

    def finish(self, name: str) -> list[dict[str, Any]]:
        """Work a claim and put its files away; one line a file.

        What the work breaks on as a whole is put away as an error, file by file, with the sentence.
        """
        from safelight.errors import SafelightError

        place = self.root / WORKING / name
        try:
            told = {str(each["file"]): each for each in self.work(place)}
            reason = ""
        except SafelightError as error:
            told, reason = {}, str(error)
        lines = []
        for path in _files(place):
            line = told.get(path, {})
            why = reason or ("; ".join(line.get("reasons", ())) if line.get("standing") == "refused" else "")
            lines.append(self._put_away(name, path, why))
        _remove_empty(place)
        return lines

    def _put_away(self, name: str, path: str, why: str) -> dict[str, Any]:
        target = self.root / (ERROR if why else DONE) / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        (self.root / WORKING / name / path).rename(target)
        if why:
            target.with_name(f"{target.name}.reason.txt").write_text(f"{why}\n", "utf-8")
        return {"file": display_name(path), "claim": name, "done": not why, "reason": why}

    def _arriving(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yield what lies there and is none of ours: path, size, time; links and devices are left alone."""
        for folder, names, files in os.walk(self.root):
            inside = Path(folder).relative_to(self.root)
            ours = (WORKING, DONE, ERROR) if inside == Path() else ()
            names[:] = sorted(each for each in names if each not in ours and not each.startswith("."))
            for each in files:
                if each.startswith(".") or each.lower().endswith(_UNFINISHED):
                    continue
                with suppress(OSError):  # gone between listing and looking
                    found = os.lstat(os.path.join(folder, each))  # noqa: PTH118 - names may hold any bytes
                    if stat.S_ISREG(found.st_mode):
                        yield str(inside / each), (found.st_size, found.st_mtime_ns)


def watch(
    folder: HotFolder,
    tell: Callable[[Mapping[str, Any]], None],
    *,
    once: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Watch until interrupted; with `once` take what is whole after the looks that this takes, and return.

    What a watch before left unfinished is finished first.
    """
    for name in folder.unfinished():
        for line in folder.finish(name):
            tell(line)
    looks = 0
    while True:
        ready = folder.look()
        looks += 1
        # Files that belong together arrive together: while one of them still grows, the others wait for it.
        if ready and len(ready) == len([each for each in folder.seen.values() if each.size]):
            name = folder.claim(ready)
            for line in folder.finish(name) if name else ():
                tell(line)
        if once and looks >= LOOKS and not _growing(folder):
            return
        sleep(EVERY_S)


def _growing(folder: HotFolder) -> bool:
    return any(each.size and each.looks < LOOKS for each in folder.seen.values())


def _again(before: Seen | None, size: int, mtime_ns: int) -> Seen:
    if before is None or (before.size, before.mtime_ns) != (size, mtime_ns):
        return Seen(size, mtime_ns)
    return Seen(size, mtime_ns, before.looks + 1)


def _files(place: Path) -> list[str]:
    found = [Path(folder) / each for folder, _, files in os.walk(place) for each in files]
    return sorted(str(each.relative_to(place)) for each in found)


def _remove_empty(place: Path) -> None:
    for folder, _, _ in os.walk(place, topdown=False):
        with suppress(OSError):
            os.rmdir(folder)  # noqa: PTH106 - names may hold any bytes
