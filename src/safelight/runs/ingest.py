"""Copy originals into the store, each copy read back and held against its hash; read them from there later."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.canonical import key_of
from safelight.core.facts import NewFact
from safelight.errors import SafelightError
from safelight.media.names import display_name
from safelight.runs.backup import back_up
from safelight.runs.progress import Progress
from safelight.runs.shoot import NO_PICTURE, Shoot
from safelight.store.originals import Reference

if TYPE_CHECKING:
    from safelight.store import Store

INGESTED = "file.ingested"


def ingest_shoot(
    store: Store, shoot: Shoot, batch: str, progress: Progress, backup: str | None = None
) -> list[dict[str, Any]]:
    """Copy every file of `shoot` and return one line a file; what can't be read is named, and the rest goes on.

    With a `backup` folder each file gets a second copy there in the same pass, at its place in the shoot. A line
    without ``sha256`` was not copied, one with ``failed`` not backed up.
    """
    files = dict(shoot.files)
    for path, why in shoot.passed_over:
        if why == NO_PICTURE:  # a shot list, a sidecar: what says which picture is what
            files[path] = refer_beside(shoot.folder, path)
    known = {(fact.subject, fact.body["folder"], fact.body["path"]) for fact in store.ledger.facts(kind=INGESTED)}
    lines = []
    progress.stage("ingest", len(files))
    for path, reference in sorted(files.items()):
        line: dict[str, Any] = {"file": path, "name": display_name(path), "sha256": "", "note": ""}
        try:
            sha256 = line["sha256"] = store.blobs.put_file(reference.path)
            key = sha256, shoot.folder, path
            if key in known:
                line["note"] = "was there already"
            else:
                body = {"path": path, "size": reference.size, "mtime_ns": reference.mtime_ns, "folder": shoot.folder}
                body |= {} if path in shoot.files else {"beside": True}
                # One fact for one file, also where two imports of a card run at once.
                if not store.ledger.append_work(
                    key_of("ingested", *key), {"path": path}, [NewFact(INGESTED, sha256, body, batch=batch)]
                ):
                    line["note"] = "was there already"
                known.add(key)
            if backup is not None:
                # From the copy that was just verified: its bytes are still in memory.
                told = back_up(str(store.blobs.path(sha256)), backup, path, sha256)
                line["note"] = ", ".join(each for each in (line["note"], told) if each)
        except SafelightError as error:
            line |= {"note": str(error), "failed": True}
        lines.append(line)
        progress.step()
    return lines


def ingested_shoot(store: Store, folder: str) -> Shoot | None:
    """Return the files of a folder as they were when it was ingested, for when its disk is away; None if it never was.

    References hold hashes: their bytes are read from the store.
    """
    files: dict[str, Reference] = {}
    beside: dict[str, Path] = {}
    for fact in store.ledger.facts(kind=INGESTED):
        if fact.body["folder"] == folder:
            path = fact.body["path"]
            if fact.body.get("beside"):
                beside[path] = store.blobs.path(fact.subject)
                continue
            size, mtime_ns = fact.body["size"], fact.body.get("mtime_ns", 0)
            files[path] = Reference(f"{folder}/{path}", size, mtime_ns, fact.subject)
    return Shoot(folder, dict(sorted(files.items())), (), beside) if files else None


def refer_beside(folder: str, path: str) -> Reference:
    """Return a file that lies beside the pictures, not yet read."""
    whole = f"{folder}/{path}"
    try:
        known = os.stat(whole, follow_symlinks=False)  # noqa: PTH116 - bytes that are not UTF-8 stay
    except OSError:
        return Reference(whole, 0, 0, "")  # gone since the folder was listed; reading it says so
    return Reference(whole, known.st_size, known.st_mtime_ns, "")
