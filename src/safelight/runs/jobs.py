"""Long work of a service: runs and deliveries, one after the other, with progress that everybody sees."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import Any, Literal

from safelight.errors import SafelightError
from safelight.runs.progress import Progress

State = Literal["waiting", "working", "done", "failed"]
_KEPT = 200


@dataclass(frozen=True)
class JobState:
    """A piece of long work as it stands; `done` and `total` count the pieces of its present stage."""

    id: str
    what: str
    batch: str
    by: str
    project: str
    state: State = "waiting"
    stage: str = ""
    done: int = 0
    total: int = 0
    said: str = ""


Work = Callable[[Progress], str]


class Jobs:
    """A thread that does jobs in the order they came.

    Parameters
    ----------
    tell : callable (JobState)
        Told of each change, a few times a second at most for mere progress.
    """

    def __init__(self, tell: Callable[[JobState], None]) -> None:
        self._tell = tell
        self._states: dict[str, JobState] = {}
        self._guard = threading.Lock()
        self._queue: SimpleQueue[tuple[str, Work] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="safelight-jobs", daemon=True)
        self._thread.start()

    def add(self, what: str, batch: str, by: str, project: str, work: Work, job_id: str = "") -> JobState:
        """Queue work under its id, or under a new one."""
        with self._guard:
            state = JobState(job_id or secrets.token_hex(6), what, batch, by, project)
            self._states[state.id] = state
            while len(self._states) > _KEPT:
                self._states.pop(next(iter(self._states)))
        self._tell(state)
        self._queue.put((state.id, work))
        return state

    def waiting(self, what: str, batch: str) -> JobState | None:
        """Return the work of this kind on this batch that has not begun, or None."""
        with self._guard:
            found = (
                e for e in self._states.values() if batch and (e.what, e.batch, e.state) == (what, batch, "waiting")
            )
            return next(found, None)

    def states(self) -> list[JobState]:
        """Return all jobs that are remembered, the newest last."""
        with self._guard:
            return list(self._states.values())

    def close(self) -> None:
        """End after the job at work; what waits is left, to be taken up when the service starts again."""
        self._queue.put(None)

    def _work(self) -> None:
        while True:
            asked = self._queue.get()
            if asked is None:
                return
            job, work = asked
            self._change(job, state="working")
            try:
                said = work(_Watch(self, job))
            except SafelightError as error:
                self._change(job, state="failed", said=str(error))
            except Exception as error:  # noqa: BLE001 - one job that breaks must not end the others
                self._change(job, state="failed", said=f"internal error: {type(error).__name__}")
            else:
                self._change(job, state="done", said=said)

    def _change(self, job: str, **values: Any) -> None:  # noqa: ANN401 - fields of JobState
        with self._guard:
            state = self._states.get(job)
            if state is None:
                return
            state = self._states[job] = replace(state, **values)
        self._tell(state)


class _Watch:
    """The progress of one job."""

    _STEP_S = 0.25

    def __init__(self, jobs: Jobs, job: str) -> None:
        self._jobs, self._job = jobs, job
        self._done, self._told_at = 0, 0.0

    def stage(self, name: str, total: int) -> None:
        self._done = 0
        self._jobs._change(self._job, stage=name, total=total, done=0)

    def step(self, done: int = 1) -> None:
        self._done += done
        now = time.monotonic()
        if now - self._told_at >= self._STEP_S:
            self._told_at = now
            self._jobs._change(self._job, done=self._done)
