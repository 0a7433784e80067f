"""Words about a list that two people change at once: the second is told, inside the transaction that would write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from safelight.core.facts import Fact
from safelight.errors import ConflictError
from safelight.store import tables
from safelight.store.chain import spell
from safelight.store.rows import page, read_facts, read_head

ANY = "*"
_MOST = 10_000


def last_number(facts: Sequence[Fact]) -> int:
    """Return the number of the last of some facts, which is the ETag of the list that they make; 0 for none."""
    return max((each.seq for each in facts), default=0)


def unless_said(
    seen: str,
    kinds: Sequence[str],
    *,
    batch: str | None = None,
    subject: str | None = None,
    number: Callable[[Sequence[Fact]], int] = last_number,
    what: str,
) -> Callable[[Connection], None]:
    """Return a look, for `Ledger.guarded`, that refuses to write where a list is another than the one that was seen.

    Parameters
    ----------
    seen : str
        The ETag that came with the list; ``"*"`` takes it as it is.
    kinds : sequence of str
        The facts that the list is made of.
    batch, subject : str, optional
        Of which batch or subject.
    number : callable, optional
        The ETag of such facts; by default the number of the last one.
    what : str
        What the list is, for the sentence.

    Raises
    ------
    ConflictError
        By the look: names who was first, and says that nothing was recorded.
    """

    def look(connection: Connection) -> None:
        if seen == ANY:
            return
        last = read_head(connection).seq
        query = page(kinds, subject, batch, after=0, last=last, limit=_MOST, newest=True)
        found: list[Any] = read_facts(connection, query)[::-1]
        if str(number(found)) != seen:
            first = found[-1].personal.get("name") or found[-1].actor.name if found else "somebody"
            raise ConflictError(
                f"{first} was first: {what} is another than the one you saw; nothing was recorded, what you wrote is "
                "still yours. Look at it again and send this with its new ETag"
            )

    return look


def unless_batch_moved(seen: str, batch: str) -> Callable[[Connection], None]:
    """Return a look that refuses to write where anything was said of a batch since it was seen (its ETag, or ``"*"``).

    Raises
    ------
    ConflictError
        By the look.
    """

    def look(connection: Connection) -> None:
        row = tables.batch_row.c
        number = connection.execute(select(row.seq).where(row.name == spell(batch))).scalar()
        if seen not in (ANY, str(number)):
            raise ConflictError(
                f"somebody has worked on batch {batch} since you looked at it; nothing was recorded. "
                "Look at it again and send this with its new ETag"
            )

    return look
