"""Notes pinned to a picture: each a thing of its own with an id, so that two people never overwrite each other."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from safelight.core.facts import Actor, Fact, NewFact
from safelight.errors import AccessDeniedError, ConflictError, MissingError, ParameterError
from safelight.store.rows import page, read_facts, read_head

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from safelight.store import Store

MADE, CHANGED, REMOVED = "note.made", "note.changed", "note.removed"  # asset: note, version, text, place, shape, round
KINDS = (MADE, CHANGED, REMOVED)
Shape = Literal["pin", "box", "circle", "arrow", "line", "free"]
SHAPES: tuple[Shape, ...] = ("pin", "box", "circle", "arrow", "line", "free")
_TEXT_MOST = 4000
_POINTS_MOST = 2000
_NOTES_MOST = 10_000  # facts about the notes of one picture


@dataclass(frozen=True)
class Pinned:
    """A note as it stands.

    Parameters
    ----------
    id : str
    asset, version : str
        What it is about; `version` is the one that was looked at, "" for the original.
    text : str
    shape : str
        How it was drawn; ``"pin"`` for a plain one.
    points : sequence of (x, y)
        In 0..1 of the upright original's width and height; empty for a note on the whole picture.
    by, account : str
        Who made it; only they change it.
    seq : int
        The number of its last fact; the ETag.
    done : bool
        True once somebody saw to it.
    """

    id: str
    asset: str
    version: str
    text: str
    shape: str
    points: tuple[tuple[float, float], ...]
    by: str
    account: str
    at: str
    seq: int
    done: bool = False


def read_notes(facts: Iterable[Fact]) -> list[Pinned]:
    """Fold the facts of an asset into the notes that are there, oldest first."""
    found: dict[str, Pinned] = {}
    for each in facts:
        body, note = each.body, each.body.get("note", "")
        if each.kind == MADE:
            points = tuple((float(x), float(y)) for x, y in body["points"])
            found[note] = Pinned(
                note,
                each.subject,
                body["version"],
                body["text"],
                body["shape"],
                points,
                each.actor.name,
                body["account"],
                each.at,
                each.seq,
            )
        elif each.kind == CHANGED and note in found:
            values: dict[str, Any] = {name: body[name] for name in ("text", "done") if name in body}
            if "points" in body:
                values["points"] = tuple((float(x), float(y)) for x, y in body["points"])
            found[note] = replace(found[note], seq=each.seq, **values)
        elif each.kind == REMOVED:
            found.pop(note, None)
    return list(found.values())


def notes_of(store: Store, asset: str) -> list[Pinned]:
    """Return the notes on an asset, in whatever batch it lies."""
    return read_notes(store.ledger.facts(kind=KINDS, subject=asset))


def pin_fact(
    batch: str,
    asset: str,
    version: str,
    text: str,
    points: Sequence[Sequence[float]],
    shape: str,
    account: str,
    actor: Actor,
) -> NewFact:
    """Return the fact of a new note, which may be written with others.

    Raises
    ------
    ParameterError
        For an empty or too long text, an unknown shape, a point outside the picture.
    """
    body = {
        "note": secrets.token_hex(8),
        "version": version,
        "text": _text(text, shape),
        "shape": _shape(shape),
        "points": _points(points),
        "account": account,
    }
    return NewFact(MADE, asset, body, actor, batch)


def change(
    store: Store, batch: str, asset: str, note_id: str, seq: int, changes: Mapping[str, Any], account: str, actor: Actor
) -> Pinned:
    """Change text, place or whether it is done; text and place only by who made it.

    Raises
    ------
    MissingError, ConflictError, AccessDeniedError, ParameterError
    """
    note = _current(notes_of(store, asset), note_id, seq)
    if note.account != account and set(changes) - {"done"}:
        raise AccessDeniedError(f"the note is {note.by}'s: only they change what it says; pin one of your own")
    body: dict[str, Any] = {"note": note_id, "account": account}
    if "text" in changes:
        body["text"] = _text(changes["text"], note.shape)
    if "points" in changes:
        body["points"] = _points(changes["points"])
    if "done" in changes:
        body["done"] = bool(changes["done"])
    unless_moved = _unless_moved(asset, note_id, seq)
    store.ledger.guarded({}, also=unless_moved).append([NewFact(CHANGED, asset, body, actor, batch)])
    return next(each for each in notes_of(store, asset) if each.id == note_id)


def remove(
    store: Store, batch: str, asset: str, note_id: str, seq: int, account: str, actor: Actor, *, any_note: bool
) -> None:
    """Take a note away; only by who made it, unless `any_note`. The ledger keeps that it was there."""
    note = _current(notes_of(store, asset), note_id, seq)
    if note.account != account and not any_note:
        raise AccessDeniedError(f"the note is {note.by}'s: only they or a lead take it away")
    gone = NewFact(REMOVED, asset, {"note": note_id, "account": account}, actor, batch)
    store.ledger.guarded({}, also=_unless_moved(asset, note_id, seq)).append([gone])


def _unless_moved(asset: str, note_id: str, seq: int) -> Callable[[Connection], None]:
    """Return a look, in the transaction that writes, whether the note is still as it was seen: two may come at once."""

    def look(connection: Connection) -> None:
        query = page(KINDS, asset, None, after=0, last=read_head(connection).seq, limit=_NOTES_MOST)
        _current(read_notes(read_facts(connection, query)), note_id, seq)

    return look


def _current(notes: Iterable[Pinned], note_id: str, seq: int) -> Pinned:
    found = next((each for each in notes if each.id == note_id), None)
    if found is None:
        raise MissingError(f"no note {note_id!r} on this picture; it may have been taken away")
    if found.seq != seq:
        raise ConflictError("the note was changed meanwhile; look at it again, what you wrote is still yours")
    return found


def _text(text: str, shape: str) -> str:
    clean = text.strip()
    if not clean and shape == "pin":
        raise ParameterError("a note needs words, or a drawing")
    if len(clean) > _TEXT_MOST:
        raise ParameterError(f"the note has {len(clean)} signs; it takes up to {_TEXT_MOST}")
    return clean


def _shape(shape: str) -> str:
    if shape not in SHAPES:
        raise ParameterError(f"the note's shape is {shape!r}; it takes one of {', '.join(SHAPES)}")
    return shape


def _points(points: Sequence[Sequence[float]]) -> list[list[float]]:
    if len(points) > _POINTS_MOST:
        raise ParameterError(f"the note has {len(points)} points; it takes up to {_POINTS_MOST}")
    for each in points:
        if len(each) != 2 or not all(0.0 <= float(value) <= 1.0 for value in each):
            raise ParameterError(
                f"the note is pinned to {list(each)}; it takes x and y from 0 to 1 of the upright original"
            )
    return [[round(float(x), 6), round(float(y), 6)] for x, y in points]
