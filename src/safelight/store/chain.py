"""How facts are chained: pure functions from a fact's columns to its hash.

Each fact carries the hash of the one before it, so that a fact that was
edited, removed, put in or moved breaks the chain at its number. What is
personal stands beside the chain and enters it as an HMAC under a key of its
own: erase value and key, and the chain still holds while nobody can find the
value again by guessing.

::

    personal_i = HMAC-SHA-256(key_i, [seq, field, value])
    hash_n     = SHA-256([hash_{n-1}, seq, at, kind, subject, batch, actor, body, blobs, {field: personal}])

both over canonical JSON.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safelight.core.canonical import to_json

GENESIS = "0" * 64
KEY_BYTES = 32
# The name of a person who acts is personal too; this field cannot be taken by a caller.
ACTOR_FIELD = "@actor"
ERASED = "(erased)"
ERASURE = "personal.erased"
_NO_REDACTIONS: Mapping[int, str] = {}


@dataclass(frozen=True)
class Head:
    """The last fact of a ledger: export it, and a ledger that lost its tail is found out."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Row:
    """A fact as it stands in its table: text only, ASCII only."""

    seq: int
    at: str
    kind: str
    subject: str
    batch: str
    actor: str
    body: str
    blobs: str
    personal: str
    previous: str
    hash: str


@dataclass(frozen=True)
class PersonalRow:
    """A personal field beside its fact; value and key are None once erased."""

    seq: int
    field: str
    value: str | None
    key: bytes | None


@dataclass(frozen=True)
class Break:
    """Where a chain does not hold: the number of the fact, and what is wrong."""

    seq: int
    problem: str


def spell(text: str) -> str:
    r"""Spell any text in ASCII, as inside a JSON string; `read` is its inverse.

    Examples
    --------
    >>> spell("shoot_0412"), spell("Caf\udce9.jpg")
    ('shoot_0412', 'Caf\\udce9.jpg')
    >>> read(spell("a\nb")) == "a\nb"
    True
    """
    return to_json(text)[1:-1]


def read(spelled: str) -> str:
    """Return the text that `spell` spelled."""
    if "\\" not in spelled:
        return spelled
    return str(json.loads(f'"{spelled}"'))


def personal_digest(key: bytes, seq: int, field: str, value: str) -> str:
    """Return what a personal field leaves in the chain: 64 hex digits."""
    return hmac.new(key, to_json([seq, field, value]).encode("ascii"), hashlib.sha256).hexdigest()


def fact_hash(
    previous: str,
    seq: int,
    at: str,
    kind: str,
    subject: str,
    batch: str,
    actor: str,
    body: str,
    blobs: str,
    personal: str,
) -> str:
    """Return a fact's hash from its columns as stored: 64 hex digits.

    Examples
    --------
    >>> fact_hash(GENESIS, 1, "", "a", "", "", "", "", "", "") == fact_hash(GENESIS, 2, "", "a", "", "", "", "", "", "")
    False
    """
    parts = [previous, seq, at, kind, subject, batch, actor, body, blobs, personal]
    return hashlib.sha256(to_json(parts).encode("ascii")).hexdigest()


Redactions = Mapping[int, str]  # number of a fact whose body was erased -> digest of what stands there now


def breaks(
    rows: Iterable[Row],
    personal: Mapping[int, Sequence[PersonalRow]] | None = None,
    *,
    first: int = 1,
    previous: str | None = None,
    redactions: Redactions = _NO_REDACTIONS,
) -> Iterator[Break]:
    """Yield every place where a chain does not hold; by default one that starts at the first fact.

    Parameters
    ----------
    rows : iterable of Row, by number
    personal : mapping of fact number to its personal fields, optional
        None leaves them unchecked. One that was erased passes here; whether
        an erasure stands in the ledger is the caller's question.
    first : int
        The number of the first of `rows`.
    previous : str, optional
        The hash of the fact before it.
    redactions : mapping of number to digest
        Facts whose body an erasure redacted: they keep their hash and their place, and what stands there now must be
        what the erasure says.
    """
    expected, previous = first, GENESIS if previous is None else previous
    for row in rows:
        if row.seq != expected:
            missing = f"{expected}" if row.seq == expected + 1 else f"{expected} to {row.seq - 1}"
            yield Break(expected, f"fact {missing} is missing")
        elif row.previous != previous:
            yield Break(row.seq, f"fact {row.seq} does not follow fact {row.seq - 1}: one of the two was replaced")
        if row.seq in redactions:
            if redacted_digest(row) != redactions[row.seq]:
                yield Break(row.seq, f"fact {row.seq} was changed after it was erased")
        elif _hash_of(row) != row.hash:
            yield Break(row.seq, f"fact {row.seq} was changed: its contents do not hash to its hash")
        if personal is not None:
            yield from _personal_breaks(row, personal.get(row.seq, ()))
        expected, previous = row.seq + 1, row.hash


def redacted_digest(row: Row) -> str:
    """Return what identifies a redacted row: the SHA-256 of its columns as they stand now, its old hash among them."""
    text = "\x1f".join(
        (str(row.seq), row.at, row.kind, row.subject, row.batch, row.actor, row.body, row.blobs, row.personal, row.hash)
    )
    return hashlib.sha256(text.encode("ascii", "replace")).hexdigest()


def _hash_of(row: Row) -> str:
    return fact_hash(
        row.previous,
        row.seq,
        row.at,
        row.kind,
        row.subject,
        row.batch,
        row.actor,
        row.body,
        row.blobs,
        row.personal,
    )


def _personal_breaks(row: Row, fields: Sequence[PersonalRow]) -> Iterator[Break]:
    yield from personal_breaks_of(row.seq, row.personal, fields)


def personal_breaks_of(seq: int, column: str, fields: Sequence[PersonalRow]) -> Iterator[Break]:
    """Yield where the personal fields of one fact are not those that its column `personal` holds the digests of."""
    digests = _digests(column)
    here = {each.field: each for each in fields}
    for name in sorted(digests.keys() | here.keys()):
        field = here.get(name)
        if field is None:
            yield Break(seq, f"fact {seq} lost its personal field {name!r}, and no erasure says so")
        elif name not in digests:
            yield Break(seq, f"fact {seq} was given a personal field {name!r} that it did not have")
        elif (field.value is None) != (field.key is None):
            yield Break(seq, f"fact {seq}: personal field {name!r} was erased by half")
        elif (
            field.value is not None
            and field.key is not None
            and personal_digest(field.key, seq, name, read(field.value)) != digests[name]
        ):
            yield Break(seq, f"fact {seq}: personal field {name!r} was changed")


def _digests(column: str) -> dict[str, Any]:
    """Read the digests of a row; a row whose own hash is broken may hold anything."""
    try:
        data = json.loads(column)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
