"""Get a store back from a backup: built beside its place, seen to be whole, then put there; what was there is kept.

A restore raises the store's generation, so that the database it replaced is never taken for this one's.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from safelight.errors import StoreError, StoreLockedError
from safelight.store import Store
from safelight.store import layout as shapes
from safelight.store.backup import ARCHIVE, LEDGER, SIGNER, Places, Snapshot, Tell, damages, list_snapshots, listed
from safelight.store.io import Disk, explained, read_chunks, write_whole
from safelight.store.layout import Layout, Marker
from safelight.store.lock import owner_of
from safelight.store.refill import Filled, fill_database

_TOLD = 5  # damages named in one sentence


@dataclass(frozen=True)
class Restored:
    """What a restore did.

    Parameters
    ----------
    snapshot : Snapshot
    root : Path
        The store.
    kept : Path or None
        Where the store that was there before is now.
    losses : tuple of str
        What could not be had back, in sentences.
    generation : int
    filled_by : str
        How the ledger came into a PostgreSQL database, "" where it is a file.
    """

    snapshot: Snapshot
    root: Path
    kept: Path | None
    losses: tuple[str, ...]
    generation: int
    filled_by: str = ""


def choose_snapshot(folder: Path, name: str = "") -> Snapshot:
    """Return a whole snapshot: the one called `name`, or the newest.

    Raises
    ------
    StoreError
        If there is none of that name, it has no manifest, or the folder is no backup; the message lists what is there.
    """
    whole, half = list_snapshots(folder)
    names = ", ".join(each.name for each in whole) or "none"
    if name in half:
        raise StoreError(
            f"the backup {name} is half made: it was interrupted and has no manifest. Whole ones are: {names}"
        )
    chosen = next((each for each in whole if each.name == name), None) if name else (whole[-1] if whole else None)
    if chosen is None:
        broken = f"; half made: {', '.join(half)}" if half else ""
        raise StoreError(
            f"{folder} has no whole backup{f' called {name!r}' if name else ''}; there are: {names}{broken}"
        )
    return chosen


def restore(
    folder: Path,
    root: Path,
    disk: Disk,
    *,
    name: str = "",
    accept_losses: bool = False,
    tell: Tell | None = None,
    database: str = "",
) -> Restored:
    """Put a snapshot in the place `root`.

    Parameters
    ----------
    folder : Path
        Of the backups; it is only read.
    root : Path
        Where the store goes. A store that is there is kept beside it, under a name with the time.
    disk : Disk
    name : str
        Of the snapshot; the newest if left out.
    accept_losses : bool
        Go on where parts are missing or damaged, and list them.
    tell : callable (done, of), optional
    database : str
        The URL of an empty PostgreSQL database that the ledger goes into; "" makes it a file of the store.

    Raises
    ------
    StoreError
        If the backup is damaged and `accept_losses` is False, something that is no store lies at `root`, or the store
        that was built does not verify, or the database is not empty. What was at `root` is there as it was then,
        and the database is empty again.
    """
    snapshot = choose_snapshot(folder, name)
    losses = tuple(damages(folder, snapshot))
    _require_whole(folder, snapshot, losses, accept_losses=accept_losses)
    final = Path(os.path.abspath(root)).resolve()  # noqa: PTH100 - Path.absolute keeps '..'
    before = _there(final)
    draft = Layout(final.parent / f".{final.name}.restoring-{secrets.token_hex(8)}")
    generation = max(snapshot.generation, before.generation if before and before.store == snapshot.store else 0)
    filled: Filled | None = None
    try:
        with explained("restore the store", final):
            _build(folder, snapshot, draft, Marker(shapes.SCHEMA, snapshot.store, snapshot.generation), disk, tell)
        if database:
            archive = Places(folder.absolute()).snapshots / snapshot.name / ARCHIVE
            filled = fill_database(draft, database, archive, disk)
        generation = _raised(draft, generation, disk)
        _require_healthy(draft.root, accept_losses=accept_losses)
        kept = _swap(draft.root, final, disk, had_one=before is not None)
    except BaseException:
        if filled is not None:
            filled.take_back()
        with contextlib.suppress(OSError):
            disk.remove_tree(draft.root)
        raise
    return Restored(snapshot, final, kept, losses, generation, filled.how if filled else "")


def _require_whole(folder: Path, snapshot: Snapshot, losses: Sequence[str], *, accept_losses: bool) -> None:
    database = [each for each in losses if each.startswith(f"{snapshot.name}/{LEDGER}")]
    if database:
        raise StoreError(f"the backup {snapshot.name} in {folder} cannot be restored: {database[0]}; choose another")
    if losses and not accept_losses:
        more = f"; and {len(losses) - _TOLD} more" if len(losses) > _TOLD else ""
        raise StoreError(
            f"the backup {snapshot.name} in {folder} is damaged: {'; '.join(losses[:_TOLD])}{more}. Choose another, or "
            "restore what is left with --accept-losses"
        )


def _there(final: Path) -> Marker | None:
    """Return the marker of the store that is there, None for nothing; refuse what is something else."""
    if not final.parent.is_dir():
        raise StoreError(f"cannot restore to {final}: the folder {final.parent} is not there; mount its disk")
    if not final.exists() or (final.is_dir() and not any(final.iterdir())):
        return None
    if not (final / shapes.MARKER).exists():
        raise StoreError(f"something that is no store lies at {final}; name another place with --store")
    try:
        marker, owner = shapes.locate(final)[1], owner_of(final)
    except StoreError:
        return Marker(shapes.SCHEMA, "", 0)  # damaged: that is why it is restored; it is kept all the same
    if owner is not None:
        raise StoreLockedError(f"the store at {final} is in use by process {owner.pid}; end it, then restore")
    return marker


def _build(folder: Path, snapshot: Snapshot, draft: Layout, marker: Marker, disk: Disk, tell: Tell | None) -> None:
    places = Places(folder.absolute())
    source = places.snapshots / snapshot.name
    disk.make_folders([draft.root, draft.blobs, draft.tmp, draft.dumps])
    disk.make_folders([draft.blobs / f"{each:02x}" for each in range(256)])
    _copy(source / LEDGER, draft.ledger, draft, disk, 0o600)
    if (source / SIGNER).is_file():
        disk.make_folders([draft.credentials])
        draft.credentials.chmod(0o700)
        _copy(source / SIGNER, draft.credentials / SIGNER, draft, disk, 0o600)
    names = listed(folder, snapshot)
    for at, (sha256, size) in enumerate(names):
        blob = places.blob(sha256)
        if blob.is_file() and blob.stat().st_size == size:
            _copy(blob, draft.blobs / sha256[:2] / sha256[2:], draft, disk, 0o444)
        if tell is not None:
            tell(at + 1, len(names))
    for each in range(256):
        disk.sync_folder(draft.blobs / f"{each:02x}")
    disk.sync_folder(draft.blobs)
    write_whole(disk, draft.marker, marker.to_bytes(), draft.scratch())


def _copy(source: Path, target: Path, draft: Layout, disk: Disk, mode: int) -> None:
    scratch = draft.scratch()
    handle = disk.create(scratch)
    try:
        with source.open("rb") as file:
            for piece in read_chunks(file.fileno()):
                disk.write(handle, piece)
        disk.seal(handle, mode)
        disk.sync(handle)
    finally:
        disk.close(handle)
    disk.rename(scratch, target)


def _raised(draft: Layout, least: int, disk: Disk) -> int:
    """Open the draft (an older schema is migrated), and raise its generation beyond all that were."""
    with Store.open(draft.root, disk=disk) as store:
        generation = store.marker.generation
        while generation <= least:
            generation = store.raise_generation()
    return generation


def _require_healthy(root: Path, *, accept_losses: bool) -> None:
    """Verify every byte of what was built, before it takes anything's place."""
    with Store.open(root) as store:
        found = store.verify(read_data=True)
    bad = [*found.tables, *(each.problem for each in found.chain)]
    bad += [] if accept_losses else [each.text for each in found.trouble]
    if bad:
        raise StoreError(f"what was restored does not verify ({bad[0]}); nothing was put in place, the old store stays")


def _swap(draft: Path, final: Path, disk: Disk, *, had_one: bool) -> Path | None:
    """Put the draft in place; the store that was there gets a name with the time, and comes back if anything fails."""
    with explained("put the restored store in place", final):
        if not had_one:
            if final.exists():
                final.rmdir()  # an empty folder, perhaps a mount point of nothing
            disk.rename(draft, final)
            disk.sync_folder(final.parent)
            return None
        kept = final.with_name(f"{final.name}.before-restore-{datetime.now(UTC):%Y%m%dT%H%M%S}")
        disk.rename(final, kept)
        try:
            disk.rename(draft, final)
            disk.sync_folder(final.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                kept.rename(final)
            raise
        return kept
