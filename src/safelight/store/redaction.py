"""Bodies that were erased: which facts, and what stands in their place, as erasures say."""

from __future__ import annotations

import json

from sqlalchemy import select

from safelight.store import tables
from safelight.store.chain import Redactions
from safelight.store.database import Database

ASSET_ERASED = (
    "asset.erased"  # asset: redacted [[seq, digest]], blobs [spelled], left [[channel, name, at]]; personal: name
)
MARK = "sha256:"  # before a hash in a body that is no mention of a blob


def read_redactions(database: Database) -> Redactions:
    """Return the facts that an erasure redacted, by number, with the digest of what stands there now."""
    with database.reading() as connection:
        query = select(tables.fact.c.body).where(tables.fact.c.kind == ASSET_ERASED)
        bodies = [json.loads(each) for each in connection.execute(query).scalars()]
    return {int(seq): str(digest).removeprefix(MARK) for body in bodies for seq, digest in body["redacted"]}


def erased_blobs(database: Database) -> frozenset[str]:
    """Return the blobs that an erasure removed: nothing misses them."""
    with database.reading() as connection:
        query = select(tables.fact.c.body).where(tables.fact.c.kind == ASSET_ERASED)
        bodies = [json.loads(each) for each in connection.execute(query).scalars()]
    return frozenset(str(each).removeprefix(MARK) for body in bodies for each in body["blobs"])
