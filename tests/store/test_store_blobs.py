"""Blobs are kept once, under their hash, read-only."""

from __future__ import annotations

import hashlib
import os
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.errors import (
    BlobDamagedError,
    BlobMissingError,
    OriginalChangedError,
    ParameterError,
    StoreOfflineError,
)
from safelight.store.blobs import Blobs, open_blobs
from safelight.store.io import Disk


def _files(store):
    return [each for each in store.layout.blobs.rglob("*") if each.is_file()]


def test_a_blob_is_named_by_the_sha_256_of_its_bytes(store):
    # FIPS 180-4, the example "abc"
    assert store.blobs.put(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_bytes_views_and_chunks_are_the_same_blob(store):
    data = bytes(range(256)) * 100
    names = {store.blobs.put(each) for each in (data, bytearray(data), memoryview(data), iter([data[:99], data[99:]]))}
    assert names == {hashlib.sha256(data).hexdigest()}
    assert len(_files(store)) == 1
    assert not any(store.layout.tmp.iterdir())


def test_a_view_of_numbers_is_kept_byte_by_byte(store):
    numbers = memoryview(bytes(8)).cast("I")
    assert store.blobs.get(store.blobs.put(numbers)) == bytes(8)
    assert store.blobs.get(store.blobs.put([numbers])) == bytes(8)


def test_an_empty_blob_is_a_blob(store):
    assert store.blobs.get(store.blobs.put(b""), verify=True) == b""
    assert store.blobs.put([]) == store.blobs.put(b"")


@settings(max_examples=30, deadline=None)
@given(chunks=st.lists(st.binary(max_size=50), max_size=5))
def test_what_is_put_is_what_one_gets(tmp_path_factory, chunks):
    from safelight.store import Store

    root = tmp_path_factory.getbasetemp() / "law"
    with Store.open(root) if root.exists() else Store.create(root) as store:
        name = store.blobs.put(chunks)
        assert store.blobs.get(name, verify=True) == b"".join(chunks)
        assert store.blobs.size(name) == len(b"".join(chunks))


def test_a_blob_is_read_only(store):
    path = store.blobs.path(store.blobs.put(b"x"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_putting_twice_writes_once(store):
    path = store.blobs.path(store.blobs.put(b"x"))
    before = path.stat()
    store.blobs.put(b"x")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_truncated_blob_is_healed_by_putting_it_again(store):
    name = store.blobs.put(b"abcdef")
    store.blobs.path(name).chmod(0o644)
    store.blobs.path(name).write_bytes(b"abc")
    store.blobs.put(b"abcdef")
    assert store.blobs.get(name, verify=True) == b"abcdef"


def test_a_damaged_blob_is_found_when_asked(store):
    name = store.blobs.put(b"abcdef")
    store.blobs.path(name).chmod(0o644)
    store.blobs.path(name).write_bytes(b"abcdeg")
    assert store.blobs.get(name) == b"abcdeg"
    with pytest.raises(BlobDamagedError, match=name[:12]):
        store.blobs.get(name, verify=True)


def test_a_missing_blob_is_named_with_the_way_out(store):
    with pytest.raises(BlobMissingError, match="safelight verify"):
        store.blobs.get("0" * 64)
    with pytest.raises(BlobMissingError):
        store.blobs.size("0" * 64)


def test_a_blob_of_a_store_that_went_away_is_offline_not_missing(store, folder):
    name = store.blobs.put(b"x")
    store.root.rename(folder / "away")
    try:
        with pytest.raises(StoreOfflineError):
            store.blobs.get(name)
        with pytest.raises(StoreOfflineError):
            store.blobs.put(b"y")
    finally:
        (folder / "away").rename(store.root)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", "/" * 64, None])
def test_a_name_that_is_no_hash_leads_nowhere(store, name):
    with pytest.raises(ParameterError, match="names no blob"):
        store.blobs.path(name)


def test_iterate_yields_every_blob_sorted_and_nothing_else(store):
    names = sorted(store.blobs.put(bytes([each])) for each in range(50))
    (store.layout.blobs / "ab" / "notes.txt").write_text("x")
    (store.layout.blobs / "README").write_text("x")
    assert list(store.blobs.iterate()) == names
    assert sorted(each.name for each in store.blobs.strays()) == ["README", "notes.txt"]


def test_a_source_that_breaks_off_leaves_nothing(store):
    def broken():
        yield b"half"
        raise ValueError("the camera was unplugged")

    with pytest.raises(ValueError, match="unplugged"):
        store.blobs.put(broken())
    assert not _files(store)
    assert not any(store.layout.tmp.iterdir())


def test_a_copy_cut_at_every_64_kib_is_never_listed_and_is_made_whole_by_the_next(store):
    piece, pieces = b"raw!" * (16 * 1024), 16
    whole = hashlib.sha256(piece * pieces).hexdigest()

    def cut_after(count):
        yield from [piece] * count
        raise ValueError("the card was pulled out")

    for count in range(pieces + 1):
        with pytest.raises(ValueError, match="pulled out"):
            store.blobs.put(cut_after(count))
        assert not _files(store)
        assert not any(store.layout.tmp.iterdir())
    assert store.blobs.put([piece] * pieces) == whole
    assert list(store.blobs.iterate()) == [whole]


def test_a_disk_that_keeps_other_bytes_is_caught_by_reading_back(store):
    class LyingDisk(Disk):
        def write(self, handle, data):
            super().write(handle, bytes(data)[:-1] + b"\0")

    blobs = Blobs(store.layout, LyingDisk(), read_back=True)
    with pytest.raises(BlobDamagedError, match="other bytes than were written"):
        blobs.put(b"abc")
    assert not _files(store)


def test_a_file_is_copied_and_left_as_it_was(store, folder):
    original = folder / os.fsdecode(b"caf\xe9.nef")
    original.write_bytes(b"raw" * 1_000_000)
    original.chmod(0o640)
    before = original.stat()
    name = store.blobs.put_file(original)
    after = original.stat()
    assert name == hashlib.sha256(b"raw" * 1_000_000).hexdigest()
    assert (after.st_mode, after.st_mtime_ns, after.st_nlink) == (before.st_mode, before.st_mtime_ns, 1)
    assert store.blobs.put_file(original, expected=name) == name


def test_a_file_that_is_another_than_expected_is_not_kept(store, folder):
    (folder / "a").write_bytes(b"x")
    with pytest.raises(OriginalChangedError, match="as it was before"):
        store.blobs.put_file(folder / "a", expected="0" * 64)
    assert not _files(store)


def test_a_file_that_grows_while_it_is_copied_is_not_kept(store, folder):
    (folder / "a").write_bytes(b"x" * 3_000_000)

    class SlowDisk(Disk):
        def clone(self, source, handle):
            return False

        def write(self, handle, data):
            super().write(handle, data)
            with (folder / "a").open("ab") as more:
                more.write(b"y")

    with pytest.raises(OriginalChangedError, match="changed while it was copied"):
        Blobs(store.layout, SlowDisk()).put_file(folder / "a")
    assert not _files(store)
    assert not any(store.layout.tmp.iterdir())


def test_what_is_no_plain_file_is_refused(store, folder):
    os.mkfifo(folder / "pipe")
    with pytest.raises(OriginalChangedError, match="not a plain file"):
        store.blobs.put_file(folder / "pipe")
    with pytest.raises(OriginalChangedError, match="is its disk mounted"):
        store.blobs.put_file(folder / "gone")


def test_a_worker_puts_blobs_without_a_database(store):
    name = open_blobs(store.root).put(b"proof")
    assert store.blobs.get(name) == b"proof"


def test_a_blob_of_json_leads_to_the_blobs_it_lists(store):
    matte = store.blobs.put(b"matte")
    edit = store.blobs.put(f'{{"artifacts":{{"matte":"{matte}"}},"original":"{"0" * 64}"}}'.encode())
    assert store.blobs.closure([edit, "f" * 64]) == {edit: store.blobs.size(edit), matte: 5}
