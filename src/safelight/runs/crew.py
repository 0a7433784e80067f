"""A few worker processes that answer questions one by one: pictures for screens, while people wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from safelight.errors import SafelightError, WorkerDiedError, WorkError, WorkTimeoutError
from safelight.runs.pool import Job, Worker, how_it_ended


class Crew:
    """Spawned workers that any thread may ask; use as a context manager.

    Parameters
    ----------
    workers : int
        Processes at once; each starts when it is first needed.
    timeout_s : float
        Wall time of one answer.
    lifetime : int
        Answers of a worker before it is replaced by a fresh process.
    patience_s : float
        How long to wait for a worker that is free.

    Examples
    --------
    >>> with Crew(1) as crew:
    ...     crew.ask("four", abs, -4)
    4
    """

    def __init__(
        self, workers: int = 1, *, timeout_s: float = 120.0, lifetime: int = 500, patience_s: float = 120.0
    ) -> None:
        self.size, self.timeout_s, self.lifetime, self.patience_s = max(1, workers), timeout_s, lifetime, patience_s
        self._free: list[Worker] = []
        self._count = 0
        self._closed = False
        self._turn = threading.Condition()
        self._nursery = ThreadPoolExecutor(1, "safelight-crew")

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers; those that are at work are waited for a moment."""
        with self._turn:
            self._closed = True
            idle, self._free = self._free, []
            self._turn.notify_all()
        for each in idle:
            each.end()
        self._nursery.shutdown(wait=False)

    def ask(self, name: str, function: Callable[[Any], Any], payload: Any) -> Any:  # noqa: ANN401 - crosses a pipe
        """Let a worker call `function(payload)` and return its result.

        Raises
        ------
        SafelightError
            What the function raised; `WorkerDiedError` or `WorkTimeoutError` if it gave no result.
        """
        worker = self._take(name)
        kept = False
        try:
            try:
                worker.hand(Job(name, function, payload), 1, self.timeout_s)
            except OSError:  # it ended while it was idle: whoever asks next gets a fresh one
                raise WorkerDiedError(f"{name}: the worker had ended; ask again") from None
            if not worker.pipe.poll(self.timeout_s):
                raise WorkTimeoutError(f"{name} took longer than {self.timeout_s:g} s")
            try:
                good, value = worker.pipe.recv()
            except (EOFError, OSError):
                worker.process.join(10)
                raise WorkerDiedError(f"{name}: the worker {how_it_ended(worker.process.exitcode)}") from None
            worker.held = None
            worker.done += 1
            kept = worker.done < self.lifetime
            if not good:
                raise value if isinstance(value, SafelightError) else WorkError(str(value))
            return value
        finally:
            self._give(worker, kept=kept)

    def _take(self, name: str) -> Worker:
        """Return a worker that lives and is free."""
        while True:
            worker = self._take_any(name)
            if worker.process.is_alive():
                return worker
            self._give(worker, kept=False)

    def _take_any(self, name: str) -> Worker:
        until = time.monotonic() + self.patience_s
        with self._turn:
            while True:
                if self._closed:
                    raise WorkError(f"{name}: the service is stopping")
                if self._free:
                    return self._free.pop()
                if self._count < self.size:
                    self._count += 1
                    break
                left = until - time.monotonic()
                if left <= 0 or not self._turn.wait(left):
                    raise WorkTimeoutError(f"{name}: no worker was free within {self.patience_s:g} s; try again")
        try:
            # A worker ends with the thread that made it (PR_SET_PDEATHSIG), and a server's threads come and go: all are
            # made by one that stays.
            return self._nursery.submit(Worker).result()
        except BaseException:
            with self._turn:
                self._count -= 1
            raise

    def _give(self, worker: Worker, *, kept: bool) -> None:
        with self._turn:
            if kept and not self._closed:
                self._free.append(worker)
                self._turn.notify()
                return
        worker.end()
        with self._turn:
            self._count -= 1
            self._turn.notify()
