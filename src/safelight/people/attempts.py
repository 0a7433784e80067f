"""How often somebody may try to sign in: a few times at once, then slower and slower, by login and by address."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

FREE = 5  # tries before the first wait
FIRST_WAIT_S = 2.0
MOST_WAIT_S = 900.0
FORGOTTEN_S = 3600.0
_KEPT = 10_000


class Attempts:
    """Failed tries by name, in memory: one process serves a store.

    Examples
    --------
    >>> now = [0.0]
    >>> tries = Attempts(lambda: now[0])
    >>> for _ in range(6): tries.failed("ann")
    >>> tries.wait_s("ann"), tries.wait_s("ben")
    (4.0, 0.0)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._guard = threading.Lock()

    def wait_s(self, name: str) -> float:
        """Return how long to wait before another try; 0 for none."""
        with self._guard:
            count, last = self._known.get(name, (0, 0.0))
        if count < FREE:
            return 0.0
        until = last + min(MOST_WAIT_S, FIRST_WAIT_S * 2.0 ** (count - FREE))
        return max(0.0, until - self._clock())

    def failed(self, name: str) -> None:
        """Count a failed try."""
        now = self._clock()
        with self._guard:
            count, last = self._known.pop(name, (0, now))
            self._known[name] = (1 if now - last > FORGOTTEN_S else count + 1, now)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """Forget the failed tries of a name."""
        with self._guard:
            self._known.pop(name, None)
