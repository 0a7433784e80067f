"""Versions of a file: how each came to be, what changed in words, and the way back without loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from safelight.core import batch as told
from safelight.core.batch import BatchState, FileState
from safelight.core.edit import Edit, EditStep, describe_difference
from safelight.core.facts import Actor, Fact, NewFact
from safelight.core.fold import BatchFold
from safelight.errors import GateClosedError, UnknownNameError, UsageError

CHECKPOINT = "checkpoint.set"  # batch: label, seq, note; personal: name
OWNED = "look.owned"  # look: title, terms; personal: owner, name
RETOUCHER = Actor("person", "retoucher")


@dataclass(frozen=True)
class VersionNode:
    """One version in a file's lineage.

    Parameters
    ----------
    version : str
    parent : str
        The version before it; "" for the first.
    at : str
    made_by : {"machine", "person"}
        AI output and human revisions are kept apart (R183).
    by : tuple of str
        Who amended a step of it.
    state : {"draft", "experiment", "approved"}
    changed : tuple of str
        What is other than in its parent, in words.
    why : tuple of str
        The reasons that its amended steps carry.
    decisions : tuple of str
        What was said of it, in words.
    blobs : mapping
        Master, proof, matte...; the approved master is frozen.
    restored_from : str
        The version that was current when a person went back to this one; "" where nobody did.
    delivered : tuple of str
        Channels and names.
    """

    version: str
    parent: str
    at: str
    made_by: str
    by: tuple[str, ...]
    state: str
    changed: tuple[str, ...]
    why: tuple[str, ...]
    decisions: tuple[str, ...]
    blobs: Mapping[str, Any]
    restored_from: str
    delivered: tuple[str, ...]


def lineage(file: FileState, facts: Mapping[str, Sequence[Fact]], amendments: Iterable[Fact] = ()) -> list[VersionNode]:
    """Return a file's versions, oldest first; one that came back stands again where it did.

    Parameters
    ----------
    file : FileState
    facts : mapping of version to its facts, oldest first
    amendments : iterable of Fact
        ``edit.amended`` of the file's asset: they name who set a step.
    """
    names = _names(file, amendments)
    nodes: list[VersionNode] = []
    before: Edit | None = None
    seen: dict[str, int] = {}
    for version in file.versions:
        own = facts.get(version, ())
        made = [each for each in own if each.kind == told.MADE]
        place = min(seen.get(version, 0), len(made) - 1)
        seen[version] = seen.get(version, 0) + 1
        if place < 0:
            continue
        fact = made[place]
        edit = Edit.from_data(fact.body["edit"]) if "edit" in fact.body else Edit(file.asset)
        nodes.append(_node(version, fact, own, edit, before, nodes[-1].version if nodes else "", names))
        before = edit
    return nodes


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return what is other between two versions' edits (bodies of ``version.made``), in words."""
    return describe_difference(Edit.from_data(before["edit"]), Edit.from_data(after["edit"]))


def restore(
    batch: BatchState, file: FileState, version: str, facts: Sequence[Fact], name: str, reason: str
) -> list[NewFact]:
    """Return the facts of going back to an earlier version; the one that stands now stays in the lineage.

    Parameters
    ----------
    batch, file
    version : str
        An earlier version of the file, or the first digits of its id.
    facts : sequence of Fact
        Everything about that version.
    name, reason : str

    Returns
    -------
    list of NewFact
        The version again with its verdicts and route, and an amendment for each step that is other than now, so that
        the next run paints the same. It is undecided: an approval is of a moment too.

    Raises
    ------
    UsageError
        Without name or reason.
    UnknownNameError
        For a version that the file never had.
    GateClosedError
        For an approved file, or the version that stands already.
    """
    if not name.strip() or not reason.strip():
        raise UsageError("going back needs a name and a reason: add --as NAME --reason TEXT")
    wanted = version_named(file, version)
    if file.approved:
        raise GateClosedError(f"{file.path} was approved by {file.approved['by']}, which freezes its pixels")
    if wanted == file.version:
        raise GateClosedError(f"{file.path} stands at version {wanted} already")
    latest = {each.kind: each for each in facts if each.kind in (told.MADE, told.JUDGED, told.ROUTED)}
    made = latest[told.MADE]
    body = dict(made.body) | {"restored_from": file.version, "reason": reason.strip()}
    back = [NewFact(told.MADE, wanted, body, RETOUCHER, batch.name, {"name": name})]
    back += [
        NewFact(kind, wanted, latest[kind].body, batch=batch.name)
        for kind in (told.JUDGED, told.ROUTED)
        if kind in latest
    ]
    return _amended(batch, file, made.body, name, reason) + back


def version_named(file: FileState, version: str) -> str:
    """Return the one version of a file whose id begins so.

    Raises
    ------
    UnknownNameError
        If there is none, or several.
    """
    found = sorted({each for each in file.versions if each.startswith(version)})
    if len(found) != 1 or not version:
        known = ", ".join(dict.fromkeys(file.versions)) or "none"
        raise UnknownNameError(f"{file.path} has {len(found)} versions {version!r}; it has: {known}")
    return found[0]


def set_checkpoint(batch: BatchState, label: str, note: str, name: str) -> list[NewFact]:
    """Return the fact of a checkpoint: the batch as it stands now, to come back to (R168).

    Raises
    ------
    UsageError
        Without a label or a name.
    """
    if not label.strip() or not name.strip():
        raise UsageError("a checkpoint needs a label and the name of a person: add --as NAME")
    body = {"label": label.strip(), "seq": batch.last_seq, "note": note.strip()}
    return [NewFact(CHECKPOINT, batch.name, body, RETOUCHER, batch.name, {"name": name})]


def files_at(name: str, facts: Iterable[Fact], seq: int) -> Mapping[str, FileState]:
    """Return a batch's files as they stood at a fact's number."""
    fold = BatchFold(name)
    fold.add(each for each in facts if each.seq <= seq)
    return fold.state().files


@dataclass(frozen=True)
class Checkpoint:
    """A place to come back to, as it stands against today.

    Parameters
    ----------
    label, note, by, at : str
    files : int
        Files that there were.
    back : tuple of str
        Paths of the files that stand at another version now and would go back.
    kept : tuple of str
        Paths of those that were approved since: their pixels are frozen, and they stay.
    """

    label: str
    note: str
    by: str
    at: str
    files: int
    back: tuple[str, ...]
    kept: tuple[str, ...]


def checkpoints(batch: BatchState, marks: Sequence[Fact], facts: Iterable[Fact]) -> list[Checkpoint]:
    """Return a batch's checkpoints, the oldest first, each with what going back to it would change (R168).

    Parameters
    ----------
    batch : BatchState
        As it stands now.
    marks : sequence of Fact
        Its ``checkpoint.set``, oldest first.
    facts : iterable of Fact
        All of the batch's, oldest first; read once.
    """
    fold, found, coming = BatchFold(batch.name), [], iter(facts)
    ahead: Fact | None = next(coming, None)
    for mark in marks:
        while ahead is not None and ahead.seq <= mark.body["seq"]:
            fold.add([ahead])
            ahead = next(coming, None)
        then = fold.state().files
        moved = [now for now, _ in _moved(batch, then)]
        found.append(
            Checkpoint(
                mark.body["label"],
                mark.body.get("note", ""),
                mark.personal.get("name", "erased"),
                mark.at,
                len(then),
                tuple(now.path for now in moved if not now.approved),
                tuple(now.path for now in moved if now.approved),
            )
        )
    return found


def moved_since(batch: BatchState, then: Mapping[str, FileState]) -> list[tuple[FileState, str]]:
    """Return the files that stand at another version than at a checkpoint, with that version; approved ones stay."""
    return [(now, version) for now, version in _moved(batch, then) if not now.approved]


def _moved(batch: BatchState, then: Mapping[str, FileState]) -> list[tuple[FileState, str]]:
    pairs = [(batch.files.get(path), old) for path, old in then.items() if old.version]
    return [(now, e.version) for now, e in pairs if now and now.asset == e.asset and now.version != e.version]


def own_look(look: str, title: str, owner: str, terms: str, name: str) -> list[NewFact]:
    """Return the fact of who owns a look or style profile, and on what terms it may be used (R137).

    Raises
    ------
    UsageError
        Without an owner or a name.
    """
    if not owner.strip() or not name.strip():
        raise UsageError("a look needs an owner, and the name of who says so: add --owner NAME --as NAME")
    body = {"title": title, "terms": terms.strip()}
    return [NewFact(OWNED, look, body, RETOUCHER, "", {"owner": owner.strip(), "name": name})]


def node_line(node: VersionNode, superseded: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """Return a version as a line of data with its text, and the capture that took its file's place, if any."""
    who = f"by {', '.join(node.by)}" if node.by else "by the machine"
    parts = [
        f"{node.version}  {node.at[:16]}  {node.state}, {who}",
        *([f"taken back in the place of {node.restored_from}"] if node.restored_from else []),
        *node.changed,
        *node.decisions,
        *(f"delivered as {each}" for each in node.delivered),
        *([f"its place was taken by {superseded['by']}: {superseded['reason']}"] if superseded else []),
    ]
    return vars(node) | {"superseded_by": str(superseded.get("by", "")), "text": "\n    ".join(parts)}


def _node(
    version: str,
    made: Fact,
    own: Sequence[Fact],
    edit: Edit,
    before: Edit | None,
    parent: str,
    names: Mapping[str, str],
) -> VersionNode:
    amended = [each for each in edit.steps if each.amended]
    changed = describe_difference(before, edit) if before is not None else []
    state = "approved" if any(each.kind == told.APPROVED for each in own) else str(made.body.get("state", "draft"))
    marks = [each for each in own if each.kind == told.MARKED]
    if marks and state != "approved":
        state = str(marks[-1].body["state"])
    restored = str(made.body.get("restored_from", ""))
    return VersionNode(
        version=version,
        parent=parent,
        at=made.at,
        made_by="person" if amended or restored else str(made.body.get("made_by", "machine")),
        by=tuple(dict.fromkeys(names[each.step] for each in amended if each.step in names)),
        state=state,
        changed=tuple(_named(each, names) for each in changed),
        why=tuple(reason.text for each in amended for reason in each.reasons),
        decisions=tuple(_said(each) for each in own if each.kind in (told.DECIDED, told.OVERRIDDEN)),
        blobs=dict(made.body.get("blobs", {})),
        restored_from=restored,
        delivered=tuple(f"{each.body['channel']}/{each.body['name']}" for each in own if each.kind == told.DELIVERED),
    )


def _names(file: FileState, amendments: Iterable[Fact]) -> dict[str, str]:
    names = {step: str(body["by"]) for step, body in file.amended.items()}
    return names | {
        each.body["step"]: each.personal.get("name", "erased") for each in amendments if each.body["path"] == file.path
    }


def _named(words: str, names: Mapping[str, str]) -> str:
    """Put the person's name where an edit only knows that it was a person."""
    step = words.partition(":")[0]
    return words.replace("by retoucher", f"by {names[step]}") if step in names else words


def _said(fact: Fact) -> str:
    who = fact.personal.get("name", "erased")
    if fact.kind == told.OVERRIDDEN:
        return f"{fact.body['check']} overridden by {who}: {fact.body['reason']}"
    why = f": {fact.body['reason']}" if fact.body.get("reason") else ""
    return f"{fact.body['decided']} by {who}, {fact.at[:16]}{why}"


def _amended(batch: BatchState, file: FileState, made: Mapping[str, Any], name: str, reason: str) -> list[NewFact]:
    """Return an amendment for each step that is other than now; keys make none of them stale."""
    now = Edit.from_data(file.made["edit"])
    facts = []
    for each in Edit.from_data(made["edit"]).steps:
        own = now.step(each.step)
        if own is None or own.painted() == each.painted():
            continue
        if not each.amended and each.step in file.amended:
            facts.append(_taken_back(batch, file, each.step, name, reason))
        else:
            facts.append(_set(batch, file, each, made, name, reason))
    return facts


def _taken_back(batch: BatchState, file: FileState, step: str, name: str, reason: str) -> NewFact:
    body = {"path": file.path, "step": step, "reason": reason}
    return NewFact(told.AMENDED, file.asset, body, RETOUCHER, batch.name, {"name": name})


def _set(
    batch: BatchState, file: FileState, step: EditStep, made: Mapping[str, Any], name: str, reason: str
) -> NewFact:
    data = step.to_data()
    body = {
        "path": file.path,
        "step": step.step,
        "version": step.version,
        "params": data["params"],
        "artifacts": data["artifacts"],
        "key": made.get("keys", {}).get(step.step, ""),
        "reason": reason,
    }
    return NewFact(told.AMENDED, file.asset, body, RETOUCHER, batch.name, {"name": name})
