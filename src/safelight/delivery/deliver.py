"""Deliver a batch: what is approved leaves, checked as it will be seen, with a manifest that can be checked."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol

from safelight.core.batch import DELIVERED, DELIVERY_REFUSED, RETURN, BatchState, FileState, read_batch
from safelight.core.facts import NewFact
from safelight.delivery.dress import Wear
from safelight.delivery.fitting import fit
from safelight.delivery.manifest import Entry, write_manifest
from safelight.delivery.names import NamePlanned, NameWanted, preview_names
from safelight.delivery.packs import load_pack
from safelight.delivery.perform import DeriveTask, derive_all, derive_key
from safelight.delivery.place import Shelf
from safelight.delivery.verify import RuleResult
from safelight.errors import SafelightError
from safelight.media.names import display_name, slug
from safelight.workflows.product_board import product_states

if TYPE_CHECKING:
    from safelight.store import Store
    from safelight.workflows.guide import Guide

Derive = Callable[[Iterable[tuple[str, Callable[[Any], Any], Any]]], Iterator[tuple[str, Any, SafelightError | None]]]


class Counts(Protocol):
    """What delivery reports its progress to."""

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of `total` pieces."""

    def step(self, done: int = 1) -> None:
        """Count pieces of the stage."""


def deliver_batch(
    store: Store,
    state: BatchState,
    guide: Guide,
    folder: Path,
    work: Derive,
    progress: Counts,
    *,
    dry_run: bool = False,
) -> list[dict[str, Any]]:
    """Write every approved file for every channel of the guide, unless it lies there already.

    Parameters
    ----------
    store, state, guide
    folder : Path
        One folder a channel is made below it, and the manifest in it.
    work : callable
        Runs (name, function, payload) in worker processes and yields (name, result, error).
    progress : Counts
    dry_run : bool
        Say what would be written; nothing is.

    Returns
    -------
    list of dict
        A line a file and channel: ``file``, ``channel``, ``name``, ``delivered`` (true or false) and ``note``.
    """
    approved = _approved(state)
    names = _names(approved, guide)
    held = _held(state, guide)
    if dry_run:
        return [
            _line(row, delivered=False, note=row.problem or held.get(at, "") or "would be written")
            for at, row in names.items()
        ]
    tasks = _tasks(store, state.name, approved, guide, names, held)
    results = _known(store, tasks)
    missing = {v: _without(task, results) for v, task in tasks.items()}
    jobs = [(version, derive_all, task) for version, task in missing.items() if task.wanted]
    progress.stage("deliver", len(jobs))
    failures: dict[str, str] = {}
    for version, found, error in work(jobs):
        progress.step()
        if error is not None:
            failures[version] = str(error)
            continue
        fresh = [(derive_key(tasks[version], channel, each["name"]), each) for channel, each in found.items()]
        store.ledger.append([], work=fresh)
        results.update(fresh)
    lines = _place(store, state, approved, names, tasks, results, failures, held, folder)
    write_batch_manifest(store, state.name, guide, folder)
    return lines


def _approved(state: BatchState) -> list[FileState]:
    """Return every approved version once, by path."""
    first: dict[str, FileState] = {}
    for path in sorted(state.files):
        file = state.files[path]
        if file.approved and file.goes_on:
            first.setdefault(file.version, file)
    return list(first.values())


def _names(files: list[FileState], guide: Guide) -> dict[tuple[str, str], NamePlanned]:
    """Plan a name a file and channel; {original} is spelled so that it is a name anywhere."""
    wanted, seen = [], Counter[str]()
    for file in files:
        sku = file.sorted.get("sku", "")
        seen[sku] += 1
        original = slug(PurePosixPath(file.path).stem) or file.asset[:12]
        values: dict[str, str | int] = {
            "sku": sku,
            "view": file.sorted.get("view", ""),
            "color": file.sorted.get("color", ""),
            "seq": seen[sku],
            "original": original,
        }
        for channel in guide.channels:
            if not guide.needs().takes(channel, file.sorted.get("view", "")):
                continue
            ending = load_pack(channel, own=guide.own_packs).output.ending
            wanted.append(NameWanted(file.path, channel, values | {"ext": ending}))
    return {(row.original, row.channel): row for row in preview_names(wanted, guide.names)}


def _held(state: BatchState, guide: Guide) -> dict[tuple[str, str], str]:
    """Return why a file does not leave for a channel yet, by path and channel: its product is not whole there."""
    board = product_states(state, guide.needs(), guide.channels)
    return {
        (file.path, channel): f"{product.key} is held: {why}"
        for product in board
        for channel, why in product.held.items()
        for file in product.files
    }


def _tasks(
    store: Store,
    batch: str,
    approved: list[FileState],
    guide: Guide,
    names: Mapping[tuple[str, str], NamePlanned],
    held: Mapping[tuple[str, str], str],
) -> dict[str, DeriveTask]:
    """Return each version's task; who signs is asked for only where something may leave."""
    if not approved:
        return {}
    fitting = fit(store, guide, batch)
    return {file.version: _task(store, file, guide, names, held, fitting.wear(file)) for file in approved}


def _task(
    store: Store,
    file: FileState,
    guide: Guide,
    names: Mapping[tuple[str, str], NamePlanned],
    held: Mapping[tuple[str, str], str],
    wear: Wear,
) -> DeriveTask:
    rows = [
        names[file.path, channel]
        for channel in guide.channels
        if (file.path, channel) in names and (file.path, channel) not in held
    ]
    return DeriveTask(
        version=file.version,
        master=file.approved["master"],
        matte=file.made["blobs"].get("matte", ""),
        edit=file.made["edit"],
        background=guide.background,
        wanted=tuple((row.channel, row.name) for row in rows if not row.problem),
        wear=wear,
        own_packs={name: str(path) for name, path in guide.own_packs.items()},
        store_root=str(store.root),
    )


def _known(store: Store, tasks: Mapping[str, DeriveTask]) -> dict[str, Mapping[str, Any]]:
    keys = [derive_key(task, channel, name) for task in tasks.values() for channel, name in task.wanted]
    return dict(store.ledger.works(keys))


def _without(task: DeriveTask, known: Mapping[str, Any]) -> DeriveTask:
    from dataclasses import replace

    left = tuple((c, n) for c, n in task.wanted if derive_key(task, c, n) not in known)
    return replace(task, wanted=left)


def _place(
    store: Store,
    state: BatchState,
    approved: list[FileState],
    names: Mapping[tuple[str, str], NamePlanned],
    tasks: Mapping[str, DeriveTask],
    results: Mapping[str, Mapping[str, Any]],
    failures: Mapping[str, str],
    held: Mapping[tuple[str, str], str],
    folder: Path,
) -> list[dict[str, Any]]:
    """Put each file on its channel's shelf and into the ledger; the bytes come from the store."""
    shelves: dict[str, Shelf] = {}
    lines = []
    by_path = {file.path: file for file in approved}
    for (path, channel), row in names.items():
        file = by_path[path]
        found = results.get(derive_key(tasks[file.version], channel, row.name), {})
        why = row.problem or held.get((path, channel), "") or failures.get(file.version, "")
        why = why or found.get("refused", "")
        if not why:
            place = _place_of(file, channel)
            shelf = shelves.get(place) or shelves.setdefault(place, Shelf(folder / place))
            try:
                shelf.put(row.name, store.blobs.get(found["sha256"]))
            except SafelightError as error:
                why = str(error)
        lines.append(_line(row, delivered=not why, note=why))
        _tell(store, state, file, channel, row, found, why)
    return lines


def _place_of(file: FileState, channel: str) -> str:
    """Return the folder of a file's channel: what a client sent back leaves anew beside the first delivery."""
    returns = sum(each.how == RETURN for each in (*file.past_decisions, *file.decisions))
    return f"round-{returns + 1}/{channel}" if returns else channel


def _tell(
    store: Store,
    state: BatchState,
    file: FileState,
    channel: str,
    row: NamePlanned,
    found: Mapping[str, Any],
    why: str,
) -> None:
    """Write that a file was delivered, or refused, once for each version, channel and reason."""
    if why:
        told = any(each["channel"] == channel and each["sentence"] == why for each in file.delivery_refusals)
        if not told:
            body = {"channel": channel, "sentence": why, "name": row.name}
            store.ledger.append([NewFact(DELIVERY_REFUSED, file.version, body, batch=state.name)])
        return
    known = any(each["channel"] == channel and each["sha256"] == found["sha256"] for each in file.deliveries)
    if not known:
        body = {"channel": channel, **{key: found[key] for key in found if key != "refused"}}
        body |= {"place": _place_of(file, channel)}
        store.ledger.append([NewFact(DELIVERED, file.version, body, batch=state.name)])


def write_batch_manifest(store: Store, batch: str, guide: Guide, folder: Path) -> None:
    """Write the manifest of all that the ledger says was delivered of a batch."""
    state = read_batch(batch, store.ledger.facts(batch=batch))
    entries = [_entry(file, each) for file in _approved(state) for each in _latest(file).values()]
    if entries:
        warnings = [note for channel in guide.channels if (note := _stale(guide, channel, state.last_at))]
        about = {"batch": batch, "client": guide.client, "guide": guide.name, "guide_key": guide.sha256}
        write_manifest(folder, entries, about | {"warnings": warnings})


def _latest(file: FileState) -> dict[str, Mapping[str, Any]]:
    return {each["channel"]: each for each in file.deliveries}


def _entry(file: FileState, delivered: Mapping[str, Any]) -> Entry:
    rules = tuple(RuleResult(**each) for each in delivered["rules"])
    return Entry(
        file=f"{delivered.get('place') or delivered['channel']}/{delivered['name']}",
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


def _line(row: NamePlanned, *, delivered: bool, note: str) -> dict[str, Any]:
    return {"file": row.original, "channel": row.channel, "name": row.name, "delivered": delivered, "note": note}
