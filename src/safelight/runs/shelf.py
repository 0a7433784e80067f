"""Pictures for screens, kept on the disk while there is room: what was asked for last stays longest."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safelight.errors import MissingError
from safelight.runs.crew import Crew
from safelight.runs.pictures import SizeTask, Source, TileTask, paint_size, paint_tiles
from safelight.runs.recent import Recent

# How much is thrown away at once when there is no more room: down to nine tenths.
_KEEP_SHARE = 0.9
_PYRAMIDS_KEPT = 2000


@dataclass(frozen=True)
class Pyramid:
    """A picture in tiles: its size, the side of a tile, and its first and last level of deep zoom."""

    width: int
    height: int
    tile: int
    first: int
    last: int


class Shelf:
    """A folder of painted sizes and pyramids, by key.

    Parameters
    ----------
    folder : Path
        May be thrown away at any time.
    crew : Crew
        Who paints what is not there.
    most_bytes : int
        Room on the disk.
    """

    def __init__(self, folder: Path, crew: Crew, most_bytes: int) -> None:
        self._folder, self._crew, self._most = folder, crew, most_bytes
        self._sizes: dict[Path, int] = {}
        self._guard = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._pyramids: Recent[Pyramid] = Recent(_PYRAMIDS_KEPT)
        self._look_around()

    @property
    def kept_bytes(self) -> int:
        """How much is kept."""
        with self._guard:
            return sum(self._sizes.values())

    def size(self, key: str, source: Source, long_side: int, region: tuple[int, int, int, int] | None = None) -> bytes:
        """Return a picture at a size as a JPEG, painted if it is not there.

        Raises
        ------
        MediaError, OriginalChangedError, WorkError
            If it can't be painted.
        """
        name = f"{long_side}" + ("" if region is None else "-" + "-".join(map(str, region)))
        path = self._folder / "sizes" / key[:2] / key / f"{name}.jpg"
        with contextlib.suppress(OSError):
            data = path.read_bytes()
            self._touch(path)
            return data
        with self._maker(str(path)):
            with contextlib.suppress(OSError):
                return path.read_bytes()
            data = bytes(self._crew.ask("a picture", paint_size, SizeTask(source, long_side, region)))
            self._keep(path, data)
        return data

    def pyramid(self, key: str, source: Callable[[], Source]) -> Pyramid:
        """Return the pyramid of a picture, painted if it is not there; errors as `size`."""
        known = self._pyramids.get(key)
        if known is not None:
            return known
        folder = self._folder / "tiles" / key[:2] / key
        with contextlib.suppress(OSError, ValueError):
            return self._remember(key, Pyramid(**json.loads((folder / "info.json").read_text())))
        with self._maker(str(folder)):
            with contextlib.suppress(OSError, ValueError):
                return self._remember(key, Pyramid(**json.loads((folder / "info.json").read_text())))
            draft = self._folder / "tmp" / secrets.token_hex(8)
            made = self._crew.ask("tiles", paint_tiles, TileTask(source(), str(folder), str(draft)))
            with self._guard:
                self._sizes[folder] = _bytes_of(folder)
            self._make_room()
        return self._remember(key, Pyramid(**made))

    def _remember(self, key: str, pyramid: Pyramid) -> Pyramid:
        """Keep in memory what each tile of a picture asks for; its tiles say when the folder is gone."""
        self._pyramids.put(key, pyramid)
        return pyramid

    def tile(self, key: str, level: int, x: int, y: int) -> bytes:
        """Return one tile of a pyramid that is there, as a JPEG.

        Raises
        ------
        MissingError
            If the pyramid has no such tile.
        """
        folder = self._folder / "tiles" / key[:2] / key
        try:
            data = (folder / str(level) / f"{x}_{y}.jpg").read_bytes()
        except OSError:
            self._pyramids.drop(key)
            raise MissingError(f"the picture has no tile {x}_{y} at level {level}") from None
        self._touch(folder)
        return data

    def _keep(self, path: Path, data: bytes) -> None:
        draft = self._folder / "tmp" / secrets.token_hex(8)
        try:
            draft.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(data)
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)  # a full disk costs time, never the picture
            return
        with self._guard:
            self._sizes[path] = len(data)
        self._make_room()

    @contextlib.contextmanager
    def _maker(self, name: str) -> Iterator[None]:
        """Let one thread make a thing while those that want it too wait."""
        with self._guard:
            lock = self._making.setdefault(name, threading.Lock())
        try:
            with lock:
                yield
        finally:
            with self._guard:
                if not lock.locked():
                    self._making.pop(name, None)

    def _touch(self, path: Path) -> None:
        with self._guard:
            size = self._sizes.pop(path, None)
            if size is not None:
                self._sizes[path] = size

    def _make_room(self) -> None:
        with self._guard:
            total = sum(self._sizes.values())
            gone = []
            for path, size in list(self._sizes.items()) if total > self._most else ():
                if total <= self._most * _KEEP_SHARE or len(self._sizes) == 1:
                    break
                del self._sizes[path]
                self._pyramids.drop(path.name)
                total -= size
                gone.append(path)
        for each in gone:
            shutil.rmtree(each, ignore_errors=True) if each.is_dir() else each.unlink(missing_ok=True)

    def _look_around(self) -> None:
        """Count what an earlier process left, oldest first."""
        shutil.rmtree(self._folder / "tmp", ignore_errors=True)
        found: list[tuple[float, Path, int]] = []
        for path in self._folder.glob("tiles/*/*"):
            found.append((path.stat().st_mtime, path, _bytes_of(path)))
        for path in self._folder.glob("sizes/*/*/*.jpg"):
            found.append((path.stat().st_mtime, path, path.stat().st_size))
        self._sizes = {path: size for _, path, size in sorted(found)}


def _bytes_of(folder: Path) -> int:
    with os.scandir(folder) as entries:
        return sum(_bytes_of(Path(e.path)) if e.is_dir() else e.stat().st_size for e in entries)


def key_for(*parts: Any) -> str:  # noqa: ANN401 - JSON data
    """Return the key that a picture is kept under."""
    from safelight.core.canonical import key_of
    from safelight.render.renderer import RENDERER_VERSION

    return key_of("screen", RENDERER_VERSION, *parts)
