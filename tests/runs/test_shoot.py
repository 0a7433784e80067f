from __future__ import annotations

import os

import pytest

from safelight.errors import UsageError
from safelight.runs.shoot import list_shoot


def test_files_are_listed_by_name_with_their_folders(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("b/2.jpg", "1.jpg", "é.jpg", "-rf.jpg"):
        (tmp_path / name).write_bytes(b"x")
    shoot = list_shoot(str(tmp_path))
    assert list(shoot.files) == ["-rf.jpg", "1.jpg", "b/2.jpg", "é.jpg"]
    assert shoot.files["1.jpg"].size == 1


def test_names_that_are_not_utf_8_survive(tmp_path):
    with open(os.fsencode(tmp_path) + b"/\xff\xfe.jpg", "wb") as file:
        file.write(b"x")
    (path,) = list_shoot(str(tmp_path)).files
    assert os.fsencode(path) == b"\xff\xfe.jpg"


def test_links_sidecars_and_droppings_are_passed_over_with_a_reason(tmp_path):
    (tmp_path / "1.jpg").write_bytes(b"x")
    (tmp_path / "1.xmp").write_bytes(b"x")
    (tmp_path / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "out.jpg").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe.jpg")
    shoot = list_shoot(str(tmp_path))
    assert list(shoot.files) == ["1.jpg"]
    assert sorted(shoot.passed_over) == [
        ("1.xmp", "not a picture by its name"),
        ("Thumbs.db", "left there by a file manager"),
        ("out.jpg", "a link; safelight reads only files that lie in the shoot"),
        ("pipe.jpg", "not a file"),
    ]


def test_a_missing_folder_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(UsageError, match="is missing; give the folder that holds the pictures"):
        list_shoot(str(tmp_path / "none"))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="is a file; give the folder"):
        list_shoot(str(tmp_path / "file"))
