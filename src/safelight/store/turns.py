"""Writers take turns in one transaction and are committed together: one wait for the disk for all who queue up.

Each commit waits for the platter, some 5 ms; with fifty people deciding, the waits alone fill every second. So a writer
that sees another one waiting leaves the transaction open to it, and waits until the last of them has committed::

    first    BEGIN IMMEDIATE . write ................. waits ............ returns
    second                           SAVEPOINT . write . waits .......... returns
    third                                      SAVEPOINT . write . COMMIT returns

Nobody returns before the commit did; if it fails, it fails for all of them and nothing of any is written. A writer that
raises takes back its own part alone. Where nobody waits, a writer begins, writes and commits by itself, as ever.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

# So many are committed together at most: the first of them waits for all the others.
MOST_TOGETHER = 16
_LOOK_AGAIN_S = 1.0


@dataclass
class _Together:
    """Writers of one transaction: how many have written, and what became of them."""

    connection: Connection
    written: int = 0
    done: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None


class Turns:
    """The turns of a database's writers, in the order in which they came to the lock.

    Parameters
    ----------
    begin : callable () -> Connection
        Opens a connection and begins a transaction that writes.
    commit : callable (Connection)
        Returns when what was written is on the platter.
    """

    def __init__(self, begin: Callable[[], Connection], commit: Callable[[Connection], None]) -> None:
        self._begin, self._commit = begin, commit
        self._turn = threading.Lock()
        self._count = threading.Lock()
        self._waiting = 0
        self._open: _Together | None = None

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write in a turn of one's own; what was written is on the platter when this returns."""
        with self._count:
            self._waiting += 1
        try:
            self._turn.acquire()
        finally:
            with self._count:
                self._waiting -= 1
        try:
            group = self._open or _Together(self._begin())
            self._open = group
            # The first one takes back what it wrote with the whole transaction.
            saved = group.written > 0
            try:
                if saved:
                    group.connection.exec_driver_sql("SAVEPOINT turn")
                yield group.connection
                if saved:
                    group.connection.exec_driver_sql("RELEASE turn")
            except BaseException:
                self._take_back(group, saved=saved)
                raise
            group.written += 1
            self._end_unless_followed(group)
        finally:
            self._turn.release()
        self._wait(group)

    def _take_back(self, group: _Together, *, saved: bool) -> None:
        """Undo the part of one writer; the others' stays, and is committed if nobody comes after."""
        if not saved:
            self._open = None
            group.connection.close()
            return
        try:
            group.connection.exec_driver_sql("ROLLBACK TO turn")
            group.connection.exec_driver_sql("RELEASE turn")
        except BaseException as error:  # noqa: BLE001 - the transaction is lost, for the others too
            self._finish(group, error)
            return
        with contextlib.suppress(BaseException):  # told to those whose it is
            self._end_unless_followed(group)

    def _end_unless_followed(self, group: _Together) -> None:
        """Commit, unless somebody who waits will."""
        with self._count:
            followed = self._waiting > 0 and group.written < MOST_TOGETHER
        if followed:
            return
        try:
            self._commit(group.connection)
        except BaseException as error:
            self._finish(group, error)
            raise
        self._finish(group, None)

    def _finish(self, group: _Together, error: BaseException | None) -> None:
        self._open = None
        group.error = error
        group.done.set()
        with contextlib.suppress(Exception):
            group.connection.close()

    def _wait(self, group: _Together) -> None:
        """Return once the transaction is on the platter; whoever was to commit it may have been interrupted."""
        while not group.done.wait(_LOOK_AGAIN_S):
            with self._turn:
                if self._open is group:
                    with contextlib.suppress(BaseException):
                        self._end_unless_followed(group)
        if group.error is not None:
            raise group.error
