"""Erase an asset: its pixels wherever they lie in the store, and what its facts say of it; the chain still verifies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from safelight.core.batch import (
    AMENDED,
    APPROVED,
    DECIDED,
    DELIVERED,
    JUDGED,
    MADE,
    MEASURED,
    REFUSED,
    ROUTED,
    SEEN,
    SORTED,
)
from safelight.core.canonical import to_json
from safelight.store import tables
from safelight.store.chain import Row, read, redacted_digest, spell
from safelight.store.redaction import ASSET_ERASED, MARK

# What stays of a body in words: states and codes that counts go by, and nothing that says what the picture shows.
_KEPT: Mapping[str, tuple[str, ...]] = {
    SORTED: ("class", "category", "stakes"),
    MADE: ("asset", "edit_key", "render_key", "state", "made_by"),
    ROUTED: ("route", "queue", "category", "tasks", "stratum"),
    DECIDED: ("decided", "how", "reasons", "return"),
    APPROVED: ("how", "edit"),
    DELIVERED: ("channel", "name", "place"),
    AMENDED: ("step",),
    JUDGED: ("check", "word"),
}
_BLANK_CAPTURE = {"make": "", "model": "", "lens": "", "taken_at": ""}


@dataclass(frozen=True)
class Erasure:
    """What an erasure takes away, and what it cannot reach.

    Parameters
    ----------
    asset : str
    batches, versions, paths : tuple of str
    facts : tuple of int
        Numbers of the facts whose bodies are redacted.
    blobs : tuple of str
        Blobs that rest on nothing else.
    work : tuple of str
        Keys of work that is forgotten, as they are spelled.
    left : tuple of (channel, place and name, date)
        Delivered files: they left the house.
    sidecars : tuple of (batch, path)
        Sidecars beside the original that were written or read.
    """

    asset: str
    batches: tuple[str, ...]
    versions: tuple[str, ...]
    paths: tuple[str, ...]
    facts: tuple[int, ...]
    blobs: tuple[str, ...]
    work: tuple[str, ...]
    left: tuple[tuple[str, str, str], ...]
    sidecars: tuple[tuple[str, str], ...]


def plan_erasure(connection: Connection, asset: str) -> Erasure:
    """Return what erasing an asset takes away; nothing is changed.

    Raises
    ------
    KeyError
        If the store never saw it.
    """
    if connection.execute(select(tables.asset.c.sha256).where(tables.asset.c.sha256 == spell(asset))).first() is None:
        raise KeyError(asset)
    versions = _versions(connection, asset)
    rows = _rows_about(connection, [asset, *versions])
    work = _work_of(connection, asset, versions)
    blobs = _own_blobs(connection, [each.seq for each in rows], work)
    left = [
        (str(body["channel"]), f"{body.get('place') or body['channel']}/{body['name']}", row.at)
        for row in rows
        if row.kind == DELIVERED
        for body in [json.loads(row.body)]
    ]
    bodies = [(read(row.batch), json.loads(row.body)) for row in rows]
    sidecars = {(batch, str(body["sidecar"])) for batch, body in bodies if "sidecar" in body}
    return Erasure(
        asset,
        tuple(sorted({batch for batch, _ in bodies if batch})),
        tuple(versions),
        tuple(sorted({str(body["path"]) for _, body in bodies if "path" in body})),
        tuple(each.seq for each in rows),
        tuple(blobs),
        tuple(work),
        tuple(left),
        tuple(sorted(sidecars)),
    )


def redact(connection: Connection, plan: Erasure) -> list[tuple[int, str]]:
    """Redact the bodies, forget work and sightings; return each fact's number and the digest of what stands there."""
    told = []
    fact = tables.fact
    for row in _rows_of(connection, plan.facts):
        body = to_json(redacted_body(row.kind, json.loads(row.body), plan.asset))
        connection.execute(update(fact).where(fact.c.seq == row.seq).values(body=body, blobs="[]"))
        now = Row(**(vars(row) | {"body": body, "blobs": "[]"}))
        told.append((row.seq, redacted_digest(now)))
    for part in _parts(plan.facts):
        connection.execute(delete(tables.fact_blob).where(tables.fact_blob.c.seq.in_(part)))
    for keys in _parts(plan.work):
        connection.execute(delete(tables.work_blob).where(tables.work_blob.c.key.in_(keys)))
        connection.execute(delete(tables.work).where(tables.work.c.key.in_(keys)))
    connection.execute(delete(tables.sighting).where(tables.sighting.c.sha256 == spell(plan.asset)))
    blank = {"path": placeholder(plan.asset), "capture": to_json({"make": "", "model": ""})}
    connection.execute(update(tables.asset).where(tables.asset.c.sha256 == spell(plan.asset)).values(blank))
    return told


def erased_body(plan: Erasure, redacted: Iterable[tuple[int, str]], reason: str) -> dict[str, Any]:
    """Return the body of ``asset.erased``; hashes in it are marked, so that none is a mention of a blob."""
    return {
        "reason": reason,
        "redacted": [[seq, MARK + digest] for seq, digest in redacted],
        "blobs": [MARK + each for each in plan.blobs],
        "left": [list(each) for each in plan.left],
        "work": len(plan.work),
    }


def placeholder(asset: str) -> str:
    """Return what stands for the path of an erased asset."""
    return f"(erased {asset[:12]})"


def redacted_body(kind: str, body: Mapping[str, Any], asset: str) -> dict[str, Any]:
    """Return what stays of a fact's body: numbers, and the words that counts go by.

    Examples
    --------
    >>> redacted_body("decision.made", {"decided": "revise", "reason": "her left eye", "reasons": ["skin"]}, "ab" * 32)
    {'decided': 'revise', 'reason': '', 'reasons': ['skin']}
    """
    kept = {key: body[key] for key in _KEPT.get(kind, ()) if key in body}
    blank: dict[str, Any] = {key: _blanked(value, kind) for key, value in body.items() if key not in kept}
    made = {key: kept[key] if key in kept else blank[key] for key in body}
    if "path" in made:
        made["path"] = placeholder(asset)
    if kind == MEASURED:
        made["capture"] = dict.fromkeys(body.get("capture", {}), None) | _BLANK_CAPTURE
        made |= {"notes": [], "reasons": {}}
    elif kind == MADE:
        made |= {"edit": {"schema": 1, "original": asset, "steps": []}, "blobs": {}, "geometry": None, "keys": {}}
    elif kind == ROUTED:
        made["reasons"] = []
    elif kind == AMENDED:
        made.pop("params", None)
    elif kind in (SEEN, REFUSED):
        made |= {"size": 0, "mtime_ns": 0}
    return made


def _blanked(value: Any, kind: str) -> Any:  # noqa: ANN401 - JSON data
    """Blank every text inside; keep numbers, truth and shape."""
    if isinstance(value, str):
        return ""
    if isinstance(value, Mapping):
        words = _KEPT.get(kind, ())
        return {key: each if key in words else _blanked(each, kind) for key, each in value.items() if key != "evidence"}
    if isinstance(value, list):
        return [_blanked(each, kind) for each in value]
    return value


def _versions(connection: Connection, asset: str) -> list[str]:
    fact = tables.fact.c
    query = select(fact.subject, fact.body).where(fact.kind == MADE, fact.body.contains(f'"asset":"{asset}"'))
    return list(dict.fromkeys(read(each.subject) for each in connection.execute(query.order_by(fact.seq))))


def _rows_about(connection: Connection, subjects: Iterable[str]) -> list[Row]:
    fact, found = tables.fact, []
    for part in _parts([spell(each) for each in subjects]):
        found += [Row(*each) for each in connection.execute(select(fact).where(fact.c.subject.in_(part)))]
    found = [each for each in found if each.kind != ASSET_ERASED]
    return sorted(found, key=lambda each: each.seq)


def _rows_of(connection: Connection, numbers: Iterable[int]) -> list[Row]:
    fact, found = tables.fact, []
    for part in _parts(numbers):
        found += [Row(*each) for each in connection.execute(select(fact).where(fact.c.seq.in_(part)))]
    return sorted(found, key=lambda each: each.seq)


def _work_of(connection: Connection, asset: str, versions: Iterable[str]) -> list[str]:
    """Return the keys of work that is about the asset or one of its versions: found by what the results say."""
    place = tables.work.c
    names = [f"seconds:{each}" for each in versions]
    found = list(connection.execute(select(place.key).where(place.result.contains(asset))).scalars())
    keys = _keys_named(connection, versions)
    for part in _parts([*names, *keys]):
        found += connection.execute(select(place.key).where(place.key.in_(part))).scalars()
    return sorted(set(found))


def _keys_named(connection: Connection, versions: Iterable[str]) -> list[str]:
    """Return the keys of proposals and renders that the versions' facts name."""
    fact, keys = tables.fact.c, []
    for part in _parts([spell(each) for each in versions]):
        query = select(fact.body).where(fact.subject.in_(part), fact.kind.in_([MADE, MEASURED]))
        for text in connection.execute(query).scalars():
            body = json.loads(text)
            keys += [str(body.get("render_key", "")), *(str(each) for each in (body.get("keys") or {}).values())]
    return [each for each in keys if each]


def _own_blobs(connection: Connection, facts: Iterable[int], work: Iterable[str]) -> list[str]:
    """Return the blobs that rest on these facts and this work, and on nothing else."""
    numbers, keys = set(facts), set(work)
    of_fact, of_work = tables.fact_blob.c, tables.work_blob.c
    mine: set[str] = set()
    for part in _parts(numbers):
        mine |= set(connection.execute(select(of_fact.sha256).where(of_fact.seq.in_(part))).scalars())
    for names in _parts(keys):
        mine |= set(connection.execute(select(of_work.sha256).where(of_work.key.in_(names))).scalars())
    others: set[str] = set()
    for part in _parts(sorted(mine)):
        rests = connection.execute(select(of_fact.sha256, of_fact.seq).where(of_fact.sha256.in_(part)))
        others |= {sha256 for sha256, seq in rests if seq not in numbers}
        done = connection.execute(select(of_work.sha256, of_work.key).where(of_work.sha256.in_(part)))
        others |= {sha256 for sha256, key in done if key not in keys}
    return sorted(mine - others)


def _parts(values: Iterable[Any]) -> Iterable[list[Any]]:
    listed = list(values)
    return (listed[start : start + 500] for start in range(0, len(listed), 500))
