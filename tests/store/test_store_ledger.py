"""Facts in order, chained; work once; assets once."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from safelight.core.facts import Actor, Asset, Capture, NewFact
from safelight.errors import BlobMissingError, ParameterError, StoreError, StoreLockedError
from safelight.store import Store
from safelight.store.assets import Seen, Sighting
from safelight.store.chain import GENESIS, Head
from safelight.store.database import Database
from safelight.store.io import Disk
from safelight.store.originals import Reference
from safelight.store.rows import page

ANN = Actor("person", "Ann")


def asset(number, path="/card/a.nef"):
    sha256 = f"{number:064x}"
    return Asset(sha256, path, 10, "raw", 6000, 4000, 14, "camera", Capture(make="Nikon", iso=100.0))


def seen(number, path="/card/a.nef", batch="b"):
    facts = (NewFact("asset.seen", f"{number:064x}", {"path": path}, batch=batch),)
    return Seen(asset(number, path), Sighting(batch, Reference(path, 10, 1, f"{number:064x}")), facts)


def test_a_new_ledger_is_empty(store):
    assert store.ledger.head() == Head(0, GENESIS)
    assert store.ledger.facts() == []


def test_facts_come_back_as_they_were_written(store):
    written = store.ledger.append(
        [
            NewFact(
                "version.made",
                "v1",
                {"stops": 0.3, "spots": [[0.1, 0.2]], "name": "é\n\0"},
                ANN,
                "shoot",
                {"model": "Zoë"},
            ),
            NewFact("decision.made", "v1", {"decided": "approve"}),
        ]
    )
    assert [each.seq for each in written] == [1, 2]
    assert written[1].previous == written[0].hash
    assert store.ledger.facts() == written
    assert written[0].actor == ANN
    assert written[0].personal == {"model": "Zoë"}
    assert store.ledger.head() == Head(2, written[1].hash)
    assert store.ledger.append([]) == []


def test_facts_are_filtered_and_paged_by_number(store):
    store.ledger.append(
        [NewFact(f"k{each % 2}.x", f"s{each % 3}", {}, batch=f"b{each % 5}") for each in range(1, 1301)]
    )
    assert [each.seq for each in store.ledger.facts(kind="k1.x", subject="s0", batch="b0")][:3] == [15, 45, 75]
    assert len(store.ledger.facts(kind=["k0.x", "k1.x"])) == 1300
    assert [each.seq for each in store.ledger.facts(after=1298)] == [1299, 1300]
    assert [each.seq for each in store.ledger.facts(after=600, limit=2)] == [601, 602]
    assert store.ledger.latest(subject="s1").seq == 1300
    assert store.ledger.latest(kind="none") is None


@pytest.mark.parametrize("kind", [None, "k0.x", ["k0.x", "k1.x"], []])
@pytest.mark.parametrize("subject", [None, "s1"])
@pytest.mark.parametrize("batch", [None, "b1"])
def test_no_page_of_facts_needs_a_walk_over_the_ledger(store, kind, subject, batch):
    query = page(kind, subject, batch, after=5, last=900, limit=50)
    text = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    with store.ledger.database.reading() as connection:
        plan = [each[3] for each in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + text)]
    assert not [each for each in plan if each.startswith("SCAN fact")]
    assert not [each for each in plan if "TEMP B-TREE" in each]
    if subject:
        assert any("fact_by_subject" in each for each in plan)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    kind=st.sampled_from([None, "k0.x", ["k0.x", "k2.x"], ["none"], []]),
    subject=st.sampled_from([None, "s0", "s1"]),
    batch=st.sampled_from([None, "b0", "b3"]),
    after=st.integers(0, 130),
    limit=st.sampled_from([None, 0, 1, 7, 200]),
)
def test_filters_agree_with_a_filter_in_python(store, kind, subject, batch, after, limit):
    if store.ledger.head().seq == 0:
        store.ledger.append([NewFact(f"k{n % 3}.x", f"s{n % 4}", {}, batch=f"b{n % 5}") for n in range(120)])
    kinds = [kind] if isinstance(kind, str) else kind
    expected = [
        each
        for each in store.ledger.facts()
        if each.seq > after
        and (kinds is None or each.kind in kinds)
        and (subject is None or each.subject == subject)
        and (batch is None or each.batch == batch)
    ]
    assert store.ledger.facts(kind, subject, batch, after, limit) == (expected if limit is None else expected[:limit])
    assert list(store.ledger.iterate(kind, subject, batch, after)) == expected


def test_numbers_order_facts_when_the_clock_jumps_back(folder):
    times = iter([datetime(2026, 5, 1, 12, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)])
    with Store.create(folder / "store", clock=lambda: next(times)) as store:
        store.ledger.append([NewFact("a.b", "", {})])
        store.ledger.append([NewFact("a.b", "", {})])
        facts = store.ledger.facts()
        assert [each.seq for each in facts] == [1, 2]
        assert [each.at for each in facts] == ["2026-05-01T12:00:00.000000+00:00", "2020-01-01T00:00:00.000000+00:00"]
        assert store.verify().is_clean


def test_dates_are_kept_in_utc_and_need_a_zone(folder):
    east = datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    with Store.create(folder / "store", clock=lambda: east) as store:
        assert store.ledger.append([NewFact("a.b", "", {})])[0].at == "2026-05-01T10:00:00.000000+00:00"
    zoneless = east.replace(tzinfo=None)
    with (
        Store.open(folder / "store", clock=lambda: zoneless) as store,
        pytest.raises(ParameterError, match="without a zone"),
    ):
        store.ledger.append([NewFact("a.b", "", {})])


def test_names_that_are_not_utf_8_survive(store):
    path = os.fsdecode(b"/card/caf\xe9/\xff.nef")
    store.ledger.append([NewFact("asset.seen", path, {"path": path}, batch=path)], [(path, {"path": path})])
    store.ledger.append_assets([seen(1, path, path)])
    assert store.ledger.facts(subject=path, batch=path)[0].body == {"path": path}
    assert store.ledger.work(path) == {"path": path}
    assert store.ledger.asset(f"{1:064x}").path == path
    assert store.ledger.sightings(batch=path)[0].reference.path == path
    assert store.verify().is_clean


@pytest.mark.parametrize("body", [{"x": float("nan")}, {"x": object()}, {"x": b"bytes"}])
def test_a_body_that_is_no_json_is_refused_and_nothing_is_written(store, body):
    with pytest.raises(ParameterError, match=r"the body of a\.b is no JSON data"):
        store.ledger.append([NewFact("a.a", "", {}), NewFact("a.b", "", body)])
    assert store.ledger.head().seq == 0


def test_known_work_keeps_its_first_result_and_its_facts_once(store):
    done = NewFact("version.made", "v", {})
    assert store.ledger.append_work("key", {"n": 1}, [done]) is True
    assert store.ledger.append_work("key", {"n": 2}, [done]) is False
    assert store.ledger.work("key") == {"n": 1}
    assert len(store.ledger.facts()) == 1
    store.ledger.append([], [("key", {"n": 3}), ("other", {"n": 4})])
    assert store.ledger.works(["key", "other", "none"]) == {"key": {"n": 1}, "other": {"n": 4}}
    assert store.ledger.work("none") is None


def test_many_keys_are_looked_up_at_once(store):
    store.ledger.append([], [(f"k{each}", {"n": each}) for each in range(1200)])
    assert len(store.ledger.works(f"k{each}" for each in range(0, 2000))) == 1200


def test_a_fact_rests_only_on_blobs_that_are_there(store):
    with pytest.raises(BlobMissingError, match="not in the store"):
        store.ledger.append([NewFact("a.b", "", {})], blobs=["0" * 64])
    store.ledger.append([NewFact("a.b", "", {})], blobs=[store.blobs.put(b"x")])


def test_one_content_is_one_asset_however_often_it_is_seen(store):
    assert store.ledger.append_assets([seen(1), seen(2, "/card/b.nef"), seen(1, "/card/copy.nef")]) == [
        "new",
        "new",
        "again",
    ]
    assert store.ledger.append_assets([seen(1), seen(2, "/card/b.nef")]) == ["known", "known"]
    assert store.ledger.append_assets([seen(1, batch="later")]) == ["again"]
    assert store.ledger.append_assets([seen(3)]) == ["changed"]
    assert [each.sha256[-1] for each in store.ledger.assets()] == ["1", "2", "3"]
    assert [each.sha256[-1] for each in store.ledger.assets(batch="b")] == ["1", "2", "3"]
    assert len(store.ledger.facts(kind="asset.seen")) == 5
    assert store.ledger.asset(f"{1:064x}") == asset(1)
    assert store.ledger.asset("f" * 64) is None
    assert [each.batch for each in store.ledger.sightings(sha256=f"{1:064x}")] == ["b", "later"]


def test_erasing_a_name_leaves_the_chain_valid_and_no_trace_in_the_files(store):
    store.ledger.append([NewFact("model.named", "m", {}, ANN, personal={"name": "Zoe Quarz", "agency": "X"})])
    store.ledger.append([NewFact("decision.made", "v", {"decided": "approve"}, Actor("person", "Zoe Quarz"))])
    assert store.ledger.erase("Zoe Quarz", ANN) == [(1, "name"), (2, "@actor")]
    first, second, told = store.ledger.facts()
    assert first.personal == {"agency": "X"}
    assert second.actor.name == "(erased)"
    assert (told.kind, told.actor, told.body["fields"]) == ("personal.erased", ANN, [[1, "name"], [2, "@actor"]])
    assert store.verify().is_clean
    assert store.ledger.erase("Zoe Quarz", ANN) == []
    store.close()
    for each in store.root.glob("ledger.sqlite*"):
        assert b"Zoe Quarz" not in each.read_bytes()


def test_personal_names_of_the_ledgers_own_are_refused(store):
    with pytest.raises(ParameterError, match="@actor"):
        store.ledger.append([NewFact("a.b", "", {}, personal={"@actor": "Eve"})])


def test_the_database_is_set_for_durability(store):
    with store.ledger.database.reading() as connection:
        found = {
            each: connection.exec_driver_sql(f"PRAGMA {each}").scalar()
            for each in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "secure_delete": 1,
    }


def test_a_connection_does_not_survive_a_fork(store):
    database = store.ledger.database
    store.ledger.head()
    database._pid -= 1  # as a child sees it
    try:
        with pytest.raises(StoreError, match="does not survive a fork"):
            store.ledger.head()
        with pytest.raises(StoreError, match="does not survive a fork"):
            store.ledger.append([NewFact("a.b", "", {})])
    finally:
        database._pid += 1


def test_a_writer_that_waits_too_long_is_told_so(store):
    other = sqlite3.connect(store.layout.ledger, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    impatient = Database(store.layout.ledger, Disk(), busy_s=0.05)
    with pytest.raises(StoreLockedError, match="another process"), impatient.writing():
        pass
    other.execute("ROLLBACK")
    other.close()
    impatient.close()


def test_a_full_disk_is_told_and_nothing_is_written(store):
    store.ledger.append([NewFact("a.b", "", {})])
    with store.ledger.database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    store.ledger.database._engine.dispose()
    connect = store.ledger.database._connect

    def small():
        connection = connect()
        connection.execute(f"PRAGMA max_page_count={pages}")
        return connection

    store.ledger.database._engine.pool._creator = small
    with pytest.raises(StoreError, match="is full; free some space"):
        store.ledger.append([NewFact("a.b", "", {"x": "y" * 100_000})])
    store.ledger.database._engine.dispose()
    store.ledger.database._engine.pool._creator = connect
    assert len(store.ledger.append([NewFact("a.b", "", {"x": "y" * 100_000})])) == 1
    assert store.verify().is_clean


def test_threads_append_without_loss(store):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.ledger.append([NewFact("a.b", str(n), {})]), range(200)))
    assert sorted(int(each.subject) for each in store.ledger.facts()) == list(range(200))
    assert store.verify().is_clean


AUDIT = """
import sys
from pathlib import Path
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from safelight.core.facts import NewFact
from safelight.store import Store
root = Path(sys.argv[1])
with Store.create(root) as store:
    store.ledger.append([NewFact("a.b", store.blobs.put(b"x"), {})])
    store.raise_generation()
with Store.open(root) as store:
    store.verify(read_data=True)
bad = [each for each in opened if "ledger.sqlite" in each]
assert any("safelight-store.json" in each for each in opened)
sys.exit(f"opened besides the driver: {bad}" if bad else 0)
"""


def test_nobody_but_the_driver_opens_the_database_file(folder):
    done = subprocess.run([sys.executable, "-c", AUDIT, str(folder / "s")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


WORKER = """
import sys
from safelight.store.blobs import open_blobs
open_blobs(sys.argv[1]).put(b"x")
sys.exit("sqlalchemy" in sys.modules)
"""


def test_a_worker_puts_blobs_without_loading_the_database_library(store):
    assert subprocess.run([sys.executable, "-c", WORKER, str(store.root)], check=False).returncode == 0


def test_facts_are_frozen(store):
    fact = store.ledger.append([NewFact("a.b", "", {})])[0]
    assert replace(fact, kind="c.d") != fact
