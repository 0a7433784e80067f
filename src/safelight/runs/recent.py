"""The last few results, by key, for many threads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """Keeps `most` values; what was asked for longest ago goes first.

    Examples
    --------
    >>> kept = Recent[int](2)
    >>> kept.put("a", 1); kept.put("b", 2); kept.get("a"); kept.put("c", 3)
    1
    >>> kept.get("b") is None, kept.get("a"), kept.get("c")
    (True, 1, 3)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[str, Value] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: str) -> Value | None:
        """Return what is kept under a key, or None."""
        with self._guard:
            if key not in self._held:
                return None
            self._held.move_to_end(key)
            return self._held[key]

    def put(self, key: str, value: Value) -> None:
        """Keep a value."""
        with self._guard:
            self._held[key] = value
            self._held.move_to_end(key)
            while len(self._held) > self._most:
                self._held.popitem(last=False)

    def drop(self, key: str) -> None:
        """Forget one value."""
        with self._guard:
            self._held.pop(key, None)

    def clear(self) -> None:
        """Forget all values."""
        with self._guard:
            self._held.clear()
