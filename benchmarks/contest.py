"""Run contenders side by side: each warmed once, then interleaved, medians, and what they cost in memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Contender:
    """A command a user could run for the job; `prepare` clears what an earlier round left."""

    name: str
    command: Sequence[str]
    prepare: Callable[[], None] = lambda: None
    images: int = 1
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Round:
    """One run: wall and processor seconds, peak memory of the largest process."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def run_once(contender: Contender) -> Round:
    """Run a contender and fail loudly if it fails."""
    contender.prepare()
    before = time.perf_counter()
    process = subprocess.Popen(
        contender.command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **contender.environment},
    )
    errors = process.stderr.read() if process.stderr else b""
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - before
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise SystemExit(f"{contender.name} ended with {process.returncode}: {errors.decode(errors='replace')[-500:]}")
    return Round(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def contest(title: str, contenders: Sequence[Contender], rounds: int = 5) -> str:
    """Return a table in Markdown: seconds an image, how many times the first contender's time, memory."""
    for each in contenders:
        run_once(each)
    taken: dict[str, list[Round]] = {each.name: [] for each in contenders}
    for _ in range(rounds):
        for each in contenders:
            taken[each.name].append(run_once(each))
    lines = [
        f"### {title}",
        "",
        f"{rounds} rounds, interleaved, each contender warmed once; medians.",
        "",
        "| | wall s an image | CPU s an image | peak MiB | times ours |",
        "|---|---|---|---|---|",
    ]
    ours = _median(taken[contenders[0].name], "wall_s") / contenders[0].images
    for each in contenders:
        wall = _median(taken[each.name], "wall_s") / each.images
        cpu = _median(taken[each.name], "cpu_s") / each.images
        peak = _median(taken[each.name], "peak_mib")
        lines.append(f"| {each.name} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {wall / ours:.2f} |")
    return "\n".join(lines) + "\n"


def _median(rounds: Sequence[Round], what: str) -> float:
    return statistics.median(getattr(each, what) for each in rounds)


def fresh(folder: Path) -> Callable[[], None]:
    """Return what removes a folder."""

    def clear() -> None:
        import shutil

        shutil.rmtree(folder, ignore_errors=True)

    return clear
