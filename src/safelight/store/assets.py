"""The tables of assets and of where they were seen: one asset a content, one sighting a path in a batch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, insert, select, update

from safelight.core.canonical import to_json
from safelight.core.facts import Asset, Capture, NewFact
from safelight.store import tables
from safelight.store.chain import read, spell
from safelight.store.database import insert_new
from safelight.store.originals import Reference

Seeing = Literal["new", "again", "known", "changed"]


@dataclass(frozen=True)
class Sighting:
    """An original as it was seen in a batch.

    `copied` is True if its bytes are a blob of the store; otherwise it is only referenced.
    """

    batch: str
    reference: Reference
    copied: bool = False


@dataclass(frozen=True)
class Seen:
    """An asset, where it was seen, and the facts to write if that is news."""

    asset: Asset
    sighting: Sighting
    facts: Sequence[NewFact] = ()


def see(connection: Connection, seen: Seen, at: str) -> Seeing:
    """Write one asset as it was seen; see `Ledger.append_assets`."""
    reference = seen.sighting.reference
    new = insert_new(connection, tables.asset, _asset_row(seen.asset, at))
    place = tables.sighting.c
    key = {"batch": spell(seen.sighting.batch), "path": spell(reference.path)}
    before = connection.execute(
        select(place.sha256).where(place.batch == key["batch"], place.path == key["path"])
    ).scalar()
    values: dict[str, Any] = {
        "sha256": seen.asset.sha256,
        "bytes": reference.size,
        "mtime_ns": reference.mtime_ns,
        "copied": int(seen.sighting.copied),
        "at": at,
    }
    if before != seen.asset.sha256:
        row = tables.sighting
        if before is None:
            connection.execute(insert(row).values(**key, **values))
        else:
            where = (place.batch == key["batch"], place.path == key["path"])
            connection.execute(update(row).where(*where).values(**values))
    if before is None:
        return "new" if new else "again"
    return "known" if before == seen.asset.sha256 else "changed"


def one(connection: Connection, sha256: str) -> Asset | None:
    """Return the asset of this content, or None."""
    found = connection.execute(select(tables.asset).where(tables.asset.c.sha256 == spell(sha256))).first()
    return None if found is None else _asset(found)


def every(connection: Connection, batch: str | None) -> list[Asset]:
    """Return all assets, or those of a batch, in the order they were first seen."""
    query = select(tables.asset).order_by(tables.asset.c.at, tables.asset.c.sha256)
    if batch is not None:
        inside = select(tables.sighting.c.sha256).where(tables.sighting.c.batch == spell(batch))
        query = query.where(tables.asset.c.sha256.in_(inside))
    return [_asset(each) for each in connection.execute(query)]


def sightings(connection: Connection, batch: str | None, sha256: str | None) -> list[Sighting]:
    """Return where assets were seen, sorted by batch and path."""
    place = tables.sighting.c
    query = select(tables.sighting).order_by(place.batch, place.path)
    if batch is not None:
        query = query.where(place.batch == spell(batch))
    if sha256 is not None:
        query = query.where(place.sha256 == spell(sha256))
    return [
        Sighting(
            read(each.batch), Reference(read(each.path), each.bytes, each.mtime_ns, each.sha256), bool(each.copied)
        )
        for each in connection.execute(query)
    ]


def _asset_row(asset: Asset, at: str) -> dict[str, Any]:
    return {
        "sha256": spell(asset.sha256),
        "at": at,
        "path": spell(asset.path),
        "bytes": asset.bytes,
        "format": spell(asset.format),
        "width": asset.width,
        "height": asset.height,
        "bits": asset.bits,
        "profile": spell(asset.profile),
        "capture": to_json(asdict(asset.capture)),
    }


def _asset(row: Row[Any]) -> Asset:
    return Asset(
        sha256=row.sha256,
        path=read(row.path),
        bytes=row.bytes,
        format=read(row.format),
        width=row.width,
        height=row.height,
        bits=row.bits,
        profile=read(row.profile),
        capture=Capture(**json.loads(row.capture)),
    )
