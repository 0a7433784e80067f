"""The three-way merge of a sidecar with the ledger: what both said last, what the file says, what the ledger says.

The rule, field by field. Unchanged in the file: the ledger's value is written. Unchanged in the ledger: the file's
value is read. Changed to the same: agreed. Changed on both sides to different values: if the ledger's value is the
machine's, the file's counts, for a person set it; if a person set it too, it is a conflict: both are kept where they
are and shown until somebody settles it. Rating, flag and class say one thing together and go together.

Keywords are merged one by one: ours that left the file stay away, ours that are no longer meant are taken out, and
what others put there is never touched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from safelight.media.sidecar import BAGS, Fields, same
from safelight.workflows.sidecar_rules import SidecarRules

Settle = Literal["", "ledger", "file"]
Side = Literal["same", "write", "read", "conflict", "unclear"]
VERDICT = ("rating", "pick")  # with the class, they say one thing
MERGED = (*VERDICT, "label")
NOBODY: Mapping[str, frozenset[str]] = MappingProxyType({name: frozenset() for name in BAGS})


@dataclass(frozen=True)
class Base:
    """What file and ledger last agreed on, and the keywords that are in the file because we put them there."""

    fields: Fields = field(default_factory=Fields)
    added: Mapping[str, frozenset[str]] = field(default_factory=lambda: NOBODY)

    def to_data(self) -> dict[str, Any]:
        """Return JSON data."""
        return {"fields": self.fields.to_data(), "added": {name: sorted(each) for name, each in self.added.items()}}

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Base:
        """Read what `to_data` wrote."""
        added = {name: frozenset(data["added"].get(name, ())) for name in BAGS}
        return Base(Fields.from_data(data["fields"]), added)


@dataclass(frozen=True)
class Ours:
    """What the ledger says of a file now.

    Parameters
    ----------
    cull : str
        The class that counts.
    fields : Fields
        Everything that is to stand in the sidecar.
    by_person : frozenset of str
        Which of `MERGED` a person set.
    """

    cull: str
    fields: Fields
    by_person: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Merged:
    """What follows.

    Parameters
    ----------
    to_write : Fields
        What the file says once the ledger's side is written: all else in it is as it is.
    to_read : mapping of field to (ledger's, file's)
        What the file says that the ledger does not know yet.
    cull : str
        The class that the file's rating and flag mean, where they are to be read and it is another; else "".
    conflicts : mapping of field to (ledger's, file's)
    clash : str
        Why rating and flag of the file contradict each other, or "": then neither is read or written.
    foreign : mapping of field to keywords
        What others put into the file; kept, never added by us.
    withdrawn : mapping of field to keywords
        Ours that somebody took out of the file; they are not put back.
    after_write, after_read : Base
        What both agree on once `to_write` is written, or once `to_read` is read.
    """

    to_write: Fields
    to_read: Mapping[str, tuple[Any, Any]]
    cull: str
    conflicts: Mapping[str, tuple[Any, Any]]
    clash: str
    foreign: Mapping[str, frozenset[str]]
    withdrawn: Mapping[str, frozenset[str]]
    after_write: Base
    after_read: Base


def merge(
    base: Base,
    theirs: Fields,
    ours: Ours,
    rules: SidecarRules,
    settle: Settle = "",
    unclear: Collection[str] = (),
) -> Merged:
    """Merge one sidecar with the ledger; nothing is read or written here.

    Parameters
    ----------
    base : Base
        Empty where the two never met.
    theirs : Fields
        The file as it is now.
    ours : Ours
        The ledger as it is now.
    rules : SidecarRules
    settle : {"", "ledger", "file"}
        Which side a conflict is settled to; "" leaves both as they are.
    unclear : collection of field
        What the file says in a form that is not written here: it stays, and so does the ledger.

    Notes
    -----
    A merge after what a merge led to changes nothing more. Fields do not touch each other, but for rating, flag and
    class.
    """
    sides = {name: _side(name, base.fields, theirs, ours, settle, unclear) for name in MERGED}
    cull, clash = _class_read(sides, base.fields, theirs, rules)
    waits = clash or any(sides[name] in ("read", "conflict", "unclear") for name in VERDICT)
    kept = {name for name, side in sides.items() if side != "write" or (waits and name in VERDICT)}
    bags = {name: _bag(name, base, theirs, ours, unclear) for name in BAGS}
    written: dict[str, Any] = {name: getattr(theirs if name in kept else ours.fields, name) for name in MERGED}
    written |= {name: each.after for name, each in bags.items()}
    cull_written = theirs.cull if waits else ours.cull
    to_write = replace(theirs, **written, cull=cull_written, original=ours.fields.original)
    left = VERDICT if clash else ()
    to_read = {n: _pair(n, ours, theirs) for n, side in sides.items() if side == "read" and n not in left}
    conflicts = {n: _pair(n, ours, theirs) for n, side in sides.items() if side == "conflict"}
    was = base.fields
    # Rating and flag stay unagreed together: half of what a person said must not be forgotten before it is read.
    open_now = {n for n in kept if sides[n] != "same"} | set(VERDICT if waits else ())
    open_then = {n for n in MERGED if sides[n] in ("write", "conflict", "unclear")} | set(VERDICT if clash else ())
    wrote = {n: getattr(was if n in open_now else to_write, n) for n in MERGED}
    read = {n: getattr(was if n in open_then else theirs, n) for n in MERGED}
    return Merged(
        to_write=to_write,
        to_read=to_read,
        cull=cull if cull != ours.cull else "",
        conflicts=conflicts,
        clash=clash,
        foreign={name: each.foreign for name, each in bags.items()},
        withdrawn={name: each.withdrawn for name, each in bags.items() if each.withdrawn},
        after_write=Base(replace(to_write, **wrote), {name: each.added for name, each in bags.items()}),
        after_read=Base(replace(theirs, **read), base.added),
    )


def changes(before: Fields, after: Fields) -> bool:
    """Say whether writing `after` over `before` would change anything.

    Examples
    --------
    >>> changes(Fields(label="Gelb"), Fields(label="Yellow", rating=0)), changes(Fields(), Fields(cull="pick"))
    (False, True)
    """
    names = (*MERGED, *BAGS, "cull", "original")
    return not all(same(name, getattr(before, name), getattr(after, name)) for name in names)


def _pair(name: str, ours: Ours, theirs: Fields) -> tuple[Any, Any]:
    return getattr(ours.fields, name), getattr(theirs, name)


def _side(name: str, base: Fields, theirs: Fields, ours: Ours, settle: Settle, unclear: Collection[str]) -> Side:
    """Say what is to happen to one field."""
    if name in unclear:
        return "unclear"
    was, file, ledger = getattr(base, name), getattr(theirs, name), getattr(ours.fields, name)
    if same(name, file, ledger):
        return "same"
    if same(name, file, was):
        return "write"
    if same(name, ledger, was) or name not in ours.by_person:
        return "read"
    settled: Mapping[str, Side] = {"": "conflict", "ledger": "write", "file": "read"}
    return settled[settle]


def _class_read(sides: Mapping[str, Side], base: Fields, theirs: Fields, rules: SidecarRules) -> tuple[str, str]:
    """Return the class that the rating and flag to be read mean, or why they mean none."""
    if not any(sides[name] == "read" for name in VERDICT) or any(sides[name] == "conflict" for name in VERDICT):
        return "", ""
    # What we wrote ourselves and nobody changed is no word of theirs.
    rating, pick = (
        None if same(name, getattr(theirs, name), getattr(base, name)) else getattr(theirs, name) for name in VERDICT
    )
    try:
        return rules.class_of(rating, pick), ""
    except ValueError as error:
        return "", str(error)


@dataclass(frozen=True)
class _Bag:
    after: frozenset[str]
    added: frozenset[str]
    foreign: frozenset[str]
    withdrawn: frozenset[str]


def _bag(name: str, base: Base, theirs: Fields, ours: Ours, unclear: Collection[str]) -> _Bag:
    there: frozenset[str] = getattr(theirs, name)
    mine = base.added.get(name, frozenset())
    if name in unclear:
        return _Bag(there, mine, there - mine, frozenset())
    withdrawn, foreign = mine - there, there - mine
    wanted: frozenset[str] = getattr(ours.fields, name) - withdrawn
    # What was withdrawn stays on record, so that it is not put back by the next write.
    return _Bag(foreign | wanted, (wanted - foreign) | withdrawn, foreign, withdrawn)
