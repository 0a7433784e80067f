"""A pool of spawned worker processes that survives whatever a picture does to one of them.

Workers are spawned, never forked (a database connection must not cross a fork);
they hold no connection, write nothing but blobs named by their content, and
return facts that the owner commits. A worker that dies or hangs is replaced and
its job tried again; a worker is replaced by a fresh process after a while anyway.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import connection, get_context
from multiprocessing.process import BaseProcess
from typing import Any

from safelight.errors import SafelightError, WorkerDiedError, WorkError, WorkTimeoutError

# One thread a library in every worker: the processes are the parallelism. Pictures come and go by the hundred MiB: with
# huge pages the kernel hands them over in a fraction of the time (a quarter of a job's processor time at 24 MP), and
# memory that is kept for the next picture instead of being given back and cleared again saves a fifteenth more.
# Half a GiB of it at most stays with a worker that has nothing to do.
WORKER_ENVIRONMENT = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VIPS_CONCURRENCY", "NUMEXPR_NUM_THREADS"), "1"
) | {"GLIBC_TUNABLES": f"glibc.malloc.hugetlb=1:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold={1 << 29}"}


IDLE = 19  # nice: only what nobody else wants


@dataclass(frozen=True)
class Job:
    """A piece of work: a function found by import, and what it is given.

    `name` is what an error calls it (a file's display name). Function, payload and result cross
    a pipe, so all are picklable; the function lives at the top of a module.
    """

    name: str
    function: Callable[[Any], Any]
    payload: Any


@dataclass(frozen=True)
class Outcome:
    """What became of a job: a result, or the error that stands in its place."""

    job: Job
    result: Any = None
    error: SafelightError | None = None
    attempts: int = 1


class Worker:
    """One process, its pipe, and the job it holds."""

    def __init__(self, nice: int = 0) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        asked = (theirs, os.getpid())
        spawned = context.Process(target=serve, args=asked, daemon=False, name="safelight-worker")
        before = {name: os.environ.get(name) for name in WORKER_ENVIRONMENT}
        os.environ.update(WORKER_ENVIRONMENT)  # libraries read them while they load, so before the child starts
        try:
            spawned.start()
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
        theirs.close()
        if spawned.pid is not None:  # from its first moment: what it loads takes a second of a processor
            stand_back(nice, spawned.pid)
        self.process: BaseProcess = spawned
        self.held: tuple[Job, int] | None = None
        self.deadline = float("inf")
        self.done = 0

    def hand(self, job: Job, attempt: int, timeout_s: float) -> None:
        """Give it a job."""
        self.held = (job, attempt)
        self.deadline = time.monotonic() + timeout_s
        self.pipe.send((job.function, job.payload))

    def end(self) -> None:
        """Let an idle worker finish by itself; end a busy one."""
        if self.held is not None:
            self.process.kill()
        self.pipe.close()
        self.process.join(10)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()


class Pool:
    """Run jobs in worker processes; use as a context manager.

    Parameters
    ----------
    workers : int
        Processes at once, at least 1. They start when there is work for them.
    timeout_s : float
        Wall time of one job.
    attempts : int
        Tries of a job whose worker died or ran out of time.
    lifetime : int
        Jobs a worker does before it is replaced.
    nice : int, 0..19
        How far its processes stand back behind others: beside people who wait at screens, the pictures wait.

    Examples
    --------
    >>> with Pool(workers=1) as pool:
    ...     [outcome.result for outcome in pool.run([Job("four", abs, -4)])]
    [4]
    """

    def __init__(
        self, workers: int, timeout_s: float = 300.0, attempts: int = 3, lifetime: int = 200, *, nice: int = 0
    ) -> None:
        self.nice = nice
        self.size, self.timeout_s, self.attempts, self.lifetime = max(1, workers), timeout_s, attempts, lifetime
        self._workers: list[Worker] = []
        self._ahead: Job | None = None

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def start_ahead(self, get_ready: Callable[[None], object]) -> None:
        """Start workers now and let each call `get_ready` with None; nobody waits for it or hears of it.

        One fewer than there will be, if that is any: the process that asks has work of its own meanwhile.
        """
        self._ahead = Job("start", get_ready, None)
        for _ in range(max(1, self.size - 1)):
            worker = self._free()
            if worker is not None:
                worker.hand(self._ahead, self.attempts, self.timeout_s)

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Yield an outcome a job, in the order they finish; jobs are drawn from the iterable as workers get free.

        A worker that is done has its next job before its outcome is yielded, so that it never waits for the consumer.
        """
        source = iter(jobs)
        again: deque[tuple[Job, int]] = deque()
        ready: list[Outcome] = []
        exhausted = False
        while True:
            while not exhausted or again:
                worker = self._free()
                # While all of them only get ready, one job is drawn ahead: where there is none, nobody is waited for.
                if worker is None and (again or not self._is_getting_ready()):
                    break
                if not again:
                    job = next(source, None)
                    if job is None:
                        exhausted = True
                        continue
                    again.append((job, 1))
                if worker is None:
                    break
                worker.hand(*again.popleft(), self.timeout_s)
            yield from ready
            busy = [each for each in self._workers if each.held is not None]
            if not any(each.held[0] is not self._ahead for each in busy if each.held) and exhausted and not again:
                return
            ready = self._collect(busy, again)

    def renew(self) -> None:
        """End the workers that are idle; the next jobs start new ones, which hold nothing of what was loaded before."""
        for worker in [each for each in self._workers if each.held is None]:
            self._retire(worker)

    def answers(
        self, work: Iterable[tuple[str, Callable[[Any], Any], Any]]
    ) -> Iterator[tuple[str, Any, SafelightError | None]]:
        """Run (name, function, payload) and yield (name, result, error): for callers that know nothing of pools."""
        for each in self.run(Job(*one) for one in work):
            yield each.job.name, each.result, each.error

    def _is_getting_ready(self) -> bool:
        return all(each.held is not None and each.held[0] is self._ahead for each in self._workers)

    def _free(self) -> Worker | None:
        idle = next((each for each in self._workers if each.held is None), None)
        if idle is None and len(self._workers) < self.size:
            idle = Worker(self.nice)
            self._workers.append(idle)
        return idle

    def _collect(self, busy: list[Worker], again: deque[tuple[Job, int]]) -> list[Outcome]:
        """What became of the jobs of those workers that are done, or were for too long."""
        found = []
        wait = max(0.0, min(each.deadline for each in busy) - time.monotonic())
        ready = connection.wait([each.pipe for each in busy], timeout=min(wait, 3600.0))
        now = time.monotonic()
        for worker in busy:
            if worker.pipe in ready:
                outcome = self._receive(worker, again)
            elif now >= worker.deadline:
                limit = f"took longer than {self.timeout_s:g} s"
                outcome = self._lost(worker, again, WorkTimeoutError, limit)
            else:
                continue
            if outcome is not None:
                found.append(outcome)
        return found

    def _receive(self, worker: Worker, again: deque[tuple[Job, int]]) -> Outcome | None:
        assert worker.held is not None
        job, attempt = worker.held
        try:
            good, value = worker.pipe.recv()
        except (EOFError, OSError):
            worker.process.join(10)
            return self._lost(worker, again, WorkerDiedError, how_it_ended(worker.process.exitcode))
        worker.held, worker.deadline = None, float("inf")
        worker.done += 1
        if worker.done >= self.lifetime or not good:
            self._retire(worker)
        if job is self._ahead:
            return None
        if good:
            return Outcome(job, value, None, attempt)
        return Outcome(job, None, value, attempt)

    def _lost(self, worker: Worker, again: deque[tuple[Job, int]], kind: type[WorkError], how: str) -> Outcome | None:
        assert worker.held is not None
        job, attempt = worker.held
        self._retire(worker)
        if attempt < self.attempts:
            again.append((job, attempt + 1))
            return None
        if job is self._ahead:
            return None
        return Outcome(job, None, kind(f"{job.name}: the worker {how}, {attempt} times; it is left out"), attempt)

    def _retire(self, worker: Worker) -> None:
        worker.end()
        self._workers.remove(worker)


def how_it_ended(code: int | None) -> str:
    """Say how a process ended, by its exit code."""
    if code is not None and code < 0:
        return f"ended with signal {-code}"
    return f"ended with exit code {code}"


def serve(pipe: connection.Connection, parent: int) -> None:
    """Do jobs until the pipe closes; the body of a worker process."""
    _die_with_parent(parent)
    while True:
        try:
            function, payload = pipe.recv()
        except (EOFError, OSError):
            # What was started is ended and counted; taking libraries down one by one takes longer than a job.
            atexit._run_exitfuncs()
            os._exit(0)
        try:
            answer = (True, function(payload))
        except SafelightError as error:
            answer = (False, error)
        except MemoryError:
            answer = (False, WorkError("the worker ran out of memory"))
        except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; the batch goes on
            answer = (False, WorkError(f"{type(error).__name__}: {error}{_where(error)}"))
        try:
            pipe.send(answer)
        except (BrokenPipeError, OSError):
            return


def stand_back(nice: int, process: int) -> None:
    """Let other processes go before one, and before whatever it starts.

    Parameters
    ----------
    nice : int, 0..19
        Added to this process's own. 19 also leaves the processor at once to whatever else wakes up (Linux, SCHED_IDLE):
        a server that answers in milliseconds would wait for the end of a slice behind a picture at any other number.
    process : int
    """
    with contextlib.suppress(OSError):  # it has ended, or a sandbox forbids it
        os.setpriority(os.PRIO_PROCESS, process, min(19, os.getpriority(os.PRIO_PROCESS, 0) + nice))
        if nice >= IDLE and hasattr(os, "SCHED_IDLE"):
            os.sched_setscheduler(process, os.SCHED_IDLE, os.sched_param(0))


def _where(error: Exception) -> str:
    """Name the module and line that raised, so that a fault can be found without a traceback."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None:
        return ""
    return f" (in {last.tb_frame.f_globals.get('__name__', '?')}, line {last.tb_lineno})"


def _die_with_parent(parent: int) -> None:
    """Ask Linux to end this process with its owner, and leave Ctrl-C to the owner."""
    import ctypes
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, linux/prctl.h
    except (OSError, AttributeError):
        return
    if os.getppid() != parent:
        os._exit(1)
