"""Signed checkpoints: how a chain of a million facts is verified in seconds, and what is exported to hold it against.

Holding every fact against its hash costs some 25 µs a fact. What was held once is signed: a checkpoint names the last
fact of a stretch, its hash, and the SHA-256 of the stretch's rows as they stand in the table. To verify again, rows are
read and hashed as they are, a megabyte at a time; only a stretch whose digest is another one, and what came after the
last checkpoint, is held fact by fact, so that a change is named by its number.

::

    row_n    = seq US at US kind US subject US batch US actor US body US blobs US personal US previous US hash
    digest_k = SHA-256(row_a RS row_a+1 RS ... row_b RS)
    sign     = Ed25519(key, [store, digest_{k-1}, seq_b, hash_b, digest_k, personal_k, at])

The key lies in the store, so a checkpoint alone proves nothing to who can write there: export the head (`export_head`)
and keep it, with the public key, elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Select, String, bindparam, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from safelight.core.canonical import to_json
from safelight.errors import StoreError
from safelight.store import tables
from safelight.store.chain import Break, Head, Row
from safelight.store.database import Database
from safelight.store.io import Disk, explained, write_whole
from safelight.store.layout import Layout

STRETCH = 10_000  # facts of one checkpoint
_US, _RS = "\x1f", b"\x1e"
_PAGE = 500  # rows: a text of half a megabyte is put together faster than one of two


@dataclass(frozen=True)
class Checkpoint:
    """A stretch of facts that was held against its chain and signed; `seq` and `hash` are those of its last fact.

    `digest` is of the stretch's rows, `personal` of the personal fields beside them.
    """

    seq: int
    hash: str
    digest: str
    personal: str
    at: str
    signature: str


class AuditKey:
    """The key of a store's checkpoints; made when it is first needed, readable by its owner alone."""

    def __init__(self, layout: Layout, disk: Disk) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        path = layout.root / "audit.key"
        with explained("read the key of checkpoints", path):
            if not path.exists():
                made = Ed25519PrivateKey.generate().private_bytes_raw()
                write_whole(disk, path, made, layout.scratch(), mode=0o600)
            data = path.read_bytes()
        if len(data) != 32:
            raise StoreError(
                f"{path} is no key of checkpoints ({len(data)} bytes instead of 32): put the right one back"
            )
        self._key = Ed25519PrivateKey.from_private_bytes(data)

    @property
    def public(self) -> str:
        """The public key, 64 hex digits."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, *parts: object) -> str:
        """Return the signature of JSON data, 128 hex digits."""
        return self._key.sign(to_json(list(parts)).encode("ascii")).hex()


def is_signed(public: str, signature: str, *parts: object) -> bool:
    """Say whether a signature of JSON data holds."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), to_json(list(parts)).encode("ascii"))
    except (InvalidSignature, ValueError):
        return False
    return True


def kept(layout: Layout, store: str, public: str) -> tuple[list[Checkpoint], str]:
    """Return the checkpoints whose signatures hold, from the first on, and what is wrong with the next, or ""."""
    path = layout.root / "checkpoints.jsonl"
    if not path.exists():
        return [], ""
    found: list[Checkpoint] = []
    before = ""
    with explained("read the checkpoints", path):
        lines = path.read_text("ascii", "replace").splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            each = Checkpoint(**json.loads(line))
            holds = is_signed(public, each.signature, *_parts(store, before, each))
        except (ValueError, TypeError):
            holds = False
        if not holds:
            return found, f"{path.name} line {number}: the checkpoint is not signed by this store's key"
        found.append(each)
        before = each.digest
    return found, ""


def keep(layout: Layout, disk: Disk, checkpoints: Iterable[Checkpoint]) -> None:
    """Write the checkpoints, whole or not at all."""
    data = "".join(to_json(vars(each)) + "\n" for each in checkpoints).encode("ascii")
    path = layout.root / "checkpoints.jsonl"
    with explained("write the checkpoints", path):
        write_whole(disk, path, data, layout.scratch())


def signed(key: AuditKey, store: str, before: str, unsigned: Checkpoint) -> Checkpoint:
    """Return a checkpoint with its signature; `before` is the digest of the stretch before it, "" for the first."""
    return replace(unsigned, signature=key.sign(*_parts(store, before, unsigned)))


def personal_digest_of(database: Database, first: int, last: int) -> str:
    """Return the SHA-256 of the personal fields of facts `first` to `last`, as they stand in the table."""
    query, digest, count = _personal_text(database.engine.dialect.name), hashlib.sha256(), 0
    for start in range(first, last + 1, _PAGE):
        with database.reading() as connection:
            asked = {"first": start, "last": min(last, start + _PAGE - 1)}
            rows, text = connection.execute(query, asked).one()
        if rows:
            digest.update(_bytes(text) + _RS)
            count += rows
    # Their number belongs to it: else two rows could be written as one that has their separators inside.
    digest.update(b"%d" % count)
    return digest.hexdigest()


def _parts(store: str, before: str, each: Checkpoint) -> tuple[object, ...]:
    return store, before, each.seq, each.hash, each.digest, each.personal, each.at


def digest_of(database: Database, first: int, last: int) -> tuple[str, int, str]:
    """Return the SHA-256 of the rows with numbers `first` to `last`, how many there are, and the last one's hash."""
    query = _page_text(database.engine.dialect.name)
    digest, count, end = hashlib.sha256(), 0, b""
    after = first - 1
    while after < last:
        with database.reading() as connection:
            rows, text, until = connection.execute(query, {"after": after, "last": last, "most": _PAGE}).one()
        if not rows:
            break
        end = _bytes(text)
        digest.update(end)
        digest.update(_RS)
        count, after = count + rows, until
    return digest.hexdigest(), count, end.rpartition(_US.encode())[2].decode("utf-8", "replace")


@cache
def _page_text(dialect: str) -> Select[int, str, int]:
    """Return the question for a page of rows as one text, which the database puts together.

    A row by itself costs Python as much as reading and hashing it, and its lock is taken at each: a million facts took
    11 s of processor time and nearly as long by the clock, with two threads.
    """
    fact = tables.fact.c
    rows = (
        select(fact.seq, _row_text(tuple(fact)).label("text"))
        .where(fact.seq > bindparam("after"), fact.seq <= bindparam("last"))
        .order_by(fact.seq)
        .limit(bindparam("most"))
        .subquery()
    )
    return select(func.count(), _joined(dialect, rows.c.text, rows.c.seq), func.max(rows.c.seq))


@cache
def _personal_text(dialect: str) -> Select[int, str]:
    """Return the question for the personal fields of a page as one text; what is erased is told from what is empty."""
    place = tables.personal.c
    hexed = func.hex(place.key) if dialect == "sqlite" else func.upper(func.encode(place.key, "hex"))
    told = [case((each.is_(None), "-"), else_=literal("=") + each) for each in (place.value, hexed)]
    rows = (
        select(place.seq, place.field, _row_text([place.seq, place.field, *told]).label("text"))
        .where(place.seq >= bindparam("first"), place.seq <= bindparam("last"))
        .order_by(place.seq, place.field)
        .subquery()
    )
    return select(func.count(), _joined(dialect, rows.c.text, rows.c.seq, rows.c.field))


def _joined(dialect: str, text: ColumnElement[str], *order: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the rows of an ordered inner question as one text; SQLite gives it as bytes, read as text nowhere."""
    between = literal(_RS.decode())
    if dialect == "sqlite":  # it takes them in the order of the inner question
        return cast(func.group_concat(text, between), LargeBinary)
    return func.string_agg(text, aggregate_order_by(between, *order))


def _row_text(columns: Sequence[ColumnElement[Any]]) -> ColumnElement[str]:
    """Return a row as one text. Not by `printf`: it ends a text at its first NUL, and what follows would be free."""
    text: ColumnElement[str] = cast(columns[0], String)
    for column in columns[1:]:
        text = text + literal(_US) + column
    return text


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def rows_between(database: Database, first: int, last: int) -> Iterator[Row]:
    """Yield the rows with numbers `first` to `last`, page by page."""
    fact, after = tables.fact, first - 1
    while after < last:
        query = select(fact).where(fact.c.seq > after, fact.c.seq <= last).order_by(fact.c.seq).limit(_PAGE)
        with database.reading() as connection:
            rows = [Row(*each) for each in connection.execute(query)]
        if not rows:
            return
        yield from rows
        after = rows[-1].seq


def export_head(key: AuditKey, store: str, head: Head, at: str) -> dict[str, Any]:
    """Return the end of a ledger as a signed statement: kept elsewhere, it finds out a ledger that lost its tail."""
    parts = (store, head.seq, head.hash, at)
    return {
        "store": store,
        "seq": head.seq,
        "hash": head.hash,
        "at": at,
        "public_key": key.public,
        "signature": key.sign(*parts),
    }


def read_head_file(data: bytes, name: str) -> tuple[Head, str]:
    """Return an exported head and the store it is of, once its signature holds.

    Raises
    ------
    StoreError
        If it is none, or was changed.
    """
    try:
        said = json.loads(data)
        parts = (said["store"], said["seq"], said["hash"], said["at"])
        holds = is_signed(said["public_key"], said["signature"], *parts)
        head = Head(int(said["seq"]), str(said["hash"]))
    except (ValueError, KeyError, TypeError):
        raise StoreError(
            f"{name} is no exported head of a ledger: take one that `safelight verify --export` wrote"
        ) from None
    if not holds:
        raise StoreError(f"{name} was changed since it was exported: its signature does not hold")
    return head, str(said["store"])


@dataclass(frozen=True)
class ChainReport:
    """What `verify_chain` found.

    Parameters
    ----------
    head : Head
    facts : int
        How many were looked at.
    held, signed : int
        How many were held fact by fact, and how many lie under signed checkpoints whose rows are the same.
    breaks : tuple of Break
        Where the chain does not hold, by number.
    notes : tuple of str
        What is worth saying and no damage.
    """

    head: Head
    facts: int
    held: int
    signed: int
    breaks: tuple[Break, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether the chain holds."""
        return not self.breaks

    def lines(self) -> list[str]:
        """Return the findings as sentences, the last one the sum."""
        word = "clean" if self.is_clean else "broken"
        said = (
            f"{word}: {self.facts} facts, {self.signed} of them under signed checkpoints, {self.held} held one by one"
        )
        head = f"head: fact {self.head.seq}, {self.head.hash}"
        return [*(each.problem for each in self.breaks), *self.notes, head, said]
