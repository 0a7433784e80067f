"""A hot folder takes what is whole, once, and puts everything away where people see how it went."""

from __future__ import annotations

import os

import pytest

from safelight.errors import StoreError, UsageError
from safelight.runs.hot_folder import HotFolder, watch


def settled(folder):
    """Look until what lies there has kept still."""
    for _ in range(2):
        folder.look()
    return folder.look()


def good(place):
    """Work that takes everything but what is called bad."""
    found = [each for each in sorted(place.rglob("*")) if each.is_file()]
    return [
        {
            "file": str(each.relative_to(place)),
            "standing": "refused" if "bad" in each.name else "waiting",
            "reasons": ["why"],
        }
        for each in found
    ]


@pytest.fixture
def root(tmp_path):
    return tmp_path


def test_a_file_is_taken_only_when_it_kept_its_size_and_time_over_three_looks(root):
    folder = HotFolder(root, good)
    (root / "a.jpg").write_bytes(b"12")
    assert (folder.look(), folder.look()) == ([], [])
    with (root / "a.jpg").open("ab") as file:
        file.write(b"3")
    assert (folder.look(), folder.look()) == ([], [])
    assert folder.look() == ["a.jpg"]


def test_a_copy_that_keeps_its_size_and_changes_its_time_is_not_whole(root):
    folder = HotFolder(root, good)
    (root / "a.jpg").write_bytes(b"1")
    for n in range(5):
        os.utime(root / "a.jpg", ns=(n, n))
        assert folder.look() == []


@pytest.mark.parametrize("name", ["a.jpg.part", "A.JPG.PART", "a.tmp", "x.crdownload", ".hidden.jpg"])
def test_a_name_of_something_unfinished_is_waited_for(root, name):
    folder = HotFolder(root, good)
    (root / name).write_bytes(b"1")
    assert settled(folder) == []
    (root / name).rename(root / "a.jpg")
    assert settled(folder) == ["a.jpg"]


def test_an_empty_file_is_not_taken(root):
    folder = HotFolder(root, good)
    (root / "a.jpg").touch()
    assert settled(folder) == []


def test_links_devices_and_its_own_folders_are_left_alone(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.jpg"
    outside.write_bytes(b"1")
    folder = HotFolder(root, good)
    (root / "link.jpg").symlink_to(outside)
    (root / "folder").symlink_to(outside.parent)
    os.mkfifo(root / "pipe.jpg")
    (root / "done" / "old.jpg").write_bytes(b"1")
    assert settled(folder) == []


def test_good_files_go_to_done_and_others_to_error_with_their_reason(root):
    folder = HotFolder(root, good)
    (root / "shoes").mkdir()
    (root / "shoes" / "a.jpg").write_bytes(b"1")
    (root / "bad.jpg").write_bytes(b"1")
    name = folder.claim(settled(folder))
    lines = {each["file"]: each["done"] for each in folder.finish(name)}
    assert lines == {"bad.jpg": False, "shoes/a.jpg": True}
    assert (root / "done" / name / "shoes" / "a.jpg").read_bytes() == b"1"
    assert (root / "error" / name / "bad.jpg").is_file()
    assert (root / "error" / name / "bad.jpg.reason.txt").read_text() == "why\n"
    assert list((root / "working").iterdir()) == []


def test_of_two_that_watch_one_gets_each_file(root):
    one, two = HotFolder(root, good), HotFolder(root, good)
    for n in range(20):
        (root / f"{n}.jpg").write_bytes(b"1")
    ready = settled(one)
    assert settled(two) == ready
    first, second = one.claim(ready, "one"), two.claim(ready, "two")
    assert (first, second) == ("one", "")
    assert len(list((root / "working" / "one").iterdir())) == 20
    assert not (root / "working" / "two").exists()


def test_what_was_being_worked_when_the_machine_went_down_is_finished_first(root):
    folder = HotFolder(root, good)
    (root / "a.jpg").write_bytes(b"1")
    name = folder.claim(settled(folder))
    again, told = HotFolder(root, good), []
    watch(again, told.append, once=True, sleep=lambda _: None)
    assert [(each["file"], each["claim"], each["done"]) for each in told] == [("a.jpg", name, True)]


def test_work_that_breaks_as_a_whole_leaves_every_file_with_the_sentence(root):
    def broken(_):
        raise StoreError("the disk is full")

    folder = HotFolder(root, broken)
    (root / "a.jpg").write_bytes(b"1")
    name = folder.claim(settled(folder))
    assert folder.finish(name)[0]["reason"] == "the disk is full"
    assert (root / "error" / name / "a.jpg").read_bytes() == b"1"


def test_a_thousand_files_that_arrive_bit_by_bit_are_each_taken_once(root):
    folder, told = HotFolder(root, good), []
    waiting = [f"{n:04}.jpg" for n in range(1000)]

    def arrive(_):
        for name in waiting[:150]:
            (root / name).write_bytes(b"x")
        del waiting[:150]

    arrive(0)
    watch(folder, told.append, once=True, sleep=arrive)
    while waiting or folder.seen:
        watch(folder, told.append, once=True, sleep=arrive)
    assert sorted(each["file"] for each in told) == [f"{n:04}.jpg" for n in range(1000)]


@pytest.mark.parametrize("name", ["a\nb.jpg", "-rf.jpg", "$(x).jpg", "\u202egpj.jpg", "ä" * 100 + ".jpg"])
def test_odd_names_come_through_and_run_nothing(root, name):
    folder = HotFolder(root, good)
    (root / name).write_bytes(b"1")
    claim = folder.claim(settled(folder))
    folder.finish(claim)
    assert (root / "done" / claim / name).read_bytes() == b"1"


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be watched"):
        HotFolder(tmp_path / "none", good)
