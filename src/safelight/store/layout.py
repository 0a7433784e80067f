"""Where things are in a store, and how to tell a store from its absence.

::

    STORE/
    ├── safelight-store.json   the marker: schema, store id, generation
    ├── blobs/ab/cdef…         bytes by SHA-256, mode 0444
    ├── ledger.sqlite          facts (with -wal and -shm while open)
    ├── ledger.url             in its place: where the facts are, in a PostgreSQL database
    ├── ledger.head            the last fact when the store was closed
    ├── dumps/                 the ledger as it was before each migration
    ├── credentials/           the key and certificates that delivered files are signed with, mode 0700
    ├── tmp/                   what is being written
    ├── cache/                 pictures for screens; may be thrown away at any time
    ├── lock                   who owns the store
    └── socket                 where the owner listens

A folder without its marker is a disk that is not mounted, never an empty store.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from safelight.core.canonical import to_json
from safelight.errors import NoStoreError, StoreError, StoreOfflineError
from safelight.store.io import Disk, explained, write_whole

SCHEMA = 1
MARKER = "safelight-store.json"
DAY_S = 86_400.0


@dataclass(frozen=True)
class Layout:
    """The paths of the store at `root` (absolute)."""

    root: Path

    @property
    def marker(self) -> Path:
        """The file that makes a folder a store."""
        return self.root / MARKER

    @property
    def blobs(self) -> Path:
        """The folder of blobs, with 256 folders in it."""
        return self.root / "blobs"

    @property
    def ledger(self) -> Path:
        """The database."""
        return self.root / "ledger.sqlite"

    @property
    def address(self) -> Path:
        """The file that names the database, where it is not a file of the store."""
        return self.root / "ledger.url"

    @property
    def anchor(self) -> Path:
        """The last fact when the store was closed, outside the database."""
        return self.root / "ledger.head"

    @property
    def dumps(self) -> Path:
        """The ledger as it was before each migration."""
        return self.root / "dumps"

    @property
    def credentials(self) -> Path:
        """The key and certificates that delivered files are signed with."""
        return self.root / "credentials"

    @property
    def tmp(self) -> Path:
        """What is being written."""
        return self.root / "tmp"

    @property
    def cache(self) -> Path:
        """Pictures for screens, made again when they are asked for."""
        return self.root / "cache"

    @property
    def lock(self) -> Path:
        """Who owns the store."""
        return self.root / "lock"

    @property
    def socket(self) -> Path:
        """Where the owner listens, if the path is short enough for a socket."""
        return self.root / "socket"

    def scratch(self, what: str = "part") -> Path:
        """Return a name in tmp that nobody else uses."""
        return self.tmp / f"{os.getpid()}-{secrets.token_hex(8)}.{what}"


@dataclass(frozen=True)
class Marker:
    """What the marker file says.

    Parameters
    ----------
    schema : int
        Of the layout.
    store : str
        The store's id, 32 hex digits, for life; the database carries it too.
    generation : int
        Counts restores. The database must be of the same generation, or it is
        another's or an old one.
    following : int or None
        Set while the generation is being raised: either counts until both files agree.
    """

    schema: int
    store: str
    generation: int
    following: int | None = None

    def accepts(self, store: str, generation: int) -> bool:
        """Whether a database of this store id and generation belongs here."""
        return store == self.store and generation in {self.generation, self.following}

    def to_bytes(self) -> bytes:
        """Return the file's contents."""
        return (to_json(asdict(self)) + "\n").encode("ascii")


def new_marker() -> Marker:
    """Return the marker of a store that is being made."""
    return Marker(SCHEMA, secrets.token_hex(16), 1)


def locate(root: Path | str) -> tuple[Layout, Marker]:
    """Find the store at `root`.

    Raises
    ------
    NoStoreError
        If nothing is there.
    StoreOfflineError
        If the folder is there but its marker, blobs or ledger is not: the disk is not mounted.
    StoreError
        If the marker is damaged or of a newer safelight.
    """
    layout = Layout(Path(os.path.abspath(root)))  # noqa: PTH100 - Path.absolute keeps '..'
    if not os.path.lexists(layout.root):
        raise NoStoreError(
            f"there is no store at {layout.root}; `safelight run FOLDER --store {layout.root}` makes one, "
            "or name another with --store or SAFELIGHT_STORE"
        )
    with explained("read the store's marker", layout.root, missing=lambda: _offline(layout, layout.marker)):
        text = layout.marker.read_bytes()
    marker = _parsed(text, layout)
    for path in (layout.blobs, layout.address if layout.address.exists() else layout.ledger):
        if not path.exists():
            raise _offline(layout, path)
    return layout, marker


def build(root: Path | str, disk: Disk, fill: Callable[[Layout, Marker], None]) -> None:
    """Make a store at `root` in one stroke: beside it first, then renamed into place.

    Parameters
    ----------
    root : path
        Must not exist, or be an empty folder. Its parent must exist: a missing
        parent is a disk that is not mounted.
    disk : Disk
    fill : callable (layout, marker)
        Makes the database in the unfinished store.

    Raises
    ------
    StoreOfflineError
        If the parent folder is not there.
    StoreError
        If something is there already.
    """
    final = Path(os.path.abspath(root)).resolve()  # noqa: PTH100
    if not final.parent.is_dir():
        raise StoreOfflineError(
            f"cannot make a store at {final}: the folder {final.parent} is not there; mount its disk, or make it first"
        )
    _refuse_taken(final)
    _remove_unfinished(final, disk)
    draft = Layout(final.parent / f".{final.name}.creating-{secrets.token_hex(8)}")
    marker = new_marker()
    with explained("make a store", final):
        try:
            disk.make_folders([draft.root, draft.blobs, draft.tmp, draft.dumps])
            disk.make_folders([draft.blobs / f"{each:02x}" for each in range(256)])
            disk.sync_folder(draft.blobs)
            fill(draft, marker)
            write_whole(disk, draft.marker, marker.to_bytes(), draft.scratch())
            disk.rename(draft.root, final)
        except OSError:
            disk.remove_tree(draft.root)
            _refuse_taken(final)  # somebody else was quicker: say so, rather than ENOTEMPTY
            raise
        disk.sync_folder(final.parent)


def write_marker(layout: Layout, marker: Marker, disk: Disk) -> None:
    """Replace the marker; a crash leaves the old one or the new one."""
    with explained("write the store's marker", layout.root):
        write_whole(disk, layout.marker, marker.to_bytes(), layout.scratch())


def raised(marker: Marker) -> Marker:
    """Return the marker while the generation goes up by one: both count until `settled`."""
    return replace(marker, following=marker.generation + 1)


def settled(marker: Marker, generation: int) -> Marker:
    """Return the marker once the database has `generation`."""
    return replace(marker, generation=generation, following=None)


def _parsed(text: bytes, layout: Layout) -> Marker:
    try:
        data: dict[str, Any] = json.loads(text)
        marker = Marker(int(data["schema"]), str(data["store"]), int(data["generation"]), data.get("following"))
    except (ValueError, KeyError, TypeError) as problem:
        raise StoreError(
            f"{layout.marker} is damaged ({len(text)} bytes, not a marker); restore it from a backup of the store"
        ) from problem
    if marker.schema > SCHEMA:
        raise StoreError(
            f"the store at {layout.root} has layout {marker.schema}, this safelight knows {SCHEMA}: update safelight"
        )
    return marker


def _offline(layout: Layout, gone: Path) -> StoreOfflineError:
    return StoreOfflineError(
        f"the folder {layout.root} is there but {gone.name} is not: its disk may not be mounted. Mount it and run "
        "again; for a new store remove the empty folder or name another with --store"
    )


def _refuse_taken(final: Path) -> None:
    if (final / MARKER).exists():
        raise StoreError(f"there is a store at {final} already; open it, or name another with --store")
    if final.exists() and (not final.is_dir() or any(final.iterdir())):
        raise StoreError(
            f"cannot make a store at {final}: something else is there; name a folder that is empty or does not exist"
        )


def _remove_unfinished(final: Path, disk: Disk) -> None:
    """Remove what a creation that was killed left behind, after a day."""
    for each in final.parent.glob(f".{final.name}.creating-*"):
        try:
            old = time.time() - each.stat().st_mtime > DAY_S
        except OSError:
            continue
        if old:
            disk.remove_tree(each)
