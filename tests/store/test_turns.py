"""Writers that queue up are committed together; each is told the truth about its own part."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from safelight.core.facts import NewFact
from safelight.errors import StoreError
from safelight.store import Store
from safelight.store.io import Disk


class SlowDisk(Disk):
    """Takes its time over a commit, as a platter does, and may fail from some commit on."""

    def __init__(self):
        self.commits, self.fails, self.until = 0, False, None

    def commit(self, connection):
        time.sleep(0.02)
        while self.until is not None and not self.until():
            time.sleep(0.01)
        self.commits += 1
        if self.fails:
            raise OSError(28, "No space left on device")
        super().commit(connection)


@pytest.fixture
def slow(tmp_path):
    disk = SlowDisk()
    with Store.create(tmp_path / "store", disk=disk) as store:
        disk.commits = 0
        yield store, disk


def write_at_once(store, count, write):
    """Let `count` threads write at the same moment; return what each got: facts, or its error."""
    start = threading.Barrier(count)

    def one(n):
        start.wait()
        try:
            return write(n)
        except Exception as error:
            return error

    with ThreadPoolExecutor(count) as crew:
        return list(crew.map(one, range(count)))


def test_writers_who_queue_up_wait_for_the_disk_together(slow):
    store, disk = slow
    turns, written = store.ledger.database._turns, []
    # A commit takes until everybody has come to the queue: how fast their threads start is the machine's affair.
    disk.until = lambda: turns._waiting + turns._open.written + len(written) >= 24

    def write(n):
        facts = store.ledger.append([NewFact("note.made", f"asset-{n}", {"n": n})])
        written.append(n)
        return facts

    told = write_at_once(store, 24, write)
    assert {each[0].subject for each in told} == {f"asset-{n}" for n in range(24)}
    assert disk.commits <= 3  # the first one alone, sixteen, and the rest
    assert [each.seq for each in store.ledger.facts()] == list(range(1, 25))
    assert store.verify_chain().is_clean


def test_one_who_fails_takes_back_their_own_part_alone(slow):
    store, _ = slow

    def write(n):
        def also(_):
            if n % 3 == 0:
                raise ValueError(f"no {n}")

        return store.ledger.guarded({}, also=also).append([NewFact("note.made", f"asset-{n}", {})])

    told = write_at_once(store, 12, write)
    assert [isinstance(each, ValueError) for each in told] == [n % 3 == 0 for n in range(12)]
    assert {each.subject for each in store.ledger.facts()} == {f"asset-{n}" for n in range(12) if n % 3}
    assert store.verify_chain().is_clean


def test_where_the_disk_fails_nobody_is_told_that_it_was_written(slow):
    store, disk = slow
    disk.fails = True
    told = write_at_once(store, 10, lambda n: store.ledger.append([NewFact("note.made", f"asset-{n}", {})]))
    assert all(isinstance(each, StoreError) for each in told)
    assert store.ledger.facts() == []
    disk.fails = False
    assert store.ledger.append([NewFact("note.made", "later", {})])[0].seq == 1


def test_who_was_told_is_in_the_file_that_a_reader_opens(slow, tmp_path):
    store, _ = slow
    seen = []

    def write(n):
        (fact,) = store.ledger.append([NewFact("note.made", f"asset-{n}", {})])
        seen.append(store.ledger.facts(subject=fact.subject) == [fact])
        return fact

    write_at_once(store, 12, write)
    assert seen == [True] * 12
