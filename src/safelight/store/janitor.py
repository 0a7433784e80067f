"""What was being written when its process died, and how it goes."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

from safelight.store.io import Disk, explained
from safelight.store.layout import DAY_S, Layout


@dataclass(frozen=True)
class Leftover:
    """A file in ``tmp`` that nobody finished: its name, size and age."""

    path: Path
    bytes: int
    age_s: float


def janitor(
    layout: Layout, disk: Disk, *, older_than_s: float = DAY_S, now: float | None = None, dry_run: bool = False
) -> list[Leftover]:
    """Remove what nobody finished writing, and say what it was.

    Parameters
    ----------
    layout : Layout
    disk : Disk
    older_than_s : float, seconds
        Younger files may still be written by another process and are left alone.
    now : float, seconds since 1970, optional
        The time that ages are counted from.
    dry_run : bool
        List only.
    """
    now = time.time() if now is None else now
    found = []
    with explained("look for leftovers", layout.tmp):
        for path in sorted(layout.tmp.iterdir()):
            with contextlib.suppress(FileNotFoundError):
                stat = path.stat()
                if now - stat.st_mtime > older_than_s:
                    found.append(Leftover(path, stat.st_size, now - stat.st_mtime))
        for each in () if dry_run else found:
            disk.unlink(each.path)
    return found
