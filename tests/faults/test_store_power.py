# ruff: noqa: F811 - a fixture is taken by its name
"""The power goes: every crash state of a script of 20 operations opens, and holds what was acknowledged."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from safelight.core.facts import Actor, NewFact
from safelight.store import Store
from tests.store.conftest import folder  # noqa: F401 - fixture
from tests.store.disks import LoggingDisk, crash


def script(store: Store, disk: LoggingDisk) -> None:
    """Twenty operations; each is acknowledged in the log once it returned."""
    disk.start()
    for n in range(5):
        name = store.blobs.put([b"proof", bytes(1500 * n), str(n).encode()])
        disk.acknowledge("blob", name)
        store.ledger.append_work(f"k{n}", {"proof": name}, [NewFact("version.made", f"v{n}", {"proof": name})])
        disk.acknowledge("work", f"k{n}", 2 * n + 1)
        store.blobs.put(b"matte %d" % n)
        disk.acknowledge("nothing")
        store.ledger.append([NewFact("decision.made", f"v{n}", {"decided": "approve"}, Actor("person", "Ann"))])
        disk.acknowledge("fact", 2 * n + 2)


def rebuild(root: Path, marker: bytes, files: dict[Path, bytes], database: dict[str, bytes], old: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    for each in (root, root / "blobs", root / "tmp", root / "dumps"):
        each.mkdir()
    (root / "safelight-store.json").write_bytes(marker)
    for suffix, data in database.items():
        (root / f"ledger.sqlite{suffix}").write_bytes(data)
    for path, data in files.items():
        place = root / path.relative_to(old)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)


def check(root: Path, acknowledged: list[tuple[object, ...]]) -> None:
    with Store.open(root) as store:
        report = store.verify(read_data=True)
        assert report.is_clean, report.lines()
        assert not report.strays
        for what in acknowledged:
            match what:
                case ("blob", name):
                    store.blobs.get(name, verify=True)
                case ("work", key, seq):
                    assert store.ledger.work(key) is not None
                    assert store.ledger.head().seq >= seq
                case ("fact", seq):
                    assert store.ledger.head().seq >= seq
        # All or nothing: work and its fact are one transaction.
        for n in range(5):
            made = store.ledger.facts(kind="version.made", subject=f"v{n}")
            assert len(made) == (store.ledger.work(f"k{n}") is not None)
        # And the store goes on.
        store.ledger.append([NewFact("after.crash", store.blobs.put(b"new"), {})])
        assert store.verify().is_clean


def recorded(folder: Path) -> tuple[list, bytes, Path]:
    root = folder / "store"
    Store.create(root).close()
    disk = LoggingDisk(root / "ledger.sqlite")
    with Store.open(root, disk=disk) as store:
        script(store, disk)
        log = list(disk.log)
    return log, (root / "safelight-store.json").read_bytes(), root


def replay(folder: Path, states: int) -> int:
    """Check `states` crash states of each prefix; return how many there were."""
    log, marker, old = recorded(folder)
    done = 0
    for length in range(1, len(log) + 1):
        acknowledged = [each.what for each in log[:length] if each.name == "acknowledge"]
        for seed in range(states):
            files, database = crash(log, length, random.Random(length * 1000 + seed))
            rebuild(folder / "crashed", marker, files, database, old)
            check(folder / "crashed", acknowledged)
            done += 1
    return done


def test_every_prefix_of_the_script_survives_a_power_cut(folder):
    assert replay(folder, states=1) > 80


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_sampled_states_survive_a_power_cut(folder):
    assert replay(folder, states=120) > 10_000


@pytest.mark.parametrize("forgotten", ["sync", "sync_folder"])
def test_the_replay_catches_a_sync_that_was_forgotten(folder, forgotten):
    """A harness that finds nothing proves nothing: without a sync, acknowledged blobs are lost in some state."""
    log, _, old = recorded(folder)
    log = [each for each in log if each.name != forgotten]
    lost = 0
    for seed in range(20):
        files, _ = crash(log, len(log), random.Random(seed))
        names = [each.what[1] for each in log if each.name == "acknowledge" and each.what[0] == "blob"]
        for name in names:
            data = files.get(old / "blobs" / name[:2] / name[2:])
            lost += data is None or len(data) < 6
    assert lost > 0
