"""Deliver a batch: what is approved leaves, checked as it will be seen, with a manifest that can be checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from safelight.core.batch import DELIVERED, DELIVERY_CLOSED, DELIVERY_REFUSED, BatchState, FileState
from safelight.core.facts import NewFact
from safelight.delivery.dress import Wear
from safelight.delivery.fitting import fit
from safelight.delivery.handover import Handed, HandedOver
from safelight.delivery.listing import Costs, approved_of, write_batch_manifest
from safelight.delivery.names import NamePlanned
from safelight.delivery.naming import sequence_of, wanted_names
from safelight.delivery.perform import DeriveTask, derive_all, derive_key
from safelight.delivery.place import Shelf
from safelight.errors import DeliveryTargetError, SafelightError, StoreError, UsageError
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


@dataclass(frozen=True)
class Plan:
    """What a delivery is about to do: each file's name by (path, channel), its task by version, and what is held."""

    files: Mapping[str, FileState]
    names: Mapping[tuple[str, str], NamePlanned]
    numbers: Mapping[str, int]
    held: Mapping[tuple[str, str], str]
    tasks: Mapping[str, DeriveTask]

    def key(self, row: NamePlanned) -> str:
        """Return what identifies the file that a name stands for."""
        return derive_key(self.tasks[self.files[row.original].version], row.channel, row.name)

    def why_not(self, row: NamePlanned) -> str:
        """Say why a file does not leave, before any is made; "" where it may."""
        return row.problem or self.held.get((row.original, row.channel), "")


def deliver_batch(
    store: Store,
    state: BatchState,
    guide: Guide,
    folder: Path,
    work: Derive,
    progress: Counts,
    *,
    dry_run: bool = False,
    costs: Costs = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """Write every approved file for every channel of the guide, unless it lies there already.

    Parameters
    ----------
    store, state, guide
    folder : Path
        One folder a channel is made below it, and the manifest in it. What changed since it was handed over lies in
        ``delivery-2/CHANNEL`` and so on: see `safelight.delivery.handover`.
    work : callable
        Runs (name, function, payload) in worker processes and yields (name, result, error).
    progress : Counts
    dry_run : bool
        Say what would be written; nothing is.
    costs : mapping of asset to JSON data, optional
        What people's work on each original cost, for the manifest.

    Returns
    -------
    list of dict
        A line a file and channel: ``file``, ``channel``, ``name``, ``place``, ``delivered`` (true or false), ``note``.

    Raises
    ------
    DeliveryTargetError, StoreError
        If the folder or the store takes no more, a full disk for one: what lies there whole is told as delivered and
        stands in the manifest, nothing else does; delivering again goes on from there.
    """
    before = HandedOver(store.ledger.facts(batch=state.name, kind=HandedOver.KINDS))
    plan = _planned(store, state, guide, sign=not dry_run)
    results = _known(store, plan)
    if dry_run:
        return [_foreseen(plan, row, results, before) for row in plan.names.values()]
    failures = _make(store, plan, results, work, progress)
    try:
        lines = _place(store, state.name, plan, results, failures, before, folder)
    except DeliveryTargetError as error:
        with suppress(DeliveryTargetError):  # the earlier one stays, and promises less than lies there
            write_batch_manifest(store, state.name, guide, folder, costs)
        raise _broken_off(error, plan, before, state.name) from None
    write_batch_manifest(store, state.name, guide, folder, costs)
    broken = next((each for each in failures.values() if isinstance(each, StoreError)), None)
    if broken is not None:
        raise broken
    if before.is_open:
        store.ledger.append([NewFact(DELIVERY_CLOSED, state.name, {"number": before.latest}, batch=state.name)])
    return lines


def _planned(store: Store, state: BatchState, guide: Guide, *, sign: bool) -> Plan:
    approved = approved_of(state)
    numbers = sequence_of(state, approved, store.ledger.facts(batch=state.name, kind=DELIVERED))
    names = wanted_names(approved, guide, numbers)
    held = _held(state, guide)
    tasks: dict[str, DeriveTask] = {}
    if approved:  # who signs is asked for only where something may leave
        fitting = fit(store, guide, state.name, sign=sign)
        tasks = {each.version: _task(store, each, guide, names, held, fitting.wear(each)) for each in approved}
    return Plan({each.path: each for each in approved}, names, numbers, held, tasks)


def _make(
    store: Store, plan: Plan, results: dict[str, Mapping[str, Any]], work: Derive, progress: Counts
) -> dict[str, SafelightError]:
    """Make what is not known yet into `results`; return why a version gave nothing."""
    missing = {version: _without(task, results) for version, task in plan.tasks.items()}
    jobs = [(version, derive_all, task) for version, task in missing.items() if task.wanted]
    progress.stage("deliver", len(jobs))
    failures: dict[str, SafelightError] = {}
    for version, found, error in work(jobs):
        progress.step()
        if error is not None:
            failures[version] = error
            continue
        fresh = [(derive_key(plan.tasks[version], channel, each["name"]), each) for channel, each in found.items()]
        store.ledger.append([], work=fresh)
        results.update(fresh)
    return failures


def _held(state: BatchState, guide: Guide) -> dict[tuple[str, str], str]:
    """Return why a file does not leave for a channel yet, by path and channel: its product is not whole there."""
    board = product_states(state, guide.needs(), guide.channels)
    return {
        (file.path, channel): f"{product.key} is held: {why}"
        for product in board
        for channel, why in product.held.items()
        for file in product.files
    }


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


def _known(store: Store, plan: Plan) -> dict[str, Mapping[str, Any]]:
    keys = [derive_key(task, channel, name) for task in plan.tasks.values() for channel, name in task.wanted]
    return dict(store.ledger.works(keys))


def _without(task: DeriveTask, known: Mapping[str, Any]) -> DeriveTask:
    left = tuple((c, n) for c, n in task.wanted if derive_key(task, c, n) not in known)
    return replace(task, wanted=left)


def _foreseen(
    plan: Plan, row: NamePlanned, results: Mapping[str, Mapping[str, Any]], before: HandedOver
) -> dict[str, Any]:
    """Say what a delivery would do with one file; nothing is made or written."""
    asset = plan.files[row.original].asset
    found, last = results.get(plan.key(row)), before.last(row.channel, row.name, asset)
    why = plan.why_not(row) or (found or {}).get("refused", "")
    if why:
        return _line(row, "", delivered=False, note=why)
    if found is not None:
        place = before.place(row.channel, row.name, found, asset)
        lies = last is not None and place == last.place
        return _line(row, place, delivered=False, note="was delivered already" if lies else "would be written")
    if last is None:
        return _line(row, row.channel, delivered=False, note="would be made and written")
    place = f"delivery-{before.next_number(row.channel, row.name, asset)}/{row.channel}"
    note = f"would be made anew; {last.file} stays, what differs from it goes beside it"
    return _line(row, place, delivered=False, note=note)


def _place(
    store: Store,
    batch: str,
    plan: Plan,
    results: Mapping[str, Mapping[str, Any]],
    failures: dict[str, SafelightError],
    before: HandedOver,
    folder: Path,
) -> list[dict[str, Any]]:
    """Put each file on its channel's shelf and into the ledger; the bytes come from the store."""
    shelves: dict[str, Shelf] = {}
    lines = []
    for row in plan.names.values():
        file = plan.files[row.original]
        found = results.get(plan.key(row), {})
        why = plan.why_not(row) or found.get("refused", "")
        if not why and not found:  # what a machine could not do is nothing against the file
            lines.append(_line(row, "", delivered=False, note=str(failures[file.version])))
            continue
        place = "" if why else before.place(row.channel, row.name, found, file.asset)
        if not why:
            found = _as_it_lies(found, before.last(row.channel, row.name, file.asset), place)
            shelf = shelves.get(place) or shelves.setdefault(place, Shelf(folder / place))
            try:
                shelf.put(row.name, store.blobs.get(found["sha256"], verify=True))
            except StoreError as error:
                failures[file.version] = error
                lines.append(_line(row, "", delivered=False, note=str(error)))
                continue
            except UsageError as error:
                why = str(error)
        lines.append(_line(row, place, delivered=not why, note=why))
        if why:
            _tell_refused(store, batch, file, row, why)
        else:
            _tell_delivered(store, batch, plan, row, found, place, before)
    return lines


def _as_it_lies(found: Mapping[str, Any], last: Handed | None, place: str) -> Mapping[str, Any]:
    """Return what was made anew with the bytes that were handed over, where it shows and says the same."""
    if last is None or last.place != place:
        return found
    return {**found, "sha256": last.body["sha256"], "bytes": last.body["bytes"]}


def _tell_refused(store: Store, batch: str, file: FileState, row: NamePlanned, why: str) -> None:
    """Write that a file was refused, once for each version, channel and reason."""
    told = any(each["channel"] == row.channel and each["sentence"] == why for each in file.delivery_refusals)
    if not told:
        body = {"channel": row.channel, "sentence": why, "name": row.name}
        store.ledger.append([NewFact(DELIVERY_REFUSED, file.version, body, batch=batch)])


def _tell_delivered(
    store: Store,
    batch: str,
    plan: Plan,
    row: NamePlanned,
    found: Mapping[str, Any],
    place: str,
    before: HandedOver,
) -> None:
    """Write that a version's file lies where it belongs, unless that is the last word on it already."""
    file = plan.files[row.original]
    body = {key: found[key] for key in found if key != "refused"}
    body |= {"channel": row.channel, "place": place, "asset": file.asset, "seq": plan.numbers[file.path]}
    said = [each for each in file.deliveries if each["channel"] == row.channel]
    if said and all(said[-1].get(key) == body.get(key) for key in ("sha256", "place", "name", "pack_read", "rules")):
        return
    (fact,) = store.ledger.append([NewFact(DELIVERED, file.version, body, batch=batch)])
    before.add(Handed(row.channel, row.name, place, file.version, fact.at, body))


def _broken_off(error: DeliveryTargetError, plan: Plan, before: HandedOver, batch: str) -> DeliveryTargetError:
    lying = [before.last(row.channel, row.name) for row in plan.names.values()]
    whole = sum(
        each is not None and each.version == plan.files[row.original].version
        for each, row in zip(lying, plan.names.values(), strict=True)
    )
    return DeliveryTargetError(
        f"{error}; {whole} of {len(lying)} files lie there whole and are told as delivered, of the others there is "
        f"nothing: free room or give another folder, and run `safelight deliver {batch}` again"
    )


def _line(row: NamePlanned, place: str, *, delivered: bool, note: str) -> dict[str, Any]:
    line = {"file": row.original, "channel": row.channel, "name": row.name, "place": place}
    return line | {"delivered": delivered, "note": note}
