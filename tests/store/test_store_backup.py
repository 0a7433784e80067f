"""Backups and restores: I-01 to I-05 of the reliability list."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import threading
import time
from contextlib import closing, suppress

import pytest

from safelight.core.facts import NewFact
from safelight.errors import StoreError, StoreLockedError
from safelight.store import Store, migrate, tables
from safelight.store.backup import LEDGER, LIST, MARKER, back_up, damages, list_snapshots
from safelight.store.io import Disk
from safelight.store.owner import Owner
from safelight.store.restore import restore
from tests.store.disks import FaultyDisk, Stopped, every_fault


def decide(store, n):
    """Keep a blob and a decision that rests on it, as a run would."""
    sha256 = store.blobs.put(f"version {n}".encode() * (1 + n % 50))
    store.ledger.append([NewFact("decision.made", sha256, {"n": n, "master": sha256}, batch="b")])
    return sha256


@pytest.fixture
def filled(store):
    for n in range(20):
        decide(store, n)
    (store.layout.credentials).mkdir()
    (store.layout.credentials / "signer.json").write_text("{}")
    return store


def numbers(store):
    return [each.body["n"] for each in store.ledger.facts(kind="decision.made")]


def opened(root):
    return Store.open(root)


# I-01


def test_i_01_a_backup_under_load_restores_to_every_decision_before_it_and_no_dangling_blob(store, folder):
    acknowledged, stop, most = [], threading.Event(), [0]

    def work():
        n = 0
        while not stop.is_set():
            if n >= most[0]:  # as much as a backup is long on a slow machine; the next backup allows for more
                stop.wait(0.01)
                continue
            decide(store, n)
            acknowledged.append(n)
            n += 1

    worker = threading.Thread(target=work)
    worker.start()
    promised = {}
    for at in range(3):
        before = len(acknowledged)
        most[0] = before + 1000
        while len(acknowledged) < before + 40:
            time.sleep(0.01)
        before = len(acknowledged)
        made = store.back_up(folder / "backup")
        promised[made.snapshot.name] = before
        assert made.snapshot.losses == ()
        assert at == 0 or made.copied < made.snapshot.blobs  # the second copies what is new
    stop.set()
    worker.join()
    sample = random.Random(4)
    for name, least in promised.items():
        root = folder / f"machine-{name[-4:]}"
        done = restore(folder / "backup", root, Disk(), name=name)
        with opened(root) as restored:
            found = numbers(restored)
            assert found[:least] == list(range(least))
            assert restored.verify(read_data=True).is_clean
            facts = restored.ledger.facts(kind="decision.made")
            for each in sample.sample(facts, min(100, len(facts))):
                n = each.body["n"]
                assert restored.blobs.get(each.subject) == f"version {n}".encode() * (1 + n % 50)
        assert done.losses == ()


def test_i_01_on_an_empty_machine_everything_is_there_and_the_key_is_kept_close(filled, folder):
    made = filled.back_up(folder / "backup")
    done = restore(folder / "backup", folder / "other", Disk())
    with opened(done.root) as restored:
        assert numbers(restored) == list(range(20))
        assert restored.marker.store == filled.marker.store
        assert restored.marker.generation == filled.marker.generation + 1
        assert restored.verify(read_data=True).is_clean
    key = done.root / "credentials" / "signer.json"
    assert (key.stat().st_mode & 0o777, key.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert made.snapshot.facts == 20


def test_a_second_backup_copies_only_what_is_new(filled, folder):
    first = filled.back_up(folder / "backup")
    again = filled.back_up(folder / "backup")
    decide(filled, 99)
    third = filled.back_up(folder / "backup")
    assert (first.copied, again.copied, third.copied) == (20, 0, 1)
    assert [each.facts for each in list_snapshots(folder / "backup")[0]] == [20, 20, 21]


def test_an_earlier_snapshot_can_be_had_back(filled, folder):
    first = filled.back_up(folder / "backup").snapshot
    decide(filled, 99)
    filled.back_up(folder / "backup")
    restore(folder / "backup", folder / "then", Disk(), name=first.name)
    with opened(folder / "then") as then:
        assert numbers(then) == list(range(20))


def test_a_backup_never_touches_the_store_or_leaves_anything_beside_the_copied_database(filled, folder):
    before = {path: path.stat().st_mtime_ns for path in filled.layout.blobs.rglob("*") if path.is_file()}
    made = filled.back_up(folder / "backup").snapshot
    assert {path: path.stat().st_mtime_ns for path in filled.layout.blobs.rglob("*") if path.is_file()} == before
    lying = {each.name for each in (folder / "backup" / "snapshots" / made.name).iterdir()}
    assert lying == {LEDGER, LIST, "signer.json"}
    assert list((folder / "backup" / "tmp").iterdir()) == []


# I-02


def test_i_02_the_database_comes_first_then_blobs_then_the_manifest(filled, folder):
    class Watching(Disk):
        def __init__(self):
            self.order = []

        def dump(self, connection, path):
            self.order.append("database")
            super().dump(connection, path)

        def rename(self, old, new):
            kind = "manifest" if new.suffix == ".json" and new.parent.name == "snapshots" else None
            self.order.append(kind or ("blob" if len(new.name) == 62 else "file"))
            super().rename(old, new)

    disk = Watching()
    backup(filled, folder / "backup", disk)
    told = [each for each in disk.order if each != "file"]
    assert told == ["database", *["blob"] * 20, "manifest"]


def backup(store, place, disk):
    return back_up(store.layout, store.marker, store.ledger.database, store.blobs, place, disk)


def test_i_02_a_backup_interrupted_anywhere_never_looks_whole_and_the_next_one_is(store, folder):
    for n in range(3):
        decide(store, n)
    ran = 0

    def attempt(disk):
        place = folder / "backup"
        shutil.rmtree(place, ignore_errors=True)
        try:
            backup(store, place, disk)
        except (StoreError, Stopped):
            if (place / MARKER).is_file():
                for each in list_snapshots(place)[0]:
                    # The very last operation is the sync of the manifest's folder: it was whole already.
                    assert disk.k == disk.count
                    assert list(damages(place, each)) == []
        assert backup(store, place, Disk()).snapshot.facts == 3
        newest = list_snapshots(place)[0][-1]
        assert list(damages(place, newest)) == []
        return True

    for _ in every_fault(attempt, faults=("once", "half_a_write", "stop_after")):
        ran += 1
    assert ran > 60


def test_i_02_copying_is_done_by_sqlite_and_never_by_copying_the_file(filled, folder):
    # Rows that are still in the write-ahead log alone are in the copy.
    assert (filled.layout.root / "ledger.sqlite-wal").stat().st_size > 0
    made = filled.back_up(folder / "backup").snapshot
    with closing(sqlite3.connect(folder / "backup" / "snapshots" / made.name / LEDGER)) as copy:
        assert copy.execute("SELECT count(*) FROM fact").fetchone() == (20,)


def test_i_02_a_half_made_backup_is_refused_by_name(filled, folder):
    whole = filled.back_up(folder / "backup").snapshot
    decide(filled, 77)
    half = filled.back_up(folder / "backup").snapshot
    (folder / "backup" / "snapshots" / f"{half.name}.json").unlink()
    with pytest.raises(StoreError, match=f"{half.name} is half made: .* Whole ones are: {whole.name}"):
        restore(folder / "backup", folder / "new", Disk(), name=half.name)
    assert restore(folder / "backup", folder / "new", Disk()).snapshot == whole


# I-03


def harm(path, *, at=0.5):
    data = bytearray(path.read_bytes())
    data[int(len(data) * at)] ^= 1
    os.chmod(path, 0o644)
    path.write_bytes(data)


@pytest.mark.parametrize("what", ["damaged", "missing"])
def test_i_03_a_damaged_backup_is_refused_or_restored_with_a_list_of_losses(filled, folder, what):
    place = folder / "backup"
    made = filled.back_up(place).snapshot
    sha256 = filled.ledger.facts()[7].subject
    blob = place / "blobs" / sha256[:2] / sha256[2:]
    harm(blob) if what == "damaged" else blob.unlink()
    with pytest.raises(StoreError, match=rf"{made.name} .* is damaged: blob {sha256} is {what}"):
        restore(place, folder / "new", Disk())
    assert not (folder / "new").exists()
    if what == "missing":
        done = restore(place, folder / "new", Disk(), accept_losses=True)
        assert done.losses == (f"blob {sha256} is missing",)
        with opened(folder / "new") as restored:
            assert numbers(restored) == list(range(20))


def test_i_03_a_damaged_database_cannot_be_restored_at_all(filled, folder):
    made = filled.back_up(folder / "backup").snapshot
    harm(folder / "backup" / "snapshots" / made.name / LEDGER)
    for accept in (False, True):
        with pytest.raises(StoreError, match=f"{made.name}/{LEDGER} is damaged"):
            restore(folder / "backup", folder / "new", Disk(), accept_losses=accept)


def test_i_03_what_was_there_is_kept_as_a_restore_point(filled, folder):
    place, root = folder / "backup", filled.root
    filled.back_up(place)
    decide(filled, 99)
    filled.close()
    done = restore(place, root, Disk())
    with opened(root) as restored:
        assert numbers(restored) == list(range(20))
    with opened(done.kept) as before:
        assert numbers(before) == [*range(20), 99]


def test_i_03_a_restore_that_breaks_anywhere_leaves_the_old_store_or_the_new_one(folder):
    with Store.create(folder / "first") as store:
        for n in range(2):
            decide(store, n)
        store.back_up(folder / "backup")
        decide(store, 2)
    root = folder / "store"
    pristine = folder / "pristine"
    (folder / "first").rename(pristine)

    def attempt(disk):
        for each in folder.glob("store*"):
            shutil.rmtree(each)
        for each in folder.glob(".store*"):
            shutil.rmtree(each)
        shutil.copytree(pristine, root)
        with suppress(StoreError, Stopped):
            restore(folder / "backup", root, disk)
        if not root.exists():  # stopped between the two renames: the store has its kept name, whole
            kept = list(folder.glob("store.before-restore-*"))
            assert len(kept) == 1
            kept[0].rename(root)
        with opened(root) as store:
            assert numbers(store) in ([0, 1], [0, 1, 2])
        return True

    # Every operation would be 300 folders' syncs; the ones that matter are at the ends, the rest is sampled.
    tried = [*range(1, 18), *range(18, 600, 61)]
    for fault in ("once", "stop_after"):
        for k in tried:
            disk = FaultyDisk(k, fault)
            attempt(disk)
            if not disk.reached:
                break


def test_i_03_a_store_in_use_is_not_restored_over(filled, folder):
    filled.back_up(folder / "backup")
    with Owner(filled.root, lambda *_: iter(())), pytest.raises(StoreLockedError, match="is in use by process"):
        restore(folder / "backup", filled.root, Disk())


def test_what_the_store_had_lost_is_named_in_the_backup(filled, folder):
    sha256 = filled.ledger.facts()[3].subject
    harm(filled.blobs.path(sha256))
    made = filled.back_up(folder / "backup")
    assert made.snapshot.losses == (sha256,)
    assert list(damages(folder / "backup", made.snapshot)) == [f"blob {sha256} was lost before the backup"]


# Places that do not serve


def test_another_stores_backup_is_not_added_to(filled, folder):
    with Store.create(folder / "other") as other:
        other.back_up(folder / "backup")
    with pytest.raises(StoreError, match="holds backups of store .*: name another folder"):
        filled.back_up(folder / "backup")


def test_a_folder_with_something_else_in_it_is_refused(filled, folder):
    (folder / "photos").mkdir()
    (folder / "photos" / "a.jpg").write_bytes(b"x")
    with pytest.raises(StoreError, match="holds something else and is no backup"):
        filled.back_up(folder / "photos")
    with pytest.raises(StoreError, match="is no backup of safelight"):
        restore(folder / "photos", folder / "new", Disk())
    assert (folder / "photos" / "a.jpg").read_bytes() == b"x"


def test_a_backup_into_the_store_itself_is_refused(filled):
    with pytest.raises(StoreError, match="lies in the store itself"):
        filled.back_up(filled.root / "backup")


def test_a_restore_over_something_that_is_no_store_is_refused(filled, folder):
    filled.back_up(folder / "backup")
    (folder / "photos").mkdir()
    (folder / "photos" / "a.jpg").write_bytes(b"x")
    with pytest.raises(StoreError, match="something that is no store lies at"):
        restore(folder / "backup", folder / "photos", Disk())


def test_a_manifest_that_was_changed_is_not_trusted(filled, folder):
    made = filled.back_up(folder / "backup").snapshot
    (folder / "backup" / "snapshots" / f"{made.name}.json").write_text("{}")
    with pytest.raises(StoreError, match="is damaged"):
        restore(folder / "backup", folder / "new", Disk())


# I-04 and I-05


@pytest.fixture
def first_schema(folder):
    """A store as the first released schema left it, with every kind of row."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    with Store.create(folder / "old") as store:
        for n in range(30):
            decide(store, n)
        store.ledger.append([NewFact("x.y", "s", {"who": 1}, personal={"name": "Ines"})], [("key", {"n": 1})])
    engine = create_engine(f"sqlite:///{folder / 'old' / 'ledger.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    engine.dispose()
    return folder / "old"


def counts(path):
    names = ("fact", "personal", "work", "asset", "sighting", "fact_blob", "work_blob", "store")
    with closing(sqlite3.connect(path)) as connection:
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


def test_i_04_every_released_schema_migrates_with_every_row_and_the_chain_whole(first_schema):
    before = counts(first_schema / "ledger.sqlite")
    with closing(sqlite3.connect(first_schema / "ledger.sqlite")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
    with opened(first_schema) as store:
        assert store.verify(read_data=True).is_clean
        assert numbers(store) == list(range(30))
        assert store.ledger.facts(kind="x.y")[0].personal == {"name": "Ines"}
        assert store.ledger.work("key") == {"n": 1}
    assert counts(first_schema / "ledger.sqlite") == before


def test_i_04_an_older_safelight_refuses_a_newer_database_with_a_clear_message(filled):
    root = filled.root
    with filled.ledger.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    filled.close()
    with pytest.raises(StoreError, match=r"written by a newer safelight \(schema 9999, this one knows"):
        opened(root)


def test_i_05_a_dump_is_made_before_a_migration_and_can_be_put_back(first_schema):
    with opened(first_schema):
        pass
    dumps = list((first_schema / "dumps").iterdir())
    assert [each.name.split("-")[1] for each in dumps] == ["0001"]
    assert counts(dumps[0])["fact"] == 31
    # Put back: the ledger as it was, and the anchor of the one that is given up goes.
    (first_schema / "ledger.sqlite").rename(first_schema.parent / "given-up.sqlite")
    shutil.copy(dumps[0], first_schema / "ledger.sqlite")
    (first_schema / "ledger.head").unlink()
    with opened(first_schema) as store:
        assert numbers(store) == list(range(30))
        assert store.verify(read_data=True).is_clean


def test_i_05_dumps_are_kept(filled, monkeypatch):
    for _ in range(16):
        migrate.dump(filled.ledger.database, filled.layout, Disk(), tables.REVISION)
    assert len(list(filled.layout.dumps.iterdir())) == 16
    assert all(counts(each)["fact"] == 20 for each in filled.layout.dumps.iterdir())


def test_a_restored_store_of_an_older_schema_is_migrated(first_schema, folder):
    # A backup that an older safelight wrote: its ledger is of the first schema.
    with Store.create(folder / "new") as store:
        decide(store, 1)
        made = store.back_up(folder / "backup").snapshot
    place = folder / "backup" / "snapshots" / made.name / LEDGER
    shutil.copy(folder / "new" / "ledger.sqlite", place)
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    engine = create_engine(f"sqlite:///{place}")
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    engine.dispose()
    manifest = folder / "backup" / "snapshots" / f"{made.name}.json"
    told = json.loads(manifest.read_text())
    from safelight.store.backup import _hash

    told["files"][LEDGER] = _hash(place)
    manifest.write_text(json.dumps(told))
    done = restore(folder / "backup", folder / "restored", Disk())
    with opened(done.root) as store:
        assert numbers(store) == [1]
