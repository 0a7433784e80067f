"""The floor's figures from a desk: counted by one at a time, and for a while after that the same for all who ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from safelight.house.times import TimeVerbs
from safelight.review import claims
from safelight.studio.said import OWNER, Numbers

_CHEAP_S = 1.0  # what took no longer is counted anew for everybody
_AS_LONG_AGAIN = 5.0  # times as long as the counting took an answer holds: a sixth of a processor at most goes into it
_AT_MOST_S = 120.0
_KEPT = 16  # answers, one for each set of batches that somebody may see


@dataclass(frozen=True)
class Counted:
    """Figures, when they were counted, and what they rest on."""

    numbers: Numbers
    at: str
    rates: str
    done: float
    took: float

    def holds(self, rates: str) -> bool:
        """Say whether it may be told again."""
        age = time.monotonic() - self.done
        return self.took > _CHEAP_S and self.rates == rates and age < min(_AT_MOST_S, _AS_LONG_AGAIN * self.took)


@dataclass
class Counts:
    """The answers of one house."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    known: dict[tuple[str, ...], Counted] = field(default_factory=dict)


class CountingVerbs(TimeVerbs):
    """The verbs that count."""

    def figures_now(self, batches: Sequence[str]) -> Counted:
        """Return the figures of these batches; of many files they may be as old as a minute or two, and say since when.

        On a floor of a hundred thousand files counting takes a third of a minute of a processor: whoever asks meanwhile
        waits for that one, and gets its answer.
        """
        for each in batches:  # of each by oneself: what was counted for another is no way around it
            self._may(OWNER, "report", each)
        key, counts = tuple(sorted(batches)), self.house.counts
        with counts.turn:
            rates, known = self.rates_etag(), counts.known.pop(key, None)
            if known is None or not known.holds(rates):
                at, begun = claims.stamp(datetime.now(UTC)), time.monotonic()
                numbers = self.numbers(batches)
                done = time.monotonic()
                known = Counted(numbers, at, rates, done, done - begun)
            counts.known[key] = known
            while len(counts.known) > _KEPT:
                del counts.known[next(iter(counts.known))]
        return known
