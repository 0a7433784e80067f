"""What the ledger teaches, gathered once for all who ask, and kept up as facts come."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from safelight.learning.experience import KINDS, Experience
from safelight.learning.record import make_record

if TYPE_CHECKING:
    from safelight.routing.record import Record
    from safelight.store.ledger import Ledger


class Lessons:
    """The experience of one store, and the record that its router reads; any thread may ask.

    Parameters
    ----------
    ledger : Ledger
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._guard = threading.RLock()
        self._experience = Experience()
        self._record: tuple[int, float, Record] | None = None

    def gather(self, rest: Callable[[], bool] = lambda: False) -> None:
        """Read what came since the last time.

        Parameters
        ----------
        rest : callable () -> bool
            Called after each page of facts; True ends the reading. The first time all of a long ledger is read, which
            takes seconds of the interpreter that people at screens wait for: whoever reads ahead rests in between.
        """
        with self._guard:
            for page in self._ledger.told(KINDS, after=self._experience.last_seq):
                self._experience.add(page)
                if rest():
                    return

    def experience(self) -> Experience:
        """Return what the ledger teaches, as it is now; see `held` to read it while others ask."""
        with self._guard:
            self.gather()
            return self._experience

    @contextlib.contextmanager
    def held(self, level: float) -> Iterator[tuple[Experience, Record]]:
        """Keep the experience as it is while it is read, with the record made of it."""
        with self._guard:
            yield self.experience(), self.record(level)

    def record(self, level: float) -> Record:
        """Return what the router is told of people's decisions so far, at a level of escapes."""
        with self._guard:
            known, experience = self._record, self.experience()
            if known is None or known[:2] != (experience.last_seq, level):
                known = self._record = (experience.last_seq, level, make_record(experience, level))
            return known[2]

    def forget(self) -> None:
        """Read everything anew: after an erasure, old facts say something else."""
        with self._guard:
            self._experience, self._record = Experience(), None
