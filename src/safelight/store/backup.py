"""Copy a store to another disk so that it can be had back: the database first, then blobs, the manifest last.

::

    BACKUP/
    ├── safelight-backup.json       whose backups these are
    ├── blobs/ab/cdef…              of all snapshots; each written once, mode 0444
    ├── snapshots/NAME/             a moment of the store
    │   ├── ledger.sqlite           the database, copied by SQLite itself; of PostgreSQL row by row
    │   ├── ledger.pgdump           of PostgreSQL, the same state by pg_dump
    │   ├── signer.json             who signs deliveries, mode 0600
    │   └── blobs.txt               "sha256 bytes" a line: what the database rests on
    ├── snapshots/NAME.json         the manifest: written last, so what has none is not whole
    └── tmp/                        what is being written

The order makes it right while people work: a row that the snapshot holds has its blobs already, since blobs are on the
platter before their rows. Blobs that came later do no harm. A second backup copies only what is new.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from safelight.core.canonical import to_json
from safelight.errors import StoreError
from safelight.store.blobs import Blobs
from safelight.store.database import Database, spoken
from safelight.store.io import Disk, explained, read_chunks, write_whole
from safelight.store.layout import Layout, Marker
from safelight.store.migrate import copy_state, write_copy
from safelight.store.rows import read_head

SCHEMA = 1
MARKER = "safelight-backup.json"
LEDGER, ARCHIVE, SIGNER, LIST = "ledger.sqlite", "ledger.pgdump", "signer.json", "blobs.txt"
Tell = Callable[[int, int], None]  # blobs done, of how many


@dataclass(frozen=True)
class Snapshot:
    """One whole backup, as its manifest says.

    Parameters
    ----------
    name : str
        When it was begun, UTC, and the last fact's number.
    store, generation : str, int
        Whose, as the marker says.
    seq, hash : int, str
        The last fact in it.
    facts, blobs, blob_bytes : int
        How many, and the bytes of the blobs.
    files : mapping of name to SHA-256
        Of what lies in the snapshot's folder.
    losses : tuple of str
        Blobs that were missing or damaged in the store already.
    """

    name: str
    store: str
    generation: int
    seq: int
    hash: str
    facts: int
    blobs: int
    blob_bytes: int
    files: dict[str, str]
    losses: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the manifest's contents."""
        return (to_json({"schema": SCHEMA, **asdict(self)}) + "\n").encode("ascii")


@dataclass(frozen=True)
class BackedUp:
    """What a backup did: the snapshot, how many blobs and bytes were new, and what there is to say."""

    snapshot: Snapshot
    copied: int
    copied_bytes: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Places:
    """The paths of the backups in the folder `root`."""

    root: Path

    @property
    def marker(self) -> Path:
        """Whose backups these are."""
        return self.root / MARKER

    @property
    def blobs(self) -> Path:
        """The blobs of all snapshots."""
        return self.root / "blobs"

    @property
    def snapshots(self) -> Path:
        """A folder and a manifest each."""
        return self.root / "snapshots"

    @property
    def tmp(self) -> Path:
        """What is being written."""
        return self.root / "tmp"

    def blob(self, sha256: str) -> Path:
        """Return where a blob is, or would be."""
        return self.blobs / sha256[:2] / sha256[2:]

    def manifest(self, name: str) -> Path:
        """Return where a snapshot's manifest is, or would be."""
        return self.snapshots / f"{name}.json"

    def scratch(self) -> Path:
        """Return a name in tmp that nobody else uses."""
        return self.tmp / f"{os.getpid()}-{os.urandom(8).hex()}.part"


def back_up(
    layout: Layout, marker: Marker, database: Database, blobs: Blobs, folder: Path, disk: Disk, tell: Tell | None = None
) -> BackedUp:
    """Write a snapshot of a store into `folder`, while the store is being used.

    Parameters
    ----------
    layout, marker, database, blobs
        Of the open store.
    folder : Path
        On another disk, if it is to help; made if it is missing, its parent must be there.
    disk : Disk
    tell : callable (done, of), optional

    Raises
    ------
    StoreError
        If the folder is another store's or lies in this store, or a disk is full or faulty; what was begun
        has no manifest then and is never taken for a backup.
    """
    places = _prepared(layout, marker, folder, disk)
    name, draft = _begun(places, database, disk)
    with explained("write a backup", folder):
        notes = _copied(database, draft, disk)
        head_seq, head_hash, facts, wanted = _seen_whole(draft / LEDGER, disk)
        if (layout.credentials / SIGNER).is_file():
            data = (layout.credentials / SIGNER).read_bytes()
            write_whole(disk, draft / SIGNER, data, places.scratch(), 0o600)
        copied, copied_bytes, losses = _copy(places, blobs, wanted, disk, tell)
        listed = "".join(f"{sha256} {size}\n" for sha256, size in wanted).encode("ascii")
        write_whole(disk, draft / LIST, listed, places.scratch())
        files = {each.name: _hash(each) for each in sorted(draft.iterdir())}
        snapshot = Snapshot(
            name, marker.store, marker.generation, head_seq, head_hash, facts,
            len(wanted), sum(size for _, size in wanted), files, tuple(losses),
        )  # fmt: skip
        write_whole(disk, places.manifest(name), snapshot.to_bytes(), places.scratch())
    return BackedUp(snapshot, copied, copied_bytes, notes)


def wanted_of(ledger: Path) -> list[tuple[str, int]]:
    """Return name and size of each blob that a copied database rests on, sorted; the file is only read."""
    query = "SELECT sha256, bytes FROM fact_blob UNION SELECT sha256, bytes FROM work_blob ORDER BY 1"
    with spoken(ledger), contextlib.closing(open_copy(ledger)) as connection:
        return [(str(sha256), int(size)) for sha256, size in connection.execute(query)]


def open_copy(path: Path) -> sqlite3.Connection:
    """Open a database file that nobody writes to, for reading alone: nothing is made beside it."""
    return sqlite3.connect(f"file:{quote_from_bytes(os.fsencode(path))}?mode=ro&immutable=1", uri=True)


def _prepared(layout: Layout, marker: Marker, folder: Path, disk: Disk) -> Places:
    """Make the folder ready, or refuse it: another store's, or a place that would go down with this one."""
    folder = folder.absolute()
    if folder.resolve().is_relative_to(layout.root.resolve()):
        raise StoreError(f"{folder} lies in the store itself: a backup goes to another disk")
    places = Places(folder)
    if places.marker.exists():
        owner = _owner(places)
        if owner != marker.store:
            raise StoreError(
                f"{folder} holds backups of store {owner[:8]}…, and this is {marker.store[:8]}…: name another folder"
            )
    elif folder.is_dir() and not _is_begun(places):
        raise StoreError(
            f"{folder} holds something else and is no backup; name an empty folder, or one that is not there"
        )
    with explained("prepare the backup", folder):
        disk.make_folders([folder, places.blobs, places.snapshots, places.tmp])
        for left in places.tmp.iterdir():  # of a backup that was interrupted; one at a time may run
            disk.unlink(left)
        if not places.marker.exists():
            said = to_json({"schema": SCHEMA, "store": marker.store}) + "\n"
            write_whole(disk, places.marker, said.encode("ascii"), places.scratch())
    return places


def _is_begun(places: Places) -> bool:
    """Whether a folder holds nothing, or only what a backup that was interrupted at its start made there."""
    ours = {places.blobs, places.snapshots, places.tmp}
    return all(each in ours for each in places.root.iterdir()) and not any(
        each.exists() and any(each.iterdir()) for each in (places.blobs, places.snapshots)
    )


def _begun(places: Places, database: Database, disk: Disk) -> tuple[str, Path]:
    with database.reading() as connection:
        seq = read_head(connection).seq
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z-{seq}"
    with explained("write a backup", places.root):
        disk.make_folders([places.snapshots / name])
    return name, places.snapshots / name


def _copied(database: Database, draft: Path, disk: Disk) -> tuple[str, ...]:
    """Copy one state of the database into a snapshot's folder; of PostgreSQL twice, as a file and by `pg_dump`."""
    from safelight.store.postgres import PostgresDatabase
    from safelight.store.postgres_dump import DUMP, WAY_OUT, dump_database, export_snapshot, has_program, schema_of

    if not isinstance(database, PostgresDatabase):
        write_copy(database, draft / LEDGER, disk)
        return ()
    with database.reading() as connection:
        copy_state(connection, draft / LEDGER, disk)
        if not has_program(DUMP):
            return (f"without an archive for pg_restore, since {DUMP} is not on this machine: {WAY_OUT}",)
        dump_database(database, draft / ARCHIVE, schema_of(connection), export_snapshot(connection))
    _sync(draft / ARCHIVE, disk)
    return ()


def _sync(path: Path, disk: Disk) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        disk.sync(handle)
    finally:
        os.close(handle)


def _seen_whole(path: Path, disk: Disk) -> tuple[int, str, int, list[tuple[str, int]]]:
    """See that the copied database is whole and on the platter, and say what it holds."""
    _sync(path, disk)
    with spoken(path), contextlib.closing(open_copy(path)) as copy:
        found = [str(each[0]) for each in copy.execute("PRAGMA integrity_check")]
        if found != ["ok"]:
            raise StoreError(
                f"the copy of the ledger is not whole ({found[0]}): check both disks; nothing was backed up"
            )
        last = copy.execute("SELECT seq, hash FROM fact ORDER BY seq DESC LIMIT 1").fetchone() or (0, "")
        facts = int(copy.execute("SELECT count(*) FROM fact").fetchone()[0])
    return int(last[0]), str(last[1]), facts, wanted_of(path)


def _copy(
    places: Places, blobs: Blobs, wanted: list[tuple[str, int]], disk: Disk, tell: Tell | None
) -> tuple[int, int, list[str]]:
    """Copy what is not there yet, hashed as it streams; return count, bytes and what the store itself had lost."""
    copied = size_in_all = 0
    losses: list[str] = []
    touched: set[Path] = set()
    for at, (sha256, size) in enumerate(wanted):
        target = places.blob(sha256)
        if not (target.is_file() and target.stat().st_size == size):
            if _copy_one(places, blobs, sha256, target, disk):
                copied, size_in_all = copied + 1, size_in_all + size
                touched.add(target.parent)
            else:
                losses.append(sha256)
        if tell is not None:
            tell(at + 1, len(wanted))
    for folder in sorted(touched):
        disk.sync_folder(folder)
    disk.sync_folder(places.blobs)
    return copied, size_in_all, losses


def _copy_one(places: Places, blobs: Blobs, sha256: str, target: Path, disk: Disk) -> bool:
    """Copy one blob; False if the store has it not, or not as it was."""
    try:
        source = blobs.open(sha256)
    except StoreError:
        return False
    scratch = places.scratch()
    with source:
        handle = disk.create(scratch)
        try:
            hashed = hashlib.sha256()
            for piece in read_chunks(source.fileno()):
                disk.write(handle, piece)
                hashed.update(piece)
            whole = hashed.hexdigest() == sha256
            if whole:
                disk.seal(handle, 0o444)
                disk.sync(handle)
        except BaseException:
            disk.close(handle)
            with contextlib.suppress(OSError):
                disk.unlink(scratch)
            raise
        disk.close(handle)
    if not whole:
        disk.unlink(scratch)
        return False
    disk.make_folders([target.parent])
    disk.rename(scratch, target)
    return True


def _owner(places: Places) -> str:
    try:
        said = json.loads(places.marker.read_bytes())
        schema, store = int(said["schema"]), str(said["store"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise StoreError(f"{places.marker} is damaged ({problem}): this folder is no backup that can be read") from None
    if schema > SCHEMA:
        raise StoreError(f"{places.root} was written by a newer safelight (schema {schema}): update safelight")
    return store


def _hash(path: Path) -> str:
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        for piece in read_chunks(file.fileno()):
            hashed.update(piece)
    return hashed.hexdigest()


def list_snapshots(folder: Path) -> tuple[list[Snapshot], list[str]]:
    """Return the whole snapshots of a backup folder, oldest first, and the names of those without a manifest.

    Raises
    ------
    StoreError
        If the folder is no backup.
    """
    places = Places(folder.absolute())
    if not places.marker.is_file():
        raise StoreError(f"{folder} is no backup of safelight: it has no {MARKER}; is its disk mounted?")
    _owner(places)
    with explained("list backups", folder):
        entries = sorted(places.snapshots.iterdir())
    whole = [_manifest(each) for each in entries if each.suffix == ".json"]
    known = {each.name for each in whole}
    return whole, [each.name for each in entries if each.is_dir() and each.name not in known]


def _manifest(path: Path) -> Snapshot:
    try:
        said: dict[str, Any] = json.loads(path.read_bytes())
        schema = said.pop("schema")
        if schema != SCHEMA:
            raise StoreError(f"{path} is of schema {schema!r}; this safelight reads {SCHEMA}: update it")
        return Snapshot(**{**said, "losses": tuple(said["losses"])})
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise StoreError(f"the manifest {path} is damaged ({problem}): this backup cannot be trusted") from None


def damages(folder: Path, snapshot: Snapshot) -> Iterator[str]:
    """Yield a sentence for each part of a snapshot that is missing or not as it was; every byte is read."""
    places = Places(folder.absolute())
    for name, sha256 in snapshot.files.items():
        path = places.snapshots / snapshot.name / name
        if not path.is_file():
            yield f"{snapshot.name}/{name} is missing"
        elif _hash(path) != sha256:
            yield f"{snapshot.name}/{name} is damaged: it hashes to another value than the manifest says"
    for sha256, size in listed(folder, snapshot):
        path = places.blob(sha256)
        if sha256 in snapshot.losses:
            yield f"blob {sha256} was lost before the backup"
        elif not path.is_file():
            yield f"blob {sha256} is missing"
        elif path.stat().st_size != size or _hash(path) != sha256:
            yield f"blob {sha256} is damaged"


def listed(folder: Path, snapshot: Snapshot) -> list[tuple[str, int]]:
    """Return name and size of each blob that a snapshot rests on; [] where the list cannot be read."""
    try:
        text = (Places(folder.absolute()).snapshots / snapshot.name / LIST).read_text("ascii")
        return [(each.split(" ")[0], int(each.split(" ")[1])) for each in text.splitlines()]
    except (OSError, ValueError, IndexError):
        return []
