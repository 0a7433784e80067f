# ruff: noqa: F811 - a fixture is taken by its name
"""Every operation on the disk fails or is the last one: all or nothing, and an error that says what to do."""

from __future__ import annotations

import errno
import itertools
import json
import shutil
import tempfile
from pathlib import Path

import pytest

from safelight.core.facts import Actor, Asset, Capture, NewFact
from safelight.errors import NoStoreError, StoreError
from safelight.store import Store
from safelight.store.assets import Seen, Sighting
from safelight.store.blobs import Blobs
from safelight.store.layout import Layout
from safelight.store.originals import Reference
from tests.store.conftest import folder, store  # noqa: F401 - fixtures
from tests.store.disks import FaultyDisk, Stopped, every_fault

ERRORS = [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EMFILE, errno.EDQUOT]


def attempt(work):
    """Run `work`; say whether it was acknowledged. Only a sentence of ours or the end of the process may come out."""
    try:
        work()
    except Stopped:
        return False
    except StoreError as problem:
        assert "could not" in str(problem)
        return False
    return True


@pytest.mark.parametrize("number", ERRORS)
def test_a_put_that_fails_anywhere_leaves_the_whole_blob_or_none(store, number):
    payloads = (bytes([each % 251]) * 70_000 + str(each).encode() for each in itertools.count())

    def run(disk: FaultyDisk):
        data = next(payloads)
        half = len(data) // 2
        acknowledged = attempt(lambda: Blobs(store.layout, disk, read_back=True).put([data[:half], data[half:]]))
        name = store.blobs.put(data)  # the disk is well again
        assert store.blobs.get(name, verify=True) == data
        return disk, name, acknowledged

    outcomes = list(every_fault(run, number))
    assert sum(each[2] for each in outcomes) >= 5  # the last run of each kind reaches no fault
    assert list(store.blobs.iterate()) == sorted(each[1] for each in outcomes)
    assert store.verify(read_data=True).is_clean
    left = list(store.layout.tmp.iterdir())
    # What stays in tmp is what a dead process or a disk that fails for ever left; the janitor takes it.
    assert len(left) <= sum(each[0].fault in {"for_ever", "stop_before", "stop_after"} for each in outcomes)


def test_a_put_that_fails_once_leaves_nothing_in_tmp(store):
    for k in range(1, 5):
        assert not attempt(lambda k=k: Blobs(store.layout, FaultyDisk(k, "once")).put(b"x%d" % k))
    assert not any(store.layout.tmp.iterdir())
    assert not any(store.blobs.iterate())


@pytest.mark.parametrize("number", ERRORS)
def test_an_append_that_fails_anywhere_writes_all_facts_or_none(store, number):
    count = itertools.count()

    def run(disk: FaultyDisk):
        tag = str(next(count))
        blob = store.blobs.put(tag.encode())
        before = store.ledger.head().seq
        facts = [
            NewFact("a.b", tag, {"blob": blob, "n": n}, Actor("person", "Ann"), personal={"p": "q"}) for n in range(3)
        ]

        def work():
            with Store.open(store.root, disk=disk) as faulty:
                faulty.ledger.append(facts, [(tag, {"blob": blob})])

        acknowledged = attempt(work)
        written = store.ledger.facts(subject=tag)
        assert len(written) in ({3} if acknowledged else {0, 3})
        assert (store.ledger.work(tag) is not None) == bool(written)
        assert store.ledger.head().seq == before + len(written)
        return acknowledged

    assert sum(every_fault(run, number)) >= 5
    assert store.verify(read_data=True).is_clean


def test_work_that_failed_is_done_once_when_it_is_done_again(store):
    count = itertools.count()

    def run(disk: FaultyDisk):
        key = str(next(count))

        def work():
            with Store.open(store.root, disk=disk) as faulty:
                name = faulty.blobs.put(key.encode())
                faulty.ledger.append_work(key, {"blob": name}, [NewFact("version.made", key, {"blob": name})])

        if not attempt(work):
            name = store.blobs.put(key.encode())
            store.ledger.append_work(key, {"blob": name}, [NewFact("version.made", key, {"blob": name})])
        assert len(store.ledger.facts(subject=key)) == 1
        assert store.blobs.get(store.ledger.work(key)["blob"], verify=True) == key.encode()

    list(every_fault(run))
    report = store.verify(read_data=True)
    assert report.is_clean and not report.extra


def test_assets_that_fail_to_be_written_are_written_whole_later(store):
    count = itertools.count(1)

    def run(disk: FaultyDisk):
        sha256 = f"{next(count):064x}"
        asset = Asset(sha256, "/a", 1, "raw", 1, 1, 14, "camera", Capture())
        seen = Seen(asset, Sighting("b", Reference(f"/{sha256}", 1, 1, sha256)), (NewFact("asset.seen", sha256, {}),))

        def work():
            with Store.open(store.root, disk=disk) as faulty:
                faulty.ledger.append_assets([seen])

        attempt(work)
        assert store.ledger.append_assets([seen])[0] in {"new", "known"}
        assert len(store.ledger.facts(subject=sha256)) == 1

    list(every_fault(run))
    assert store.verify().is_clean


def test_a_store_is_made_whole_or_not_at_all(folder):
    count = itertools.count()

    def run(disk: FaultyDisk):
        root = folder / str(next(count))
        acknowledged = attempt(lambda: Store.create(root, disk=disk).close())
        try:
            with Store.open(root) as opened:
                assert opened.verify().is_clean
        except NoStoreError:
            assert not acknowledged
            Store.create(root).close()  # the disk is well again
        shutil.rmtree(root)
        return acknowledged

    # When the store is there and only its closing note failed, making it counts as done.
    assert sum(every_fault(run, faults=("once", "stop_after"))) >= 2


def test_raising_the_generation_may_stop_anywhere(store):
    def run(disk: FaultyDisk):
        before = store.marker.generation

        def work():
            with Store.open(store.root, disk=disk) as faulty:
                faulty.raise_generation()

        attempt(work)
        with Store.open(store.root) as again:
            assert again.marker.generation in {before, before + 1}
            assert again.marker.following is None
            store.marker = again.marker
        marker = json.loads(store.layout.marker.read_bytes())
        assert marker["generation"] == store.marker.generation

    list(every_fault(run))


def compound(store, most: int) -> int:
    """Stop the process at operation k, and fail the next one, which recovers, at operation j; return the pairs."""
    name = store.blobs.put(b"kept")
    store.ledger.append([NewFact("a.b", name, {})])
    store.close()
    pairs = 0
    for k, j in itertools.product(range(1, most + 1), repeat=2):

        def work(disk):
            with Store.open(store.root, disk=disk) as faulty:
                faulty.raise_generation()
                faulty.ledger.append([NewFact("c.d", faulty.blobs.put(b"new"), {})])

        attempt(lambda k=k: work(FaultyDisk(k, "stop_after")))
        attempt(lambda j=j: work(FaultyDisk(j, "once")))
        with Store.open(store.root) as again:
            assert again.ledger.facts(kind="a.b")[0].subject == name
            assert again.verify(read_data=True).is_clean
        pairs += 1
    return pairs


def test_a_fault_while_recovering_from_a_fault_loses_nothing(store):
    assert compound(store, 5) == 25


@pytest.mark.slow
def test_five_hundred_pairs_of_faults_lose_nothing(store):
    assert compound(store, 23) == 529


def test_the_janitor_fails_cleanly(store):
    (store.layout.tmp / "a.part").write_bytes(b"x")
    with pytest.raises(StoreError, match="read-only"):
        Store(store.layout, store.marker, store.blobs, store.ledger, FaultyDisk(1, "once", errno.EROFS)).janitor(
            older_than_s=-1
        )
    assert len(store.janitor(older_than_s=-1)) == 1


def test_a_size_limit_on_files_is_an_error_and_not_a_death(tmp_path):
    """A real limit of the kernel instead of a made one."""
    import subprocess
    import sys

    code = """
import resource, signal, sys
from safelight.core.facts import NewFact
from safelight.errors import StoreError
from safelight.store import Store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Store.create(sys.argv[1]) as store:
    name = store.blobs.put(b"small")
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
    large = NewFact("a.b", "", {"x": "y" * 1_000_000})
    for work in (lambda: store.blobs.put(bytes(1_000_000)), lambda: store.ledger.append([large])):
        try:
            work()
        except StoreError as problem:
            print(problem)
        else:
            sys.exit("no error")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert list(store.blobs.iterate()) == [name] and store.ledger.head().seq == 0
    store.ledger.append([NewFact("a.b", store.blobs.put(bytes(1_000_000)), {"x": "y" * 1_000_000})])
    assert store.verify(read_data=True).is_clean
"""
    root = Path(tempfile.mkdtemp(dir=tmp_path)) / "s"
    done = subprocess.run([sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "larger than the file system" in done.stdout


def test_a_layout_names_its_scratch_files_apart(store):
    layout = Layout(store.root)
    assert len({layout.scratch() for _ in range(1000)}) == 1000
