"""The registry: every row holds, says its license, and has a card."""

from __future__ import annotations

from importlib import resources

import pytest

from safelight.errors import DeclarationError, UnknownNameError
from safelight.models import registry
from safelight.models.registry import model_named, models, models_folder, models_named, state_of


def test_every_row_has_a_hash_a_card_and_a_way_to_get_it() -> None:
    cards = resources.files("safelight.models").joinpath("cards")
    for each in models().values():
        assert len(each.sha256) == 64 and each.bytes > 0, each.name
        assert (each.package and each.member) or each.url, each.name
        assert cards.joinpath(each.card).is_file(), each.card


def test_people_models_are_free_and_pinned_to_one_package() -> None:
    people = models_named(["people"])
    assert {each.license for each in people} == {"Apache-2.0"}
    assert {each.package for each in people} == {"mediapipe==0.10.21"}


def test_no_row_names_a_package_index() -> None:
    text = resources.files("safelight.models").joinpath("registry.toml").read_text(encoding="utf-8")
    assert "pypi" not in text and "/simple/" not in text


def test_a_bundle_stands_for_its_models_and_no_name_for_all() -> None:
    assert {each.bundle for each in models_named(["people"])} == {"people"}
    assert len(models_named([])) == len(models())
    assert [each.name for each in models_named(["iris", "people"])].count("iris") == 1


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match="no model or bundle called 'poeple'; bundles: cutout, .*people"):
        models_named(["poeple"])
    with pytest.raises(UnknownNameError, match="there are: face_short_range"):
        model_named("poeple")


def test_the_folder_is_the_variable_then_the_users_data() -> None:
    assert models_folder({"SAFELIGHT_MODELS": "/a"}).as_posix() == "/a"
    assert models_folder({"XDG_DATA_HOME": "/b"}).as_posix() == "/b/safelight/models"


def test_weights_are_absent_present_or_damaged(tmp_path) -> None:
    model = model_named("iris")
    assert state_of(model, tmp_path) == "absent"
    (tmp_path / model.file).write_bytes(bytes(model.bytes))
    assert state_of(model, tmp_path, by_hash=False) == "present"
    assert state_of(model, tmp_path) == "damaged"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('license_class = "free"', "license_class 'fre'; they take tflite, onnx and free, unclear"),
        ('name = "iris"', "names a model or a file twice"),
        ("sha256 = ", "does not hold"),
    ],
)
def test_a_row_that_does_not_hold_is_refused(change: str, message: str) -> None:
    text = resources.files("safelight.models").joinpath("registry.toml").read_text(encoding="utf-8")
    swap = {
        'license_class = "free"': 'license_class = "fre"',
        'name = "iris"': 'name = "palm"',
        "sha256 = ": "sha = ",
    }
    with pytest.raises(DeclarationError, match=message):
        registry._read(text.replace(change, swap[change]))
