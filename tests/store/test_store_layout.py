"""A store is a folder with a marker; its absence is told from its being offline."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from safelight.core.facts import NewFact
from safelight.errors import NoStoreError, StoreError, StoreOfflineError
from safelight.store import Store
from safelight.store.filesystem import kind_of, require_local
from safelight.store.io import Disk
from safelight.store.janitor import janitor


def test_a_store_that_is_not_there_exits_10_and_says_how_to_make_one(folder):
    with pytest.raises(NoStoreError, match="safelight run") as refusal:
        Store.open(folder / "none")
    assert refusal.value.exit_code == 10
    assert not (folder / "none").exists()


def test_an_empty_folder_is_an_unmounted_disk_not_a_new_store(folder):
    (folder / "mount").mkdir()
    with pytest.raises(StoreOfflineError, match="may not be mounted"):
        Store.open_or_create(folder / "mount")
    assert not any((folder / "mount").iterdir())


def test_a_missing_parent_is_never_made(folder):
    with pytest.raises(StoreOfflineError, match="is not there"):
        Store.open_or_create(folder / "usb" / "store")
    assert not (folder / "usb").exists()


@pytest.mark.parametrize("gone", ["safelight-store.json", "blobs", "ledger.sqlite"])
def test_a_store_that_lost_a_part_is_offline(folder, gone):
    Store.create(folder / "store").close()
    (folder / "store" / gone).rename(folder / "aside")
    with pytest.raises(StoreOfflineError, match=gone.replace(".", r"\.")):
        Store.open_or_create(folder / "store")
    assert not (folder / "store" / gone).exists()


def test_open_or_create_makes_a_store_once(folder):
    with Store.open_or_create(folder / "store") as first:
        first.ledger.append([NewFact("a.b", "", {})])
    with Store.open_or_create(folder / "store") as second:
        assert second.ledger.head().seq == 1
        assert second.marker == first.marker


def test_a_store_is_not_made_over_another_nor_over_files(folder):
    Store.create(folder / "store").close()
    with pytest.raises(StoreError, match="already"):
        Store.create(folder / "store")
    (folder / "photos").mkdir()
    (folder / "photos" / "a.jpg").write_bytes(b"x")
    with pytest.raises(StoreError, match="something else is there"):
        Store.create(folder / "photos")
    assert sorted(each.name for each in folder.iterdir()) == ["photos", "store"]


def test_a_ledger_of_another_store_is_refused(folder):
    Store.create(folder / "one").close()
    Store.create(folder / "two").close()
    shutil.copy(folder / "one" / "ledger.sqlite", folder / "two" / "ledger.sqlite")
    with pytest.raises(StoreError, match="generation 1 of store"):
        Store.open(folder / "two")


def test_a_ledger_of_an_older_generation_is_refused(folder):
    Store.create(folder / "store").close()
    shutil.copy(folder / "store" / "ledger.sqlite", folder / "old")
    with Store.open(folder / "store") as store:
        assert store.raise_generation() == 2
    Store.open(folder / "store").close()
    shutil.copy(folder / "old", folder / "store" / "ledger.sqlite")
    with pytest.raises(StoreError, match="old backup"):
        Store.open(folder / "store")


def test_an_old_copy_of_the_ledger_is_refused(folder):
    with Store.create(folder / "store") as store:
        store.ledger.append([NewFact("a.b", "", {})])
    shutil.copy(folder / "store" / "ledger.sqlite", folder / "old")
    with Store.open(folder / "store") as store:
        store.ledger.append([NewFact("a.b", "", {})])
    shutil.copy(folder / "old", folder / "store" / "ledger.sqlite")
    with pytest.raises(StoreError, match="fact 2 was in the ledger"):
        Store.open(folder / "store")
    with Store.open(folder / "store", inspect=True) as store:
        assert [each.seq for each in store.verify().chain] == [2]


@pytest.mark.parametrize("text", ["", "[]", '{"schema":1}', "\udcff"])
def test_a_damaged_marker_is_named(folder, text):
    Store.create(folder / "store").close()
    (folder / "store" / "safelight-store.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(StoreError, match="is damaged"):
        Store.open(folder / "store")


def test_a_newer_layout_is_refused(folder):
    Store.create(folder / "store").close()
    marker = folder / "store" / "safelight-store.json"
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"schema": 2}))
    with pytest.raises(StoreError, match="update safelight"):
        Store.open(folder / "store")


def test_a_store_may_lie_under_a_name_that_is_not_utf_8(folder):
    root = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9 ?#%20"))
    with Store.create(root) as store:
        sha256 = store.blobs.put(b"x")
        store.ledger.append([NewFact("a.b", sha256, {"path": str(root)})])
    with Store.open(root) as store:
        assert store.ledger.facts()[0].body["path"] == str(root)
        assert store.verify(read_data=True).is_clean


def test_a_moved_store_opens(folder):
    with Store.create(folder / "here") as store:
        sha256 = store.blobs.put(b"x")
    (folder / "here").rename(folder / "there")
    with Store.open(folder / "there") as store:
        assert store.blobs.get(sha256) == b"x"


def test_the_janitor_removes_only_what_is_older_than_a_day(store):
    tmp = store.layout.tmp
    (tmp / "old.part").write_bytes(b"12345")
    (tmp / "young.part").write_bytes(b"1")
    day_ago = time.time() - 90_000
    os.utime(tmp / "old.part", (day_ago, day_ago))
    assert [each.path.name for each in store.janitor(dry_run=True)] == ["old.part"]
    assert [(each.path.name, each.bytes) for each in store.janitor()] == [("old.part", 5)]
    assert [each.name for each in tmp.iterdir()] == ["young.part"]


def test_the_janitor_counts_from_the_time_it_is_given(store):
    (store.layout.tmp / "a.part").write_bytes(b"1")
    assert len(janitor(store.layout, Disk(), now=time.time() + 86_500, dry_run=True)) == 1


def test_a_creation_that_was_killed_is_cleaned_up_after_a_day(folder):
    left = folder / ".store.creating-0123456789abcdef"
    left.mkdir()
    Store.create(folder / "store").close()
    assert left.exists()
    day_ago = time.time() - 90_000
    os.utime(left, (day_ago, day_ago))
    shutil.rmtree(folder / "store")
    Store.create(folder / "store").close()
    assert not left.exists()


MOUNTS = (
    "22 1 253:0 / / rw,relatime - ext4 /dev/vda rw\n"
    "40 22 0:44 / /mnt/nas\\040one rw,relatime shared:3 - nfs4 nas:/photo rw\n"
    "41 40 8:1 / /mnt/nas\\040one/local rw - xfs /dev/sda1 rw\n"
    "42 22 0:50 / /mnt/share rw - 9p host rw\n"
)


def test_the_file_system_of_a_folder_is_that_of_the_nearest_mount():
    assert kind_of(Path("/home/ann/store"), MOUNTS) == "ext4"
    assert kind_of(Path("/mnt/nas one/store"), MOUNTS) == "nfs4"
    assert kind_of(Path("/mnt/nas one/local/store"), MOUNTS) == "xfs"


def test_a_network_file_system_is_refused_and_a_doubtful_one_warned_about():
    with pytest.raises(StoreError, match="network file system"):
        require_local(Path("/mnt/nas/store"), "nfs4")
    assert "9p" in require_local(Path("/mnt/share"), "9p")[0]
    assert require_local(Path("/home"), "ext4") == ()
