"""A card of thousands of frames, sorted: seconds and memory of every process, stage by stage.

    SAFELIGHT_MODELS=.venv/models python benchmarks/culling_card.py ../shared/data --frames 10000 [--untimed]

Decoding is not asked here (`culling.py --only speed` asks that), so no file of a frame is written: each frame is a view
of a photograph at 300 x 200 px, described by the step ``similarity`` as a cull describes it, with the other facts of a
real file that a cull took in. A scene is a crop of one photograph, mirrored or not, in its own light, and holds one to
six frames that differ by a shift, a turn, a little light and noise, as a burst does. What the worker would have
returned is committed to a store a hundred frames at a time, and sorted as `safelight cull` does it, in its own workers.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import cv2
import numpy as np

WIDTH, HEIGHT = 300, 200
_PACE_S = 0.25  # between two readings of memory


def burst(codes: np.ndarray, rng: np.random.Generator, frames: int) -> Iterator[np.ndarray]:
    """Yield frames of one scene: a crop of a photograph in its own light, held a little differently each time."""
    height, width = codes.shape[:2]
    wide = rng.uniform(0.45, 0.95) * min(width, height * WIDTH / HEIGHT)
    x, y = (rng.uniform(0, most) for most in (width - wide, height - wide * HEIGHT / WIDTH))
    turn, mirrored = rng.uniform(-8, 8), rng.random() < 0.5
    light = rng.uniform(0.8, 1.25, 3) * rng.uniform(0.75, 1.15)
    for _ in range(frames):
        matrix = cv2.getRotationMatrix2D((x + wide / 2, y + wide / 3), turn + rng.normal(0, 0.8), WIDTH / wide)
        matrix[:, 2] += np.array([WIDTH / 2 - x - wide / 2, HEIGHT / 2 - y - wide / 3]) + rng.normal(0, 3, 2)
        seen = cv2.warpAffine(codes, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT_101)
        lit = seen * (light * rng.uniform(0.92, 1.08)).astype(np.float32)
        lit += rng.normal(0, 2, seen.shape[:2]).astype(np.float32)[..., None]
        yield np.clip(lit[:, ::-1] if mirrored else lit, 0, 255).astype(np.uint8)


def card(data: Path, frames: int, *, timed: bool, which: int) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield name, capture time and picture of the frames of every second scene; a name begins with its scene's."""
    pictures = sorted((data / "ecommerce" / "catalogue").glob("*.jpg"))
    pictures += sorted((data / "ecommerce" / "snapshots").rglob("*.jpg"))
    done, scene, clock = 0, 0, 0
    while done < frames:
        rng = np.random.default_rng(scene)
        length = min(int(rng.integers(1, 7)), frames - done)
        if scene % 2 != which:
            done, scene, clock = done + length, scene + 1, clock + 2 * length + 15
            continue
        codes = np.ascontiguousarray(cv2.imread(str(pictures[scene % len(pictures)]))[..., ::-1])
        for frame in burst(codes, rng, length):
            day, second = divmod(clock, 86400)
            taken = f"2026-03-{1 + day:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
            yield f"S{scene:05}-{done:05}.jpg", taken if timed else "", frame
            done, clock = done + 1, clock + 2
        scene, clock = scene + 1, clock + 15


def in_lamp(facts: Mapping[str, Any], lamp: int) -> dict[str, Any]:
    """Return what was measured of a frame with paper that shows one of many lamps: 200 scenes stand in each."""
    backdrop = {"found": True, "level": 0.4 + 0.05 * (lamp % 7), "clipped": [0.0] * 3, "lighter_than": 0.98}
    metering = facts["metering"]["facts"]
    gains = {"backdrop": [1.0 + 0.07 * (lamp % 5), 1.0, 1.0 + 0.11 * (lamp % 3)]}
    lit = {**metering, "backdrop": {**metering["backdrop"], **backdrop}, "neutral_gains": gains}
    return {**facts, "metering": {**facts["metering"], "facts": lit}}


class Watch:
    """Reads the memory of a process and all below it while they live: each page counted once (PSS)."""

    def __init__(self, pid: int) -> None:
        self.pid, self.most, self.owner = pid, 0.0, 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read, name="watch")

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._over.wait(_PACE_S):
            own = pss_mib(self.pid)
            total = own + sum(pss_mib(each) for each in below(self.pid))
            self.owner, self.most = max(self.owner, own), max(self.most, total)


def below(pid: int) -> list[int]:
    """Return the processes that a process started, and theirs."""
    try:
        lines = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    children = [int(each) for line in lines for each in line.split()]
    return [*children, *(other for each in children for other in below(each))]


def pss_mib(pid: int) -> float:
    """Return the memory of a process, what it shares counted in parts; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def seconds_below(pid: int) -> float:
    """Return processor seconds of the processes below, those that have ended and were waited for included."""
    total = 0.0
    for each in (pid, *below(pid)):
        try:
            told = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(int(part) for part in (told[13:15] if each == pid else told[11:15]))
    return total / os.sysconf("SC_CLK_TCK")


class Stages:
    """Prints a line a stage: its name, frames, seconds by the clock, of the owner and of all its workers."""

    def __init__(self) -> None:
        self.name, self.total, self.since = "start", 0, self.now()

    @staticmethod
    def now() -> tuple[float, float, float]:
        known = os.times()
        return time.monotonic(), known.user + known.system, seconds_below(os.getpid())

    def stage(self, name: str, total: int) -> None:
        now = self.now()
        clock, owner, others = (b - a for a, b in zip(self.since, now, strict=True))
        told = {"stage": self.name, "frames": self.total, "clock": clock, "owner": owner, "others": others}
        print(json.dumps(told), flush=True)
        self.name, self.total, self.since = name, total, now

    def step(self, done: int = 1) -> None:
        pass


def describe_scenes(asked: tuple[Path, int, int, bool]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return name, capture time and what the step ``similarity`` tells, of every second frame from one on."""
    from safelight.pixels.measure.similarity import describe

    data, frames, which, timed = asked
    cv2.setNumThreads(1)
    return [
        (name, taken, describe(picture).to_data() | {"features": 100})
        for name, taken, picture in card(data, frames, timed=timed, which=which)
    ]


def describe_card(data: Path, place: Path, frames: int, *, timed: bool) -> None:
    """Describe all frames and keep it, a line a frame, so that the process that sorts holds one at a time."""
    with Pool(2) as both:
        halves = both.map(describe_scenes, [(data, frames, which, timed) for which in (0, 1)])
    lines = sorted((each for half in halves for each in half), key=lambda each: each[0])
    (place / "described.jsonl").write_text("\n".join(json.dumps(each) for each in lines))


def described_in(place: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield what `describe_card` kept."""
    with (place / "described.jsonl").open() as lines:
        yield from (json.loads(line) for line in lines)


def sort_card(place: Path, frames: int) -> None:
    """Commit a card to a new store and sort it, in this process and its workers."""
    from safelight.core import batch
    from safelight.core.facts import NewFact
    from safelight.delivery.packs import pack_names
    from safelight.runs.ahead import pool_of
    from safelight.runs.journal import Journal
    from safelight.runs.run import Order, _Run
    from safelight.runs.shoot import Shoot
    from safelight.runs.telling import asset_of, first_look_to_data
    from safelight.settings import from_environment
    from safelight.store import Store
    from safelight.store.assets import Seen, Sighting
    from safelight.store.originals import Reference
    from safelight.workflows.guide_file import load_guide
    from safelight.workflows.shot_list import NO_SHOTS

    settings = from_environment()
    told = [json.loads(line) for line in (place / "found.jsonl").read_text().splitlines()]
    stages = Stages()
    with Store.create(place / "store") as store, pool_of(settings) as pool:
        files: dict[str, Reference] = {}
        order = Order(Shoot("/card", files, ()), load_guide("house", channels=pack_names()), NO_SHOTS, settings)
        run = _Run(store, order, Journal(store, "card"), pool, stages, cull_only=True)
        stages.stage("commit", frames)
        seen, news, works = [], [], []
        for number, (name, taken, similarity) in enumerate(described_in(place)):
            found = told[number % len(told)]
            facts = in_lamp(found["facts"], int(name[1:6]) // 200)
            facts["similarity"] = {**facts["similarity"], "facts": similarity}
            capture = {**found["capture"], "make": "Bench", "model": "One", "taken_at": taken}
            one = {**found, "asset": f"{number:064x}", "capture": capture, "facts": facts}
            files[name] = reference = Reference(f"/card/{name}", 9_000_000 + number, 0, f"{number:064x}")
            key, stat = run._intake_key(one["asset"]), {"path": name, "size": reference.size, "mtime_ns": 0}
            fact = NewFact(batch.SEEN, one["asset"], stat, batch="card")
            seen.append(Seen(asset_of(one, reference), Sighting("card", reference), [fact]))
            news += [(batch.SEEN, one["asset"], stat)]
            news += [(batch.MEASURED, one["asset"], first_look_to_data(one, name, key))]
            works.append((key, one))
            if len(seen) == 100 or number == frames - 1:
                store.ledger.append_assets(seen)
                run.journal.refresh()
                run.journal.say(news, works)
                seen, news, works = [], [], []
        sorted_ = run.sort()
        stages.stage("end", 0)
    scenes: dict[str, set[str]] = {}
    pairs = together = 0
    of: dict[str, list[str]] = {}
    for each in sorted_:
        of.setdefault(each.path.split("-")[0], []).append(each.group)
        if each.group:
            scenes.setdefault(each.group, set()).add(each.path.split("-")[0])
    for groups in of.values():
        pairs += len(groups) * (len(groups) - 1) // 2
        together += sum(count * (count - 1) // 2 for name, count in Counter(groups).items() if name)
    mixed = sum(len(each) > 1 for each in scenes.values())
    print(json.dumps({"scenes": len(of), "groups": len(scenes), "pairs": pairs, "together": together, "mixed": mixed}))


def take_in_real(data: Path, place: Path) -> None:
    """Take files in as a cull does and keep what it found of each, a line a file."""
    from culling import Look24

    (place / "look").mkdir()
    look = Look24(place / "look")
    paths = sorted((data / "ecommerce" / "catalogue").glob("*.jpg"))[::3]
    lines: list[Mapping[str, Any]] = [look.at(each) for each in paths]
    (place / "found.jsonl").write_text("\n".join(json.dumps(each) for each in lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--untimed", action="store_true")
    parser.add_argument("--place", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--part", choices=("look", "sort"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part == "look":
        take_in_real(asked.data, asked.place)
        describe_card(asked.data, asked.place, asked.frames, timed=not asked.untimed)
    elif asked.part == "sort":
        sort_card(asked.place, asked.frames)
    else:
        measure(asked)


def measure(asked: argparse.Namespace) -> None:
    """Let other processes do it, so that nothing they did not take is counted, and print the table."""
    with tempfile.TemporaryDirectory() as place:
        words = [sys.executable, __file__, *sys.argv[1:], "--place", place]
        subprocess.run([*words, "--part", "look"], check=True)
        child = subprocess.Popen([*words, "--part", "sort"], stdout=subprocess.PIPE)
        assert child.stdout is not None
        print(f"{asked.frames} frames {'without' if asked.untimed else 'with'} capture times\n")
        print(
            "| Stage | Frames | By the clock, s | Owner, CPU s | Workers, CPU s | Owner so far, MiB | All so far, MiB |"
        )
        print("| --- | --- | --- | --- | --- | --- | --- |")
        with Watch(child.pid) as watch:
            for line in child.stdout:
                told = json.loads(line)
                if "stage" not in told:
                    print(f"\n{told}")
                elif told["stage"] != "start":
                    numbers = f"{told['clock']:.1f} | {told['owner']:.1f} | {told['others']:.1f}"
                    memory = f"{watch.owner:.0f} | {watch.most:.0f}"
                    print(f"| {told['stage']} | {told['frames']} | {numbers} | {memory} |", flush=True)
        if child.wait():
            raise SystemExit(child.returncode)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    main()
