"""Memory: blobs by SHA-256, the ledger, verification.

`Store` is the way in. Worker processes, which hold no database connection,
take `safelight.store.blobs.open_blobs`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from safelight.errors import NoStoreError, StoreError
from safelight.store import layout as places
from safelight.store.blobs import Blobs
from safelight.store.io import Disk
from safelight.store.janitor import Leftover, janitor
from safelight.store.layout import Layout, Marker

if TYPE_CHECKING:
    from safelight.store.backup import BackedUp
    from safelight.store.chain import Head
    from safelight.store.checkpoints import ChainReport
    from safelight.store.database import Database
    from safelight.store.ledger import Ledger
    from safelight.store.report import Report

Clock = Callable[[], datetime]


class Store:
    """An open store.

    Examples
    --------
    >>> with Store.create(folder / "store") as store:  # doctest: +SKIP
    ...     sha256 = store.blobs.put(b"matte")
    ...     store.ledger.append([NewFact("matte.made", sha256, {"pixels": 12})])
    """

    def __init__(
        self, layout: Layout, marker: Marker, blobs: Blobs, ledger: Ledger, disk: Disk, warnings: tuple[str, ...] = ()
    ) -> None:
        self.layout = layout
        self.marker = marker
        self.blobs = blobs
        self.ledger = ledger
        self.io = disk
        self.warnings = warnings

    @classmethod
    def create(
        cls,
        root: Path | str,
        *,
        disk: Disk | None = None,
        clock: Clock | None = None,
        read_back: bool = False,
        database: str = "",
    ) -> Self:
        """Make a store at `root`, which must not exist or be an empty folder, and open it.

        Parameters
        ----------
        root : path
        disk : Disk, optional
            The layer that every change goes through.
        clock : callable () -> datetime with a zone, optional
            Where the dates of facts come from.
        read_back : bool
            Read every new blob again before it counts.
        database : str
            The URL of a PostgreSQL database that the ledger is kept in; "" keeps it as a file of the store.

        Raises
        ------
        StoreOfflineError
            If the parent folder is not there.
        StoreError
            If something is there already, or the disk is full or faulty; nothing is left then.
        """
        from safelight.store import filesystem

        disk = disk or Disk()
        filesystem.require_local(Path(root), filesystem.kind_of(Path(root).absolute()))
        places.build(root, disk, lambda layout, marker: _make_ledger(layout, marker, disk, database))
        return cls.open(root, disk=disk, clock=clock, read_back=read_back)

    @classmethod
    def open(
        cls,
        root: Path | str,
        *,
        disk: Disk | None = None,
        clock: Clock | None = None,
        read_back: bool = False,
        inspect: bool = False,
    ) -> Self:
        """Open the store at `root`; an older schema is dumped and migrated first.

        Parameters
        ----------
        root, disk, clock, read_back
            As `create`.
        inspect : bool
            Open a ledger that lost its end too, so that `verify` can say what is there.

        Raises
        ------
        NoStoreError
            If nothing is at `root`.
        StoreOfflineError
            If the folder is there and its contents are not.
        StoreError
            If the ledger belongs to another store or generation, lost facts, was written by a newer
            safelight, or is on a network file system.
        """
        from safelight.store import anchor, filesystem, migrate, standings
        from safelight.store.ledger import Ledger, utc_now

        disk = disk or Disk()
        layout, marker = places.locate(root)
        warnings = filesystem.require_local(layout.root, filesystem.kind_of(layout.root))
        database = _open_ledger(layout, disk)
        try:
            migrate.upgrade(database, layout, disk)
            with database.reading() as connection:
                found = migrate.identity(connection)
                if not inspect:
                    anchor.require_whole(connection, layout)
                behind = not inspect and standings.is_behind(connection)
            if behind:
                with database.writing() as connection:
                    standings.catch_up(connection)
            marker = _agreed(layout, marker, found, disk)
        except BaseException:
            database.close()
            raise
        blobs = Blobs(layout, disk, read_back=read_back)
        return cls(layout, marker, blobs, Ledger(database, blobs, clock or utc_now), disk, warnings)

    @classmethod
    def open_or_create(
        cls,
        root: Path | str,
        *,
        disk: Disk | None = None,
        clock: Clock | None = None,
        read_back: bool = False,
        database: str = "",
    ) -> Self:
        """Open the store at `root`; make it only if nothing at all is there.

        An existing folder without a marker is refused, not filled: it may be
        the mount point of a disk that is not mounted.
        """
        with contextlib.suppress(NoStoreError):
            return cls.open(root, disk=disk, clock=clock, read_back=read_back)
        return cls.create(root, disk=disk, clock=clock, read_back=read_back, database=database)

    @property
    def root(self) -> Path:
        """The folder of the store, absolute."""
        return self.layout.root

    def verify(
        self, *, read_data: bool = False, subset: tuple[int, int] | None = None, head: Head | None = None
    ) -> Report:
        """Check tables, chain and blobs; see `safelight.store.verify.verify`."""
        from safelight.store.verify import verify

        return verify(self.layout, self.ledger.database, self.blobs, read_data=read_data, subset=subset, head=head)

    def back_up(self, folder: Path, tell: Callable[[int, int], None] | None = None) -> BackedUp:
        """Write a snapshot of the store into `folder`; see `safelight.store.backup.back_up`."""
        from safelight.store.backup import back_up

        return back_up(self.layout, self.marker, self.ledger.database, self.blobs, folder, self.io, tell)

    def verify_chain(self, *, head: Head | None = None) -> ChainReport:
        """Check the chain alone, in seconds for a million facts, and sign what is whole; see `verify_chain`."""
        from safelight.store.verify_chain import verify_chain

        return verify_chain(self.layout, self.ledger.database, self.marker.store, self.io, self._now, head=head)

    def export_head(self) -> dict[str, Any]:
        """Return the end of the ledger as a signed statement, to keep elsewhere."""
        from safelight.store.checkpoints import AuditKey, export_head

        return export_head(AuditKey(self.layout, self.io), self.marker.store, self.ledger.head(), self._now())

    def forget_checkpoints(self, seq: int) -> None:
        """Forget the checkpoints of facts from number `seq` on, before they are redacted; verifying signs anew."""
        from safelight.store.checkpoints import AuditKey, keep, kept

        known, _ = kept(self.layout, self.marker.store, AuditKey(self.layout, self.io).public)
        keep(self.layout, self.io, [each for each in known if each.seq < seq])

    def drop_cache(self) -> None:
        """Throw away the pictures made for screens; they are made again when somebody asks."""
        import shutil

        shutil.rmtree(self.layout.cache, ignore_errors=True)

    def _now(self) -> str:
        return self.ledger.now()

    def raise_generation(self) -> int:
        """Count the generation up by one, in marker and ledger, and return it; what a restore does last.

        A ledger of an older generation is refused from then on. A crash in
        between leaves a store that opens and finishes it.
        """
        from safelight.store import migrate

        generation = self.marker.generation + 1
        places.write_marker(self.layout, places.raised(self.marker), self.io)
        migrate.set_generation(self.ledger.database, generation)
        self.marker = places.settled(self.marker, generation)
        places.write_marker(self.layout, self.marker, self.io)
        return generation

    def janitor(self, *, older_than_s: float = places.DAY_S, dry_run: bool = False) -> list[Leftover]:
        """Remove what nobody finished writing within `older_than_s` seconds, and say what it was."""
        return janitor(self.layout, self.io, older_than_s=older_than_s, dry_run=dry_run)

    def close(self) -> None:
        """Close the database, and note outside it what its last fact is; the store can be opened again."""
        from safelight.store import anchor

        try:
            # The anchor is a second witness: a disk that is full or gone now must not hide what led to closing.
            with contextlib.suppress(OSError, StoreError):
                head, kept = self.ledger.head(), anchor.kept(self.layout)
                if kept is None or head.seq > kept.seq:
                    anchor.keep(self.layout, head, self.io)
        finally:
            self.ledger.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _open_ledger(layout: Layout, disk: Disk, *, create: bool = False) -> Database:
    """Return the ledger's database: a file of the store, or the one that the store's address names."""
    from safelight.store.database import Database

    if not layout.address.exists():
        return Database(layout.ledger, disk, create=create)
    from safelight.store.postgres import PostgresDatabase

    return PostgresDatabase(layout.address.read_text("utf-8"), layout.address, disk)


def _make_ledger(layout: Layout, marker: Marker, disk: Disk, url: str) -> None:
    from safelight.store import migrate

    if url:
        from safelight.store.io import write_whole
        from safelight.store.postgres import checked_url

        write_whole(disk, layout.address, checked_url(url).encode("utf-8"), layout.scratch(), 0o600)
    database = _open_ledger(layout, disk, create=True)
    try:
        migrate.create(database, marker)
    finally:
        database.close()


def _agreed(layout: Layout, marker: Marker, found: tuple[str, int], disk: Disk) -> Marker:
    """Refuse a ledger of another store or generation; finish raising a generation that was interrupted."""
    store, generation = found
    if not marker.accepts(store, generation):
        raise StoreError(
            f"{layout.ledger} is generation {generation} of store {store[:8]}…, the marker says generation "
            f"{marker.generation} of {marker.store[:8]}…: one of the two is from another disk or an old backup; "
            "put the right one back, or restore with `safelight restore`"
        )
    if marker.following is not None:
        marker = places.settled(marker, generation)
        places.write_marker(layout, marker, disk)
    return marker
