"""A batch stays under the style guide that it started with, until somebody adopts another for it."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from safelight.core.batch import OPENED, ROUTED
from safelight.errors import DeclarationError, StoreError

if TYPE_CHECKING:
    from safelight.store import Store
    from safelight.workflows.guide import Guide

_SHOWN = 12


def keep_guide(store: Store, guide_path: str) -> str:
    """Keep a guide's text as a blob and return its name, "" for the house's own."""
    return store.blobs.put(Path(guide_path).read_bytes()) if guide_path else ""


def require_same_guide(store: Store, folder: str, guide: Guide, guide_path: str) -> None:
    """Refuse to work a batch under another guide than it started with, and show what would change.

    Raises
    ------
    DeclarationError
        If the batch of `folder` has routed versions under another guide.
    """
    opened = [each for each in store.ledger.iterate(kind=OPENED) if each.body["folder"] == folder]
    if not opened or opened[-1].body.get("guide_key") == guide.sha256:
        return
    batch = opened[-1].subject
    if not store.ledger.facts(kind=ROUTED, batch=batch, limit=1):
        return  # nothing was worked yet
    was = str(opened[-1].body.get("guide", ""))
    changes = differences(_text(store, str(opened[-1].body.get("guide_text", ""))), _read(guide_path))
    said = "; ".join(changes[:_SHOWN]) or "what the guide brings or builds on is another"
    more = f"; and {len(changes) - _SHOWN} more lines" if len(changes) > _SHOWN else ""
    raise DeclarationError(
        f"batch {batch} was worked under style guide {was}; {guide.name} would change: {said}{more}. "
        "Adopt it for this batch (--adopt), or give the old guide"
    )


def differences(before: str, after: str) -> list[str]:
    """Return what is other between two guides, a line each; comments and blank lines do not count.

    Examples
    --------
    >>> differences("fill = 0.8  # wide", "fill = 0.9")
    ['- fill = 0.8', '+ fill = 0.9']
    """
    found = difflib.ndiff(_plain(before), _plain(after))
    return [each.strip() for each in found if each.startswith(("+ ", "- "))]


def _plain(text: str) -> list[str]:
    """Return a guide's lines without comments; a line with a string in it stays whole, for a # may be a color."""
    lines = [each.strip() if '"' in each else each.split("#")[0].strip() for each in text.splitlines()]
    return [each for each in lines if each and not each.startswith("#")]


def _text(store: Store, sha256: str) -> str:
    try:
        return store.blobs.get(sha256).decode("utf-8", "replace") if sha256 else ""
    except StoreError:
        return ""


def _read(path: str) -> str:
    return Path(path).read_text("utf-8", "replace") if path else ""
