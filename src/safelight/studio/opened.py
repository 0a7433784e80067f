"""A store that is opened for a caller: where batches stand, and the one question to access."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from safelight.access import Caller, embedded_role, require
from safelight.core.facts import Actor
from safelight.errors import SafelightError, UnknownNameError
from safelight.studio.guides import (
    guide_of,
)
from safelight.studio.said import OWNER

if TYPE_CHECKING:
    from safelight.core.batch import BatchState, FileState
    from safelight.core.fold import BatchFold
    from safelight.learning.lessons import Lessons
    from safelight.settings import Settings
    from safelight.store import Store
    from safelight.store.originals import Reference


_FOLDS_KEPT = 8  # whole batches that are remembered; one of a thousand files is some 20 MB


class Opened:
    """A store, its settings and the caller that it is opened for."""

    def __init__(self, store: Store, settings: Settings, caller: Caller | None = None) -> None:
        self.store, self.settings, self.root, self.caller = store, settings, store.root, caller
        self._folds: dict[str, BatchFold] = {}
        self._lessons: Lessons | None = None
        self._lock = threading.RLock()

    def today(self) -> str:
        """Return the day, ISO, where the studio is."""
        from datetime import datetime
        from zoneinfo import ZoneInfo

        return datetime.now(ZoneInfo(self.settings.business_zone)).date().isoformat()

    def _guide_files(self, batch: str) -> tuple[tuple[str, str], ...]:
        """Return the files of a batch's guide, by name, as blobs; none where the guide has gone or changed."""
        try:
            guide = guide_of(self.state(batch))
        except SafelightError:
            return ()
        return tuple((name, self.store.blobs.put(each.read())) for name, each in guide.resources.items())

    def _reference(self, state: BatchState, found: FileState) -> Reference:
        """Say where the original of a file lies, and what it was when it was read."""
        from safelight.store.originals import Reference

        seen = found.seen
        return Reference(f"{state.opened['folder']}/{found.path}", seen["size"], seen["mtime_ns"], found.asset)

    def require(self, verb: str) -> None:
        """Ask access for a verb that needs no store, for whoever this studio is opened for."""
        self._may(OWNER, verb)

    def list_batches(self) -> list[dict[str, Any]]:
        """Return the batches that the caller may see: name, dates and how many files stand where."""
        from safelight.store.floor import Floor

        self.require("view")
        rows = Floor(self.store.ledger.database).batches(None, limit=1000)
        return [
            {"batch": each.name, "opened_at": each.opened_at, "last_at": each.last_at, "files": dict(each.counts)}
            for each in rows
        ]

    def list_files(self, batch: str) -> list[dict[str, Any]]:
        """Return where each file of a batch stands and why; nothing is written."""
        from safelight.reports.lines import run_lines

        self._may(OWNER, "view", batch)
        return [dict(each) for each in run_lines(self.state(batch), {})]

    def state(self, batch: str) -> BatchState:
        """Return where a batch stands.

        Raises
        ------
        UnknownNameError
            If there is none of that name; lists those there are.
        """
        from safelight.core.batch import OPENED
        from safelight.core.fold import BatchFold

        with self._lock:
            fold = self._folds.pop(batch, None) or BatchFold(batch)
            fold.add(self.store.ledger.iterate(batch=batch, after=fold.last_seq))
            if fold.last_seq:
                self._folds[batch] = fold  # the last one asked for stands last
                while len(self._folds) > _FOLDS_KEPT:
                    del self._folds[next(iter(self._folds))]
                return fold.state()
        names = sorted({each.subject for each in self.store.ledger.iterate(kind=OPENED)})
        raise UnknownNameError(f"no batch called {batch!r} in this store; there are: {', '.join(names) or 'none'}")

    def _workers(self) -> int:
        import os

        return self.settings.workers or os.cpu_count() or 1

    def _may(self, actor: Actor, verb: str, batch: str = "") -> None:
        """Ask access once: the caller's role on the batch's project; at an embedded store the person's own."""
        if self.caller is None:
            require(actor, embedded_role(actor), verb)
            return
        self.caller.require(verb, self._project_of(batch))

    def _project_of(self, batch: str) -> str:
        """Return the project of a batch; all of them for what is about no batch."""
        from safelight.access import EVERYWHERE
        from safelight.store.floor import Floor

        row = Floor(self.store.ledger.database).batch(batch) if batch else None
        return EVERYWHERE if row is None else row.project
