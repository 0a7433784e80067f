import errno
import os
import stat
import threading

import pytest

from safelight.delivery import place
from safelight.delivery.place import Shelf, hash_file, replace_file
from safelight.errors import DeliveryTargetError, UsageError


def test_a_file_lies_whole_under_its_name(tmp_path):
    placed = Shelf(tmp_path / "out" / "shop").put("A1.jpg", b"picture")
    assert placed.path.read_bytes() == b"picture"
    assert (placed.sha256, placed.bytes, placed.was_there) == (hash_file(placed.path), 7, False)
    assert os.listdir(tmp_path / "out" / "shop") == ["A1.jpg"]


def test_a_delivered_file_may_be_read_by_others(tmp_path):
    before = os.umask(0o022)
    try:
        placed = Shelf(tmp_path).put("A1.jpg", b"picture")
    finally:
        os.umask(before)
    assert stat.S_IMODE(placed.path.stat().st_mode) == 0o644
    assert placed.path.stat().st_nlink == 1


def test_the_same_bytes_again_do_no_harm(tmp_path):
    Shelf(tmp_path).put("A1.jpg", b"picture")
    before = (tmp_path / "A1.jpg").stat().st_mtime_ns
    assert Shelf(tmp_path).put("A1.jpg", b"picture").was_there
    assert (tmp_path / "A1.jpg").stat().st_mtime_ns == before


@pytest.mark.parametrize("name", ["A1.jpg", "a1.JPG"])
def test_another_content_is_never_written_over(tmp_path, name):
    Shelf(tmp_path).put("A1.jpg", b"picture")
    with pytest.raises(UsageError, match=r"A1.jpg is there with other content; nothing is overwritten"):
        Shelf(tmp_path).put(name, b"another")
    assert (tmp_path / "A1.jpg").read_bytes() == b"picture"
    assert os.listdir(tmp_path) == ["A1.jpg"]


def test_a_file_that_appears_meanwhile_is_never_written_over(tmp_path):
    shelf = Shelf(tmp_path)
    (tmp_path / "A1.jpg").write_bytes(b"somebody else's")
    with pytest.raises(UsageError, match="is there with other content"):
        shelf.put("A1.jpg", b"picture")
    assert (tmp_path / "A1.jpg").read_bytes() == b"somebody else's"


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "secret").write_bytes(b"picture")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "A1.jpg").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match="is there with other content"):
        Shelf(tmp_path / "out").put("A1.jpg", b"picture")
    assert (tmp_path / "secret").read_bytes() == b"picture"


@pytest.mark.parametrize("name", ["../A1.jpg", "/tmp/A1.jpg", "a/b.jpg", "..", "A1\x00.jpg"])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, name):
    with pytest.raises(UsageError):
        Shelf(tmp_path / "out").put(name, b"picture")
    assert os.listdir(tmp_path / "out") == []


def test_without_hard_links_a_file_still_appears_once(tmp_path, monkeypatch):
    def refuse(*_args, **_named):
        raise PermissionError(errno.EPERM, "no links on this file system")

    monkeypatch.setattr(place.os, "link", refuse)
    Shelf(tmp_path).put("A1.jpg", b"picture")
    with pytest.raises(UsageError, match="is there with other content"):
        Shelf(tmp_path).put("A1.jpg", b"another")
    assert os.listdir(tmp_path) == ["A1.jpg"]


def test_without_hard_links_a_name_that_was_taken_is_given_back_when_the_move_fails(tmp_path, monkeypatch):
    def refuse(*_args, **_named):
        raise PermissionError(errno.EPERM, "no links on this file system")

    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    shelf = Shelf(tmp_path)
    monkeypatch.setattr(place.os, "link", refuse)
    monkeypatch.setattr(place.Path, "replace", full)
    with pytest.raises(DeliveryTargetError, match="No space left on device"):
        shelf.put("A1.jpg", b"picture")
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    shelf = Shelf(tmp_path)
    monkeypatch.setattr(place.os, "fsync", full)
    with pytest.raises(DeliveryTargetError, match=r"cannot write .*A1.jpg: No space left on device"):
        shelf.put("A1.jpg", b"picture")
    assert os.listdir(tmp_path) == []


def test_two_writers_of_one_name_leave_one_whole_file(tmp_path):
    shelves = [Shelf(tmp_path) for _ in range(8)]
    won = []

    def put(n):
        try:
            shelves[n].put("A1.jpg", bytes([n]) * 100_000)
            won.append(n)
        except UsageError:
            pass

    threads = [threading.Thread(target=put, args=(n,)) for n in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(won) == 1
    assert (tmp_path / "A1.jpg").read_bytes() == bytes(won) * 100_000


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "out").write_bytes(b"a file")
    with pytest.raises(DeliveryTargetError, match=r"cannot deliver to .*/out: .*; give another folder"):
        Shelf(tmp_path / "out")


def test_a_manifest_is_replaced_whole(tmp_path):
    replace_file(tmp_path / "manifest.json", b"one")
    replace_file(tmp_path / "manifest.json", b"two")
    assert os.listdir(tmp_path) == ["manifest.json"]
    assert (tmp_path / "manifest.json").read_bytes() == b"two"
