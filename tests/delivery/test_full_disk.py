"""A disk that fills up in the middle of a delivery: nothing half delivered is listed, and it goes on from there."""

import errno
import hashlib
import json
import os
import shutil
import subprocess

import pytest

from safelight.core.batch import DELIVERED, DELIVERY_REFUSED
from safelight.delivery import place
from safelight.delivery.manifest import JSON_NAME, check_manifest
from safelight.errors import BlobDamagedError, DeliveryTargetError

from .test_deliver import Desk, nobody

_FDOPEN = os.fdopen


class Disk:
    """A disk with room for so many bytes: what fits is written, as a real one does, and then there is no space left."""

    def __init__(self, room):
        self.room = room

    def fdopen(self, handle, mode):
        disk, file = self, _FDOPEN(handle, mode, buffering=0)

        class Filling:
            def __enter__(self):
                return self

            def __exit__(self, *_):
                file.close()

            def write(self, data):
                file.write(data[: disk.room])
                disk.room -= min(disk.room, len(data))
                if disk.room == 0:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

            def flush(self):
                file.flush()

            def fileno(self):
                return file.fileno()

        return Filling()


@pytest.fixture(scope="module")
def made(tmp_path_factory, small):
    """A desk whose three articles are derived already, and how many bytes a whole delivery has."""
    desk = Desk(tmp_path_factory.mktemp("full"))
    for sku in ("A1", "B2", "C3"):
        desk.approve(sku, small.image, small.alpha)
    desk.deliver()
    sizes = [each.stat().st_size for each in sorted(desk.out.rglob("*.jpg"))]
    yield desk, sizes
    desk.store.close()


def listed(folder):
    path = folder / JSON_NAME
    return {each["file"] for each in json.loads(path.read_text())["files"]} if path.exists() else set()


def test_a_disk_that_fills_up_anywhere_leaves_whole_files_alone_listed_and_the_delivery_goes_on(
    tmp_path, made, monkeypatch
):
    desk, sizes = made
    files, bounds = len(sizes), [0, *(sum(sizes[: at + 1]) for at in range(len(sizes)))]
    for number, room in enumerate([1, *(each + more for each in bounds for more in (-1, 2, 5000))]):
        if room <= 0:
            continue
        desk.out = tmp_path / str(number)
        with monkeypatch.context() as patched:
            patched.setattr(place.os, "fdopen", Disk(room).fdopen)
            with pytest.raises(DeliveryTargetError, match="No space left on device") as raised:
                desk.deliver(nobody)
        lying = {each.relative_to(desk.out).as_posix() for each in desk.out.rglob("*.*") if each.is_file()}
        assert listed(desk.out) <= lying
        assert not any(each.endswith(".part") for each in lying)
        for each in lying - {"manifest.json", "manifest.csv"}:
            sha256 = hashlib.sha256((desk.out / each).read_bytes()).hexdigest()
            assert any(told.body["sha256"] == sha256 for told in desk.store.ledger.facts(kind=DELIVERED))
        if len(lying) < files:
            assert "free room or give another folder, and run `safelight deliver batch` again" in str(raised.value)
        assert all(each["delivered"] for each in desk.deliver(nobody) if each["channel"] == "amazon-main")
        assert check_manifest(desk.out).holds
        assert len(listed(desk.out)) == files


def test_a_full_disk_is_nothing_against_a_file_and_a_first_delivery_tells_what_lies_there_alone(
    tmp_path, small, monkeypatch
):
    desk = Desk(tmp_path)
    for sku in ("A1", "B2", "C3"):
        desk.approve(sku, small.image, small.alpha)
    with monkeypatch.context() as patched:
        patched.setattr(place.os, "fdopen", Disk(100_000_000).fdopen)
        patched.setattr(place.os, "link", one_link_and_then_full())
        with pytest.raises(DeliveryTargetError, match="1 of 6 files lie there whole"):
            desk.deliver()
    # What walmart refuses as too small is told; the disk's trouble is not told of any file.
    assert desk.count(DELIVERED) == 1
    assert not any("space" in each.body["sentence"] for each in desk.store.ledger.facts(kind=DELIVERY_REFUSED))
    assert listed(desk.out) == {"amazon-main/A1_front.jpg"}
    desk.deliver(nobody)
    assert desk.count(DELIVERED) == 3
    assert check_manifest(desk.out).holds
    desk.store.close()


def one_link_and_then_full():
    """A file system that has room for one more name."""
    left, link = [1], os.link

    def full(*words, **named):
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left.pop()
        link(*words, **named)

    return full


def test_a_blob_that_is_damaged_stops_the_delivery_of_its_file_alone_and_is_an_error(tmp_path, small):
    desk = Desk(tmp_path)
    for sku in ("A1", "B2"):
        desk.approve(sku, small.image, small.alpha)
    desk.deliver()
    sha256 = next(each["sha256"] for each in json.loads((desk.out / JSON_NAME).read_text())["files"])
    path = desk.store.blobs.path(sha256)
    path.chmod(0o644)
    path.write_bytes(b"x" * path.stat().st_size)
    desk.out = tmp_path / "elsewhere"
    with pytest.raises(BlobDamagedError):
        desk.deliver(nobody)
    assert [each.name for each in (desk.out / "amazon-main").iterdir()] == ["B2_front.jpg"]
    assert desk.count(DELIVERY_REFUSED) == 2  # walmart's, as before
    desk.store.close()


@pytest.mark.slow
def test_a_real_disk_that_is_too_small_takes_what_fits_and_the_rest_once_it_has_room(tmp_path, made):
    desk, sizes = made
    desk.out = tmp_path / "disk"
    desk.out.mkdir()
    room = sum(sizes[:2]) + sizes[2] // 2
    words = ["mount", "-t", "tmpfs", "-o", f"size={room}", "none", str(desk.out)]
    if shutil.which("mount") is None or subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        with pytest.raises(DeliveryTargetError, match="No space left on device"):
            desk.deliver(nobody)
        assert not list(desk.out.rglob("*.part"))
        before = {each.name for each in desk.out.rglob("*.jpg")}
        assert 1 <= len(before) < len(sizes)
        subprocess.run(["mount", "-o", "remount,size=64m", str(desk.out)], check=True)
        desk.deliver(nobody)
        assert check_manifest(desk.out).holds
        assert len(listed(desk.out)) == len(sizes)
    finally:
        subprocess.run(["umount", str(desk.out)], check=True)
