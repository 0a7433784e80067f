"""``safelight models``: list, pull, verify."""

from __future__ import annotations

import json

import pytest

from safelight.cli.main import run_words


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SAFELIGHT_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_the_list_says_license_and_whether_it_is_here(capsys) -> None:
    assert run_words(["models", "list", "people", "--json"]) == 0
    lines = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert {(each["state"], each["license"]) for each in lines} == {("absent", "Apache-2.0")}
    assert len(lines) == 7


def test_a_noncommercial_model_is_refused_with_the_flag_to_take(capsys, folder) -> None:
    assert run_words(["models", "pull", "rmbg_1_4"]) == 2
    assert "forbids commercial work" in capsys.readouterr().err
    assert not folder.exists()


def test_wrong_weights_are_refused(capsys, tmp_path, folder) -> None:
    (tmp_path / "weights").write_bytes(b"not these")
    assert run_words(["models", "pull", "iris", "--from", str(tmp_path / "weights")]) == 1
    assert "nothing was installed" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_verify_fails_on_damage_and_on_a_named_model_that_is_missing(capsys, folder) -> None:
    assert run_words(["models", "verify"]) == 0
    assert run_words(["models", "verify", "iris"]) == 1
    folder.mkdir()
    (folder / "iris.tflite").write_bytes(b"half")
    assert run_words(["models", "verify"]) == 1
    assert "damaged" in capsys.readouterr().out


def test_an_unknown_name_is_refused_with_those_there_are(capsys) -> None:
    assert run_words(["models", "pull", "poeple"]) == 2
    assert "bundles: cutout, noncommercial, people" in capsys.readouterr().err
