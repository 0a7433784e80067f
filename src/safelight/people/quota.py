"""How much an account may send in a day: one that goes wild, or whose key was taken, fills no disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from safelight.errors import LimitError

DAY_S = 86_400.0


class Quota:
    """Bytes of bodies by account since the first of them, forgotten after a day; in memory: one process serves a store.

    Parameters
    ----------
    most : int, bytes
        0 for no limit.
    clock : callable () -> float, seconds

    Examples
    --------
    >>> now = [0.0]
    >>> quota = Quota(1000, lambda: now[0])
    >>> quota.add("ann", 1000)
    >>> quota.require("ann")
    Traceback (most recent call last):
    ...
    safelight.errors.LimitError: an account may send 1000 bytes a day, and yours are sent; welcome again in 24 h
    >>> now[0] = 86_400.0
    >>> quota.require("ann")
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._known: dict[str, tuple[float, int]] = {}
        self._guard = threading.Lock()

    def require(self, account: str) -> None:
        """Refuse an account that has sent its share of the day.

        Raises
        ------
        LimitError
        """
        with self._guard:
            begun, sent = self._known.get(account, (0.0, 0))
        left_s = begun + DAY_S - self._clock()
        if self._most and sent >= self._most and left_s > 0:
            hours = max(1, round(left_s / 3600))
            raise LimitError(
                f"an account may send {self._most} bytes a day, and yours are sent; welcome again in {hours} h"
            )

    def add(self, account: str, count: int) -> None:
        """Count what an account has sent."""
        now = self._clock()
        with self._guard:
            begun, sent = self._known.get(account, (now, 0))
            self._known[account] = (now, count) if now - begun >= DAY_S else (begun, sent + count)
