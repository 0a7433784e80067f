"""The last fact's number and hash, kept outside the database.

A chain cannot show that its tail was cut off; this can. It is written when a
store is closed, so it lags behind the ledger and never runs ahead of it.
"""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from safelight.core.canonical import to_json
from safelight.errors import StoreError
from safelight.store import tables
from safelight.store.chain import Head
from safelight.store.io import Disk, write_whole
from safelight.store.layout import Layout


def kept(layout: Layout) -> Head | None:
    """Return the anchor; None where there is none or it cannot be read."""
    try:
        data = json.loads(layout.anchor.read_bytes())
        return Head(int(data["seq"]), str(data["hash"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(layout: Layout, head: Head, disk: Disk) -> None:
    """Write the anchor; a crash leaves the old one or the new one.

    Raises
    ------
    OSError
        If the disk is full or faulty.
    """
    data = (to_json({"seq": head.seq, "hash": head.hash}) + "\n").encode("ascii")
    write_whole(disk, layout.anchor, data, layout.scratch())


def lost(connection: Connection, head: Head) -> str:
    """Say what a ledger lost since `head` was its end; "" if nothing."""
    if head.seq == 0:
        return ""
    found = connection.execute(select(tables.fact.c.hash).where(tables.fact.c.seq == head.seq)).scalar()
    if found is None:
        return f"fact {head.seq} was in the ledger and is not: its end was cut off, or it is an old copy"
    if found != head.hash:
        return f"fact {head.seq} is another than it was: the ledger was rewritten up to there, or is another's"
    return ""


def require_whole(connection: Connection, layout: Layout) -> None:
    """Refuse a ledger that lost facts which the anchor knows.

    Raises
    ------
    StoreError
        Naming the fact.
    """
    head = kept(layout)
    problem = lost(connection, head) if head else ""
    if problem:
        raise StoreError(
            f"{layout.ledger}: {problem}. Put the right ledger back or restore a backup; `safelight verify` shows "
            f"what is there. To go on with this one and lose the rest, remove {layout.anchor.name}"
        )
