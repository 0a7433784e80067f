"""From the bulletin to open screens: each piece of news is written once, and sent to all of them a few times a second.

Fifty screens that each hear of each fact by itself would take a third of the server's time: a wake-up, a text and a
packet for every one of them. What happens within `GATHER_S` goes out together instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from weakref import WeakKeyDictionary

from safelight.core.canonical import to_json
from safelight.review.bulletin import Bulletin, News

GATHER_S = 0.2
PENDING = 1000  # news that a slow line may be behind; then it is told to ask for its lists again
RESYNC = b"event: resync\ndata: {}\n\n"


def as_event(news: News) -> bytes:
    """Return news as a server-sent event.

    Examples
    --------
    >>> as_event(News("asset.seen", 7, "house", "shoot", {"path": "a.jpg"})).splitlines()[:2]
    [b'id: 7', b'event: asset.seen']
    """
    head = f"id: {news.seq}\n" if news.seq else ""
    data = to_json({"kind": news.kind, "seq": news.seq, "batch": news.batch, **news.data})
    return f"{head}event: {news.kind}\ndata: {data}\n\n".encode("ascii")


class Screen:
    """One open line: what it has not been sent yet. Belongs to the loop that it was opened in."""

    def __init__(self) -> None:
        self._fresh: list[tuple[News, bytes]] = []
        self._missed = False
        self._woken = asyncio.Event()

    def put(self, news: list[tuple[News, bytes]]) -> None:
        """Keep news until they are taken; too many are dropped, and `take` says so."""
        self._fresh += news
        if len(self._fresh) > PENDING:
            self._fresh, self._missed = [], True
        self._woken.set()

    async def heard(self, within_s: float) -> bool:
        """Wait for news; False if there were none."""
        try:
            await asyncio.wait_for(self._woken.wait(), within_s)
        except TimeoutError:
            return False
        return True

    def take(self) -> tuple[list[tuple[News, bytes]], bool]:
        """Return the news, and whether some were missed; they are this screen's no more."""
        found = self._fresh, self._missed
        self._fresh, self._missed = [], False
        self._woken.clear()
        return found


class Wire:
    """All open lines of one loop, and the one ear that they have at the bulletin."""

    def __init__(self, loop: asyncio.AbstractEventLoop, bulletin: Bulletin) -> None:
        self._loop, self._bulletin = loop, bulletin
        self._screens: set[Screen] = set()
        self._ends: dict[Screen, Callable[[], None]] = {}
        self._guard = threading.Lock()
        self._fresh: list[News] = []
        self._end: Callable[[], None] | None = None

    def join(self) -> Screen:
        """Open a line; call in the loop."""
        screen = Screen()
        if not self._screens:
            self._end = self._bulletin.listen(self._hear)
        self._screens.add(screen)
        self._bulletin.screens += 1
        return screen

    def leave(self, screen: Screen) -> None:
        """Close a line; call in the loop."""
        self._screens.discard(screen)
        self._bulletin.screens -= 1
        if not self._screens and self._end is not None:
            self._end()

    def _hear(self, news: News) -> None:
        """Take news in, in whatever thread has them."""
        with self._guard:
            self._fresh.append(news)
            first = len(self._fresh) == 1
        if first:
            with contextlib.suppress(RuntimeError):  # the loop is closing
                self._loop.call_soon_threadsafe(self._loop.call_later, GATHER_S, self._hand_out)

    def _hand_out(self) -> None:
        with self._guard:
            fresh, self._fresh = self._fresh, []
        written = [(each, as_event(each)) for each in fresh]
        for screen in self._screens:
            screen.put(written)


_WIRES: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, Wire]] = WeakKeyDictionary()


def wire_of(bulletin: Bulletin) -> Wire:
    """Return the wire of the running loop to a bulletin."""
    loop = asyncio.get_running_loop()
    wires = _WIRES.setdefault(loop, {})
    return wires.setdefault(id(bulletin), Wire(loop, bulletin))
