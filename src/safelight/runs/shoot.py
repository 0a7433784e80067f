"""What lies in a shoot's folder, in a stable order, with nothing followed out of it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from safelight.errors import UsageError
from safelight.store.originals import Reference

if TYPE_CHECKING:
    from safelight.workflows.guide import Guide
    from safelight.workflows.shot_list import ShotList

# Files that programs leave beside pictures; they are no pictures and no faults.
BESIDE = (".xmp", ".csv", ".txt", ".toml", ".md", ".pdf", ".json")
NO_PICTURE = "not a picture by its name"
DROPPINGS = ("thumbs.db", "desktop.ini", ".ds_store")


@dataclass(frozen=True)
class Shoot:
    """The files of a shoot by their path in it: those to read, and those passed over with the reason.

    `beside` says where files that are no pictures (a shot list) are read from when the folder itself is away.
    """

    folder: str
    files: Mapping[str, Reference]
    passed_over: tuple[tuple[str, str], ...]
    beside: Mapping[str, Path] = field(default_factory=dict)


def list_shoot(folder: str) -> Shoot:
    """Return the files below `folder`, sorted by name; links and special files are passed over, never followed.

    Paths are relative to the folder, with ``/``; bytes that are not UTF-8 ride as surrogate escapes.
    References have no hash yet.

    Raises
    ------
    UsageError
        If `folder` is not a folder that can be read.
    """
    root = Path(folder)
    if not root.is_dir():
        kind = "a file" if root.exists() else "missing"
        raise UsageError(f"the shoot {folder!r} is {kind}; give the folder that holds the pictures")
    files: dict[str, Reference] = {}
    passed: list[tuple[str, str]] = []
    whole = os.path.abspath(folder)  # noqa: PTH100 - keeps odd bytes as they are
    for path, entry in sorted(_walk(folder, ""), key=lambda pair: os.fsencode(pair[0])):
        why = _why_not(entry)
        if why:
            passed.append((path, why))
            continue
        known = entry.stat(follow_symlinks=False)
        files[path] = Reference(f"{whole}/{path}", known.st_size, known.st_mtime_ns, "")
    return Shoot(whole, files, tuple(passed))


def _walk(folder: str, below: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = f"{below}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith("."):
                    yield from _walk(entry.path, f"{path}/")
            else:
                yield path, entry


def _why_not(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "a link; safelight reads only files that lie in the shoot"
    if not entry.is_file(follow_symlinks=False):
        return "not a file"
    name = entry.name.lower()
    if name in DROPPINGS or name.startswith("._"):
        return "left there by a file manager"
    if name.endswith(BESIDE):
        return NO_PICTURE
    return ""


def shots_of(shoot: Shoot, guide: Guide) -> ShotList:
    """Return the shot list that lies in the shoot's folder under the guide's name for it, or an empty one."""
    from safelight.workflows.shot_list import NO_SHOTS, read_shot_list

    path = shoot.beside.get(guide.shot_list, Path(shoot.folder) / guide.shot_list)
    return read_shot_list(path, guide.columns) if path.is_file() else NO_SHOTS
