"""How long a ledger of a million facts takes: to verify, to fold, to take one more decision in.

python benchmarks/chain.py --facts 1000000 > benchmarks/results/chain.md
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from pictures import CACHE
from safelight.core import batch as told
from safelight.core.facts import SYSTEM, Actor, Fact, NewFact
from safelight.core.fold import BatchFold
from safelight.store import Store

REVIEWER = Actor("person", "reviewer")
KINDS = 10  # facts an asset: seen, measured, sorted, made, judged, routed, two decisions, approved, delivered


def story_of(asset: str, number: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the ten facts of one asset, as a run and two reviewers write them."""
    path, version = f"packshots/SKU{number // 3:06}_{number % 3}.jpg", f"{asset[:14]}v1"
    measures = [{"name": f"m{n}", "value": n / 7, "unit": "px", "limit": 2.0, "word": "pass"} for n in range(4)]
    verdicts = [{"check": f"check{n}", "version": 1, "word": "pass", "measures": measures} for n in range(6)]
    edit = {
        "schema": 1,
        "original": asset,
        "steps": [{"step": f"s{n}", "params": {"a": n, "b": 0.5}} for n in range(8)],
    }
    yield told.SEEN, asset, {"path": path, "size": 9_000_000, "mtime_ns": 1}
    yield told.MEASURED, asset, {"path": path, "width": 6000, "height": 4000, "capture": {"make": "C", "model": "R5"}}
    sku = path.rsplit("/", 1)[-1].split("_", maxsplit=1)[0]
    yield told.SORTED, asset, {"path": path, "sku": sku, "view": "front", "class": "pick", "category": "packshot"}
    yield told.MADE, version, {"asset": asset, "edit": edit, "edit_key": "e", "blobs": {}, "state": "draft"}
    yield told.JUDGED, version, {"verdicts": verdicts}
    yield told.ROUTED, version, {"route": "review", "queue": "color", "confidence": 0.9, "reasons": [{"text": "lane"}]}
    yield told.DECIDED, version, {"decided": "approve", "reason": "", "how": "own", "reasons": []}
    yield told.DECIDED, version, {"decided": "approve", "reason": "", "how": "own", "reasons": []}
    yield told.APPROVED, version, {"master": "m", "how": "own", "edit": "e"}
    yield told.DELIVERED, version, {"channel": "amazon-main", "name": f"{sku}.jpg", "bytes": 400_000}


def every(number: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the facts of so many, asset by asset."""
    for n in range(number // KINDS):
        yield from story_of(f"{n:064x}", n)


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what work gives, its CPU seconds and its wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    found = work()
    return found, time.process_time() - cpu, time.perf_counter() - wall


def fill(store: Store, number: int) -> None:
    """Append the facts, beside any batch: rows for lists are another benchmark's."""
    part: list[NewFact] = []
    for kind, subject, body in every(number):
        who = kind in (told.DECIDED, told.APPROVED)
        part.append(NewFact(kind, subject, body, REVIEWER if who else SYSTEM, "", {"name": "Ines"} if who else {}))
        if len(part) == 5000:
            store.ledger.append(part)
            part = []
    store.ledger.append(part)


def verified(number: int) -> Iterator[str]:
    """Yield the rows of the table on verification."""
    place = CACHE / f"chain-{number}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    with Store.create(place / "store") as store:
        fill(store, number)
        size = sum(each.stat().st_size for each in store.root.glob("ledger*"))
        first, cpu, wall = timed(store.verify_chain)
        yield f"| first: fact by fact, then signed | {cpu:.1f} | {wall:.1f} | {first.lines()[-1]} |"
        again, cpu, wall = timed(store.verify_chain)
        yield f"| **again: signed checkpoints** | **{cpu:.1f}** | {wall:.1f} | {again.lines()[-1]} |"
        with store.ledger.database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE fact SET body = '{{}}' WHERE seq = {number // 2}")
        broken, cpu, wall = timed(store.verify_chain)
        yield f"| one fact changed in the middle | {cpu:.1f} | {wall:.1f} | {broken.lines()[0]} |"
        yield f"\nThe ledger is {size / 1e9:.2f} GB on disk."
    shutil.rmtree(place, ignore_errors=True)


def folded(number: int) -> Iterator[str]:
    """Yield the rows of the table on folding."""
    facts = [
        Fact(seq, kind, subject, body, SYSTEM, "b", {"name": "Ines"}, "2026-11-21T10:00:00Z", "", "")
        for seq, (kind, subject, body) in enumerate(every(number), start=1)
    ]
    fold = BatchFold("b")
    _, cpu, wall = timed(lambda: fold.add(facts))
    state, cpu_state, _ = timed(fold.state)
    yield f"| all {number:,} facts, {len(state.files):,} files | {cpu:.1f} s | {wall:.1f} s |"
    yield f"| the state that is handed out | {1000 * cpu_state:.1f} ms | |"
    last = facts[-1]
    more = Fact(len(facts) + 1, told.DECIDED, last.subject, {"decided": "approve"}, SYSTEM, "b", {}, last.at, "", "")
    _, cpu_more, _ = timed(lambda: (fold.add([more]), fold.state()))
    yield f"| one more decision, and the state | {1000 * cpu_more:.1f} ms | |"


def main() -> None:
    """Print the tables."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--facts", type=int, default=1_000_000)
    number = asked.parse_args().facts
    print(f"# A ledger of {number:,} facts\n\n{os.cpu_count()} cores, {platform.machine()}, Python 3.11.\n")
    print("### verify --chain\n\n| | CPU s | wall s | it says |\n|---|---|---|---|", *verified(number), sep="\n")
    print("\n### Folding a batch\n\n| | CPU | wall |\n|---|---|---|", *folded(number), sep="\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nPeak memory {peak:.0f} MiB, the facts to fold included.")


if __name__ == "__main__":
    main()
