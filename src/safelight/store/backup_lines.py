"""What backups and restores have to say, as lines of data with a sentence each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from safelight.store.backup import Snapshot, damages, list_snapshots

if TYPE_CHECKING:
    from safelight.store import Store


class Counts(Protocol):
    """What a backup reports its progress to."""

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of `total` pieces."""

    def step(self, done: int = 1) -> None:
        """Count pieces of the stage."""


def back_up_line(store: Store, folder: Path, progress: Counts) -> dict[str, Any]:
    """Write a snapshot and say what it holds; ``losses`` names what the store had lost before."""
    begun = False

    def tell(done: int, of: int) -> None:
        nonlocal begun
        if not begun:
            progress.stage("backup", of)
            begun = True
        del done
        progress.step()

    made = store.back_up(folder, tell)
    text = (
        f"{made.snapshot.name}: {made.snapshot.facts} facts, {made.snapshot.blobs} blobs; {made.copied} of them new "
        f"({made.copied_bytes / 1e6:.1f} MB)"
    )
    if made.snapshot.losses:
        text += f"; {len(made.snapshot.losses)} blobs were missing or damaged in the store: run `safelight verify`"
    text = "; ".join([text, *made.notes])
    return _line(made.snapshot) | {"copied": made.copied, "copied_bytes": made.copied_bytes, "text": text}


def restore_line(folder: Path, root: Path, name: str, *, accept_losses: bool, database: str = "") -> dict[str, Any]:
    """Restore a snapshot and say where everything is now."""
    from safelight.store.io import Disk
    from safelight.store.restore import restore

    done = restore(folder, root, Disk(), name=name, accept_losses=accept_losses, database=database)
    kept = f"; the store that was there is kept at {done.kept}" if done.kept else ""
    lost = f"; {len(done.losses)} parts could not be had back" if done.losses else ""
    how = f"; its ledger is in PostgreSQL, {done.filled_by}" if done.filled_by else ""
    text = f"{done.root} is as it was at {done.snapshot.name} (generation {done.generation}){how}{kept}{lost}"
    return _line(done.snapshot) | {
        "store_root": str(done.root),
        "kept": "" if done.kept is None else str(done.kept),
        "losses": list(done.losses),
        "text": text,
    }


def backup_lines(folder: Path, *, read_data: bool) -> list[dict[str, Any]]:
    """Return a line a snapshot, whole or half made; with `read_data` every byte is hashed."""
    whole, half = list_snapshots(folder)
    lines = []
    for each in whole:
        wrong = list(damages(folder, each)) if read_data else []
        state = ("damaged" if wrong else "whole") if read_data else "complete"
        text = f"{each.name}: {state}, {each.facts} facts, {each.blobs} blobs, {each.blob_bytes / 1e6:.1f} MB"
        lines.append(_line(each) | {"state": state, "damages": wrong, "text": "; ".join([text, *wrong[:5]])})
    for name in half:
        text = f"{name}: half made, it was interrupted and cannot be restored"
        lines.append({"snapshot": name, "state": "half made", "damages": [], "text": text})
    return sorted(lines, key=lambda line: str(line["snapshot"]))


def _line(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "snapshot": snapshot.name,
        "store": snapshot.store,
        "facts": snapshot.facts,
        "blobs": snapshot.blobs,
        "bytes": snapshot.blob_bytes,
        "losses": list(snapshot.losses),
    }
