"""What was delivered of a batch, as the manifest's entries: what stands, and what it took the place of."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from safelight.core.batch import RETURN, BatchState, FileState, read_batch
from safelight.delivery.handover import HandedOver, number_of, why_superseded
from safelight.delivery.manifest import Entry, write_manifest
from safelight.delivery.packs import load_pack
from safelight.delivery.verify import RuleResult
from safelight.media.names import display_name

if TYPE_CHECKING:
    from safelight.store import Store
    from safelight.workflows.guide import Guide

# What people's work on an original cost, by asset: amount (None where it is not known), currency, review_min,
# labor_min, why.
Costs = Mapping[str, Mapping[str, Any]]
_NO_COSTS: Costs = MappingProxyType({})


def approved_of(state: BatchState) -> list[FileState]:
    """Return every approved version once, by path."""
    first: dict[str, FileState] = {}
    for path in sorted(state.files):
        file = state.files[path]
        if file.approved and file.goes_on:
            first.setdefault(file.version, file)
    return list(first.values())


def write_batch_manifest(store: Store, batch: str, guide: Guide, folder: Path, costs: Costs = _NO_COSTS) -> None:
    """Write the manifest of all that the ledger says was delivered of a batch.

    Raises
    ------
    DeliveryTargetError
        If the folder does not take it.
    """
    facts = store.ledger.facts(batch=batch)
    state = read_batch(batch, facts)
    entries = [
        _entry(file, each, costs.get(file.asset, {})) for file in approved_of(state) for each in _latest(file).values()
    ]
    if not entries:
        return
    warnings = [note for channel in guide.channels if (note := _stale(guide, channel, state.last_at))]
    about = {"batch": batch, "client": guide.client, "guide": guide.name, "guide_key": guide.sha256}
    handed = HandedOver(facts)
    write_manifest(folder, entries, about | {"warnings": warnings}, superseded_lines(handed, state))


def superseded_lines(handed: HandedOver, state: BatchState) -> list[dict[str, Any]]:
    """Return what was handed over and has been replaced since, with what took its place and why."""
    returned = {
        each.version: each.reason or " ".join(each.reasons).replace("_", " ")
        for file in state.files.values()
        for each in (*file.past_decisions, *file.decisions)
        if each.how == RETURN
    }
    return [
        {
            "file": old.file,
            "channel": old.channel,
            "sha256": old.body.get("sha256", ""),
            "bytes": old.body.get("bytes", 0),
            "delivered_at": old.at,
            "superseded_by": new.file,
            "why": why_superseded(old, new, returned),
        }
        for old, new in handed.superseded()
    ]


def _latest(file: FileState) -> dict[str, Mapping[str, Any]]:
    return {each["channel"]: each for each in file.deliveries}


def _entry(file: FileState, delivered: Mapping[str, Any], cost: Mapping[str, Any]) -> Entry:
    rules = tuple(RuleResult(**each) for each in delivered["rules"])
    place = delivered.get("place") or delivered["channel"]
    return Entry(
        file=f"{place}/{delivered['name']}",
        channel=delivered["channel"],
        sha256=delivered["sha256"],
        bytes=delivered["bytes"],
        width=delivered["width"],
        height=delivered["height"],
        profile="srgb",
        quality=delivered["quality"],
        rules=rules,
        released_by=file.approved["by"],
        released_at=file.approved["at"],
        edit_key=file.made["edit_key"],
        master_sha256=file.approved["master"],
        original=display_name(file.path),
        original_sha256=file.asset,
        pack=delivered["channel"],
        pack_read=delivered["pack_read"],
        provenance=delivered.get("provenance", {}),
        values={key: file.sorted.get(key, "") for key in ("sku", "view", "color")},
        overrides=_overrides(file),
        delivery=number_of(place),
        cost=cost or {"amount": None, "why": "what it cost was not reckoned"},
    )


def _overrides(file: FileState) -> tuple[Mapping[str, Any], ...]:
    """Return the verdicts that a lead overrode on the approved version, with what was measured and who approved it."""
    second = [file.approved["by"], *file.approved.get("with", ())]
    return tuple(
        {"check": each.check, "by": each.by, "reason": each.reason, "approved_by": second}
        | {"measures": [dict(one) for one in each.measures]}
        for each in file.overrides
    )


def _stale(guide: Guide, channel: str, at: str) -> str:
    return load_pack(channel, own=guide.own_packs).stale(datetime.date.fromisoformat(at[:10]))
