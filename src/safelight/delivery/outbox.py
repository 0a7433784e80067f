"""Events for other systems: made once, sent to every hook, kept until each has taken them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.canonical import key_of, to_json
from safelight.core.facts import Actor, NewFact
from safelight.delivery.webhook import Event, Hook, check_url, new_secret, send, sign
from safelight.errors import DeliveryTargetError, StoreError, UsageError

if TYPE_CHECKING:
    from safelight.store import Store

MADE, SENT, FAILED = "event.made", "event.sent", "event.failed"
CHANGED = "webhook.changed"
DELIVERED = "batch.delivered"
_SOON_S = (0.0, 1.0)  # while somebody waits for the delivery; `webhooks send` tries longer


def hooks(store: Store) -> tuple[Hook, ...]:
    """Return where events go; nowhere by default.

    Raises
    ------
    StoreError
        If the list is damaged.
    """
    path = _path(store)
    try:
        return tuple(Hook(**each) for each in json.loads(path.read_bytes()))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(f"{path} is damaged ({error}); remove it and add the webhooks again") from None


def add_hook(store: Store, url: str, secret: str, name: str, *, private: bool) -> dict[str, Any]:
    """Send events to `url` from now on; the secret is made here where none is given, and shown this once."""
    check_url(url, private=private)
    known = hooks(store)
    if any(each.url == url for each in known):
        raise UsageError(f"events go to {url} already; remove it first to change its secret")
    hook = Hook(url, secret or new_secret(), private)
    sign(hook.secret, "check", 0, b"")  # refuses a secret that is none
    _keep(store, (*known, hook), url, "added", name)
    return {"url": url, "private": private, "secret": hook.secret}


def remove_hook(store: Store, url: str, name: str) -> None:
    """Send no more events to `url`.

    Raises
    ------
    UsageError
        If none go there; lists where they go.
    """
    known = hooks(store)
    if all(each.url != url for each in known):
        raise UsageError(f"no events go to {url}; they go to: {', '.join(each.url for each in known) or 'nowhere'}")
    _keep(store, tuple(each for each in known if each.url != url), url, "removed", name)


def tell_delivery(store: Store, batch: str, folder: Path) -> None:
    """Tell every hook that a batch was delivered; a hook that does not listen holds nothing up and is asked again."""
    if not hooks(store):
        return
    announce_delivery(store, batch, folder)
    send_events(store, waits_s=_SOON_S)


def announce_delivery(store: Store, batch: str, folder: Path) -> None:
    """Make the event that a batch was delivered, once for each state of its manifest."""
    path = folder / "manifest.json"
    if not path.is_file():
        return
    data = path.read_bytes()
    files = json.loads(data)["files"]
    digest = hashlib.sha256(data).hexdigest()
    told = {
        "batch": batch,
        "files": len(files),
        "channels": sorted({each["channel"] for each in files}),
        "manifest_sha256": digest,
    }
    event_id = f"msg_{key_of(DELIVERED, batch, digest)[:27]}"
    if not store.ledger.facts(kind=MADE, subject=event_id):
        store.ledger.append([NewFact(MADE, event_id, {"type": DELIVERED, "data": told}, batch=batch)])


def send_events(store: Store, *, waits_s: Sequence[float] | None = None) -> list[dict[str, Any]]:
    """Send every event to every hook that has not taken it yet; one line each.

    A hook that does not take an event is told in the ledger, and asked again the next time.
    """
    sent = {(each.subject, each.body["url"]) for each in store.ledger.facts(kind=SENT)}
    added = {each.body["url"]: each.seq for each in store.ledger.facts(kind=CHANGED) if each.body["did"] == "added"}
    lines = []
    for made in store.ledger.facts(kind=MADE):
        event = Event(made.subject, made.body["type"], made.at, made.body["data"])
        for hook in hooks(store):
            # What happened before a hook was added is none of its business.
            if (event.id, hook.url) in sent or made.seq < added.get(hook.url, 0):
                continue
            line = {"event": event.id, "type": event.type, "url": hook.url, "sent": True, "note": ""}
            try:
                tries = send(hook, event) if waits_s is None else send(hook, event, waits_s=waits_s)
                fact = NewFact(SENT, event.id, {"url": hook.url, "tries": tries}, batch=made.batch)
            except (DeliveryTargetError, UsageError) as error:
                line |= {"sent": False, "note": str(error)}
                fact = NewFact(FAILED, event.id, {"url": hook.url, "sentence": str(error)}, batch=made.batch)
            store.ledger.append([fact])
            lines.append(line)
    return lines


def _keep(store: Store, known: Sequence[Hook], url: str, did: str, name: str) -> None:
    from safelight.store.io import explained, write_whole

    with explained("keep the list of webhooks", store.root):
        data = (to_json([asdict(each) for each in known]) + "\n").encode("ascii")
        write_whole(store.io, _path(store), data, store.layout.scratch(), 0o600)
    body = {"url": url, "did": did}
    store.ledger.append([NewFact(CHANGED, url, body, Actor("person", "webhooks"), personal={"name": name})])


def _path(store: Store) -> Path:
    return store.root / "webhooks.json"
