"""Why a version is sent back: a list to mark from, and what follows from each mark."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from safelight.errors import UnknownNameError

OTHER = "other"


@dataclass(frozen=True)
class ReturnReason:
    """One reason of the list.

    Parameters
    ----------
    code, title : str
        What is kept, and what a reviewer reads.
    queue : str
        Where the file goes then.
    task : str
        The row of the reliability map whose step it came from; "" for none.
    edge : bool
        Whether it counts as a failure of the edge.
    words : tuple of str
        What gives it away in a note that marks nothing.
    upstream : str
        The likely cause before the step; a light, a set, a rule, never a person.
    shares : tuple of str
        What files share that share its cause: ``check:NAME``, ``light``, ``step``, ``camera``, ``product``, ``group``.
    """

    code: str
    title: str
    queue: str
    task: str
    edge: bool
    words: tuple[str, ...]
    upstream: str
    shares: tuple[str, ...]


@cache
def return_reasons() -> Mapping[str, ReturnReason]:
    """Return the list, by code, in its order; read once from ``reasons.toml``.

    Examples
    --------
    >>> return_reasons()["edge_halo"].queue
    'edge_repair'
    """
    text = Path(__file__).with_name("reasons.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["reason"]
    made = {
        code: ReturnReason(
            code,
            row["title"],
            row["queue"],
            row["task"],
            row["edge"],
            tuple(row["words"]),
            row["upstream"],
            tuple(row["shares"]),
        )
        for code, row in rows.items()
    }
    return MappingProxyType(made)


def reasons_named(codes: Iterable[str]) -> tuple[ReturnReason, ...]:
    """Return the reasons of these codes, each once, in the order given.

    Raises
    ------
    UnknownNameError
        For a code that is not on the list; names those that are.
    """
    known = return_reasons()
    for each in codes:
        if each not in known:
            raise UnknownNameError(f"no reason called {each!r}; there are: {', '.join(known)}")
    return tuple(known[each] for each in dict.fromkeys(codes))


def reasons_in(note: str) -> tuple[ReturnReason, ...]:
    """Return the reasons that a note gives away by their words; ``other`` where it gives none away.

    Examples
    --------
    >>> [each.code for each in reasons_in("Edge eaten at the handle; a halo on the left")]
    ['edge_rough', 'edge_halo', 'part_missing']
    >>> [each.code for each in reasons_in("please call me")]
    ['other']
    """
    found = [each for each in return_reasons().values() if any(_says(note, word) for word in each.words)]
    return tuple(found) or (return_reasons()[OTHER],)


def _says(note: str, word: str) -> bool:
    return re.search(rf"\b{re.escape(word)}s?\b", note, re.IGNORECASE) is not None
