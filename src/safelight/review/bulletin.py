"""What is going on, told to everybody who listens: facts as they are written, claims, progress."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Sink = Callable[["News"], None]


@dataclass(frozen=True)
class News:
    """One thing that happened.

    Parameters
    ----------
    kind : str
        A fact's kind, ``"progress"``, ``"queue.changed"``.
    seq : int
        The fact's number; 0 for what is no fact and is not told again.
    project, batch : str
        Whom it concerns; "" for everybody.
    data : mapping, JSON data
    """

    kind: str
    seq: int = 0
    project: str = ""
    batch: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


class Bulletin:
    """Hands news to all who listen, in the thread that has it; a sink must be quick and never raise."""

    def __init__(self) -> None:
        self._sinks: dict[int, Sink] = {}
        self._guard = threading.Lock()
        self._next = 0
        self.screens = 0  # how many open lines the sinks pass news on to

    def listen(self, sink: Sink) -> Callable[[], None]:
        """Hand all news from now on to `sink`; return what ends it."""
        with self._guard:
            self._next += 1
            mine = self._next
            self._sinks[mine] = sink
        return lambda: self._sinks.pop(mine, None) and None

    def tell(self, news: News) -> None:
        """Hand news to everybody."""
        with self._guard:
            sinks = list(self._sinks.values())
        for each in sinks:
            each(news)
