"""Originals outside the store are looked at and never touched."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from safelight.errors import OriginalChangedError
from safelight.store.originals import look, refer, require_same


@pytest.fixture
def original(folder):
    path = folder / os.fsdecode(b"caf\xe9.nef")
    path.write_bytes(b"raw bytes")
    return path


def test_a_reference_holds_size_time_and_hash(original):
    reference = refer(original)
    assert reference.size == 9
    assert reference.mtime_ns == original.stat().st_mtime_ns
    assert reference.sha256 == hashlib.sha256(b"raw bytes").hexdigest()
    assert reference.path == str(original)


def test_an_untouched_original_is_the_same_and_is_not_read(original, monkeypatch):
    reference = refer(original)
    monkeypatch.setattr(os, "open", None)
    assert look(reference) == "same"


def test_a_touched_original_is_hashed_again(original):
    reference = refer(original)
    os.utime(original, ns=(1, 1))
    assert look(reference) == "moved_stat_same_hash"
    require_same(reference)


def test_other_bytes_are_changed(original):
    reference = refer(original)
    original.write_bytes(b"RAW bytes")
    os.utime(original, ns=(1, 1))
    assert look(reference) == "changed"
    with pytest.raises(OriginalChangedError, match="changed since it was read"):
        require_same(reference)


def test_a_file_that_is_gone_is_offline(original):
    reference = refer(original)
    original.unlink()
    assert look(reference) == "offline"
    with pytest.raises(OriginalChangedError, match="is offline; mount its disk"):
        require_same(reference)


def test_a_folder_that_is_not_mounted_is_offline(folder):
    (folder / "card").mkdir()
    (folder / "card" / "a.nef").write_bytes(b"x")
    reference = refer(folder / "card" / "a.nef")
    (folder / "card").rename(folder / "ejected")
    assert look(reference) == "offline"
    (folder / "ejected").rename(folder / "card")
    assert look(reference) == "same"


def test_what_is_no_file_any_more_is_changed_and_does_not_block(original):
    reference = refer(original)
    original.unlink()
    os.mkfifo(original)
    assert look(reference) == "changed"
    original.unlink()
    original.mkdir()
    assert look(reference) == "changed"


def test_what_cannot_be_read_is_refused(folder):
    os.mkfifo(folder / "pipe")
    for path in (folder / "none", folder, folder / "pipe"):
        with pytest.raises(OriginalChangedError):
            refer(path)


def test_looking_changes_nothing(original):
    original.chmod(0o604)
    before = original.stat()
    reference = refer(original)
    look(reference)
    os.utime(original, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    look(reference)
    after = original.stat()
    assert (after.st_mode, after.st_nlink, after.st_size) == (before.st_mode, before.st_nlink, before.st_size)
    assert original.read_bytes() == b"raw bytes"


def test_the_source_opens_originals_only_for_reading():
    import safelight.store.originals as module

    text = Path(module.__file__).read_text()
    assert "O_RDONLY" in text
    for word in ("O_RDWR", "O_WRONLY", "chmod", "unlink", "rename", "write("):
        assert word not in text
