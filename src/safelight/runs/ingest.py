"""Copy originals into the store, each copy read back and held against its hash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from safelight.core.facts import NewFact
from safelight.errors import SafelightError
from safelight.media.names import display_name
from safelight.runs.progress import Progress
from safelight.runs.shoot import Shoot

if TYPE_CHECKING:
    from safelight.store import Store

INGESTED = "file.ingested"


def ingest_shoot(store: Store, shoot: Shoot, batch: str, progress: Progress) -> list[dict[str, Any]]:
    """Copy every file of `shoot` and return one line a file; what can't be read is named, and the rest goes on."""
    known = {fact.subject for fact in store.ledger.facts(kind=INGESTED)}
    lines = []
    progress.stage("ingest", len(shoot.files))
    for path, reference in shoot.files.items():
        name = display_name(path)
        try:
            sha256 = store.blobs.put_file(reference.path)
        except SafelightError as error:
            lines.append({"file": path, "name": name, "sha256": "", "note": str(error)})
        else:
            if sha256 not in known:
                body = {"path": path, "size": reference.size, "folder": shoot.folder}
                store.ledger.append([NewFact(INGESTED, sha256, body, batch=batch)])
            note = "was there already" if sha256 in known else ""
            known.add(sha256)
            lines.append({"file": path, "name": name, "sha256": sha256, "note": note})
        progress.step()
    return lines
