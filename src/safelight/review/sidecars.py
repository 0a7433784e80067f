"""Write, read and show a batch's sidecars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from safelight.core.batch import OVERRULED, SIDECAR_FAILED, SIDECAR_SYNCED, BatchState
from safelight.core.facts import NewFact
from safelight.core.overruling import Overruling, latest_words, read_overrulings, words_on
from safelight.errors import MediaError, UsageError
from safelight.media.names import display_name
from safelight.media.sidecar_files import why_not, write_beside
from safelight.media.sidecar_write import write_fields
from safelight.review.overrule import REVIEWER, machine_class, overrule, places
from safelight.review.sidecar_cases import Case, Known, find_cases
from safelight.review.sidecar_merge import Base, Merged, Settle, changes
from safelight.workflows.sidecar_rules import SidecarRules

if TYPE_CHECKING:
    from safelight.store import Store

Line = dict[str, Any]
# States of a sidecar that a person must see to.
NOT_DONE = ("malformed", "unreachable", "unbound", "contested", "not_written", "conflict", "clash")


def write_sidecars(
    store: Store, batch: BatchState, rules: SidecarRules, *, name: str = "", settle: Settle = ""
) -> list[Line]:
    """Write what the ledger says into the batch's sidecars, and return a line each.

    Parameters
    ----------
    store, batch, rules
    name : str
        Who settles conflicts; needed with `settle`.
    settle : {"", "ledger"}
        ``"ledger"`` writes over what people changed on both sides.

    Notes
    -----
    What other programs changed is left as it is until `read_sidecars` has taken it in. A sidecar that could not be
    written is a fact in the ledger, is shown, and is tried again by the next write.
    """
    _require_person(name, settle)
    facts = store.ledger.facts(batch=batch.name)
    known = Known.of(facts)
    lines = []
    for case in find_cases(batch, facts, rules, settle):
        if case.merged is None:
            lines.append(_line(case, case.state, case.why))
            continue
        try:
            wrote = _write(batch, case, case.merged)
        except (OSError, MediaError) as error:
            shown = display_name(case.path)
            sentence = why_not(error, shown) if isinstance(error, OSError) else str(error)
            if known.failures.get(case.place) != sentence:
                store.ledger.append([_failed(batch, case, sentence)])
            lines.append(_line(case, "not_written", sentence))
            continue
        is_new = known.bases.get(case.place, Base()) != case.merged.after_write
        if wrote or is_new or case.place in known.failures:
            store.ledger.append([_synced(batch, case, "written", case.merged.after_write, name if settle else "")])
        lines.append(_told(case, case.merged, "written" if wrote else "in_step"))
    return lines


def read_sidecars(
    store: Store,
    batch: BatchState,
    rules: SidecarRules,
    name: str,
    *,
    settle: Settle = "",
    trust_names: bool = False,
) -> list[Line]:
    """Take what other programs changed into the ledger as overrulings by `name`, and return a line a sidecar.

    Parameters
    ----------
    store, batch, rules
    name : str
        Who answers for what was set in the other program.
    settle : {"", "file"}
        ``"file"`` takes the file's side where both were changed.
    trust_names : bool
        Take sidecars for those of the originals they are named after, though nothing inside says so.
    """
    if not name.strip():
        raise UsageError("what is read from sidecars is somebody's word: add --as NAME")
    facts = store.ledger.facts(batch=batch.name)
    said, known = read_overrulings(facts), Known.of(facts)
    lines = []
    for case in find_cases(batch, facts, rules, settle, trust_names=trust_names):
        if case.merged is None:
            lines.append(_line(case, case.state, case.why))
            continue
        if case.data is None:
            lines.append(_line(case, "none", "no sidecar yet"))
            continue
        new = _taken(batch, case, case.merged, name, said)
        if trust_names and case.place not in known.bound:
            new.append(_bound(batch, case, name))
        if new or known.bases.get(case.place, Base()) != case.merged.after_read:
            new.append(_synced(batch, case, "read", case.merged.after_read, name))
            written = store.ledger.append(new)
            said += read_overrulings(written)
        lines.append(_told(case, case.merged, "read" if case.merged.to_read or case.merged.withdrawn else "in_step"))
    return lines


def show_sidecars(store: Store, batch: BatchState, rules: SidecarRules) -> list[Line]:
    """Return a line a sidecar: in step, to write, to read, in conflict, or why it is left alone."""
    facts = store.ledger.facts(batch=batch.name)
    failures = Known.of(facts).failures
    lines = []
    for case in find_cases(batch, facts, rules):
        failed = failures.get(case.place)
        if case.merged is None:
            lines.append(_line(case, case.state, case.why))
        elif failed:
            lines.append(_line(case, "not_written", failed))
        else:
            lines.append(_told(case, case.merged, "in_step"))
    return lines


def _require_person(name: str, settle: Settle) -> None:
    if settle and not name.strip():
        raise UsageError("settling a conflict is somebody's word: add --as NAME")


def _write(batch: BatchState, case: Case, merged: Merged) -> bool:
    theirs = case.read.fields if case.read else None
    if theirs is not None and not changes(theirs, merged.to_write):
        return False
    data = write_fields(case.data, merged.to_write, display_name(case.path))
    if data == case.data:
        return False
    write_beside(batch.opened["folder"], case.path, data, case.data)
    return True


def _taken(batch: BatchState, case: Case, merged: Merged, name: str, said: Sequence[Overruling]) -> list[NewFact]:
    """Return the facts of what a person set in another program."""
    file, via = case.file, display_name(case.path)
    # Only what was said of this content: a shoot may hold thousands of words.
    said = [each for each in said if each.asset == file.asset]
    there = places(batch) if said else ()
    reason = f"set in {via}"
    new: list[NewFact] = []
    if merged.cull and not file.approved:
        new += overrule(batch, [file], merged.cull, name, reason, said, via)
    words = words_on(latest_words(said), file.asset, file.path, there)
    changed: dict[str, tuple[Any, Any]] = dict(merged.to_read)
    for field, gone in merged.withdrawn.items():
        before = frozenset(words[field].new) if field in words else frozenset()
        if not gone <= before:
            changed[field] = (sorted(before), sorted(before | gone))
    for field, (old, value) in changed.items():
        body = {
            "path": file.path,
            "field": field,
            "from": old,
            "to": value,
            "machine": machine_class(file, words),
            "confidence": file.sorted.get("confidence"),
            "claim": file.sorted.get("claim"),
            "reason": reason,
            "via": via,
        }
        new.append(NewFact(OVERRULED, file.asset, body, REVIEWER, batch.name, {"name": name}))
    return new


def _synced(batch: BatchState, case: Case, did: str, base: Base, name: str) -> NewFact:
    foreign = {key: sorted(each) for key, each in case.merged.foreign.items()} if case.merged else {}
    body = {"path": case.file.path, "sidecar": case.path, "did": did, "foreign": foreign} | base.to_data()
    return NewFact(SIDECAR_SYNCED, case.file.asset, body, batch=batch.name, personal={"name": name} if name else {})


def _bound(batch: BatchState, case: Case, name: str) -> NewFact:
    body = {"path": case.file.path, "sidecar": case.path, "did": "bound"}
    return NewFact(SIDECAR_SYNCED, case.file.asset, body, REVIEWER, batch.name, {"name": name})


def _failed(batch: BatchState, case: Case, sentence: str) -> NewFact:
    body = {"path": case.file.path, "sidecar": case.path, "sentence": sentence}
    return NewFact(SIDECAR_FAILED, case.file.asset, body, batch=batch.name)


def _told(case: Case, merged: Merged, did: str) -> Line:
    """Return a line on a whole sidecar: what was done, else what is left to do."""
    theirs = case.read.fields if case.read else None
    said = [f"{field}: {_shown(new)} in the file, {_shown(old)} here" for field, (old, new) in merged.to_read.items()]
    said += [f"{', '.join(sorted(gone))} was taken out of the file" for gone in merged.withdrawn.values()]
    state = did
    if merged.conflicts:
        state = "conflict"
        both = (
            f"{field} is {_shown(n)} in the file and {_shown(o)} here" for field, (o, n) in merged.conflicts.items()
        )
        said = [*both, "both are kept; settle it with --settle"]
    elif merged.clash:
        state, said = "clash", [merged.clash]
    elif did == "in_step" and said:
        state = "to_read"
    elif did == "in_step" and (theirs is None or changes(theirs, merged.to_write)):
        state = "to_write"
    return _line(case, state, "; ".join([*said, *case.notes]))


def _line(case: Case, state: str, text: str) -> Line:
    return {
        "file": case.file.path,
        "sidecar": display_name(case.path),
        "class": case.ours.cull,
        "state": state,
        "text": text,
        "done": state not in NOT_DONE,
    }


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    return f"{value:g}" if isinstance(value, float) else str(value)
