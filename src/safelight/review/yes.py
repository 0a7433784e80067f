"""The client's yes: a fact about one version, beside the studio's own approval and never in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from safelight.core.facts import Actor, NewFact
from safelight.errors import ConflictError, GateClosedError

if TYPE_CHECKING:
    from safelight.core.batch import BatchState, FileState
    from safelight.store import Store

SAID_YES = "client.approved"  # version: path, asset, words; personal: name


def record_yes(store: Store, batch: BatchState, file: FileState, actor: Actor, words: str) -> dict[str, Any]:
    """Record that a client approves a version as it is.

    Raises
    ------
    GateClosedError
        For a version that nobody in the house has approved: a client is shown what is finished.
    ConflictError
        If there is a yes to this version already.
    """
    if not file.version or not (file.approved or file.deliveries):
        raise GateClosedError(
            f"{file.path} was not approved by the studio yet; it is {file.standing}. "
            "A client says yes to what is finished"
        )
    known = read_yes(store, file.version)
    if known:
        raise ConflictError(f"{known['by']} said yes to {file.path} already, on {known['at'][:10]}")
    body = {"path": file.path, "asset": file.asset, "words": words.strip()}
    store.ledger.append([NewFact(SAID_YES, file.version, body, actor, batch.name, {"name": actor.name})])
    said = f"approved by the client{': ' + words.strip() if words.strip() else ''}"
    return {"file": file.path, "by": actor.name, "said": said}


def read_yes(store: Store, version: str) -> dict[str, str]:
    """Return the client's yes to a version (``by``, ``at``, ``words``), or an empty mapping."""
    found = store.ledger.latest(kind=SAID_YES, subject=version) if version else None
    if found is None:
        return {}
    name = str(found.personal.get("name") or found.actor.name)
    return {"by": name, "at": found.at, "words": str(found.body.get("words", ""))}
