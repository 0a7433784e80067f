"""What a command says: results on stdout, everything else on stderr.

A command that the owner of a store runs for another process speaks through
the same functions; its words travel over the socket instead.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

Stream = Literal["out", "err"]
Sink = Callable[[Stream, str], None]


def _to_terminal(stream: Stream, text: str) -> None:
    where = sys.stdout if stream == "out" else sys.stderr
    where.write(text + "\n")
    where.flush()


_sink: ContextVar[Sink] = ContextVar("sink", default=_to_terminal)


@contextmanager
def speaking_to(sink: Sink) -> Iterator[None]:
    """Send everything said inside the block to `sink`."""
    token = _sink.set(sink)
    try:
        yield
    finally:
        _sink.reset(token)


def out(text: str) -> None:
    """Say a result."""
    _sink.get()("out", text)


def err(text: str) -> None:
    """Say a message."""
    _sink.get()("err", text)


def json_line(data: Any) -> None:  # noqa: ANN401 - JSON data
    """Say one object as one line of JSON; ASCII, so that odd file names survive any pipe."""
    out(json.dumps(data, ensure_ascii=True))


def tell(lines: Iterable[Any], summary: str, *, as_json: bool) -> None:
    """Say what a verb did: each line as JSON, or the summary in words."""
    if not as_json:
        out(summary)
        return
    for line in lines:
        json_line(line)


def is_terminal() -> bool:
    """Return True if a person watches stderr here and now."""
    return _sink.get() is _to_terminal and sys.stderr.isatty() and not os.environ.get("NO_PROGRESS")


def ask(question: str) -> str | None:
    """Ask the person at the terminal; None where nobody is."""
    if _sink.get() is not _to_terminal or not sys.stdin.isatty():
        return None
    sys.stderr.write(question + " ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    return answer.strip() if answer else None
