"""The default lane: every file waits for its own look."""

from __future__ import annotations

import json

import pytest

from tests.journeys.cli import lines, safelight
from tests.shoots import write_shoot


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studio")
    write_shoot(folder / "spring", 2)
    done = safelight("run", "spring", "--json", folder=folder)
    return folder, lines(done)


def test_in_the_default_lane_every_file_waits_for_review_with_a_reason(studio):
    _, found = studio
    assert {each["route"] for each in found} == {"review"}
    assert all(each["standing"] == "waiting" and each["reasons"] for each in found)


def test_a_release_without_a_decided_file_has_nothing_to_release(studio):
    folder, _ = studio
    refused = safelight("release", "spring", "--as", "Ines", "--yes", folder=folder, code=1)
    assert "has nothing to release" in refused.stderr


def test_an_approved_file_leaves_and_a_revised_one_stays(studio):
    folder, _ = studio
    refused = safelight("decide", "spring", "SKU01_front.jpg", "revise", "--as", "Tom", folder=folder, code=2)
    assert "revise needs a reason" in refused.stderr
    safelight("decide", "spring", "SKU01_front.jpg", "revise", "--as", "Tom", "--reason", "edge is soft", folder=folder)
    safelight("decide", "spring", "SKU00_front.jpg", "approve", "--as", "Ines", folder=folder)
    safelight("release", "spring", "--as", "Ines", folder=folder)
    manifest = json.loads((folder / "out" / "spring" / "delivery" / "manifest.json").read_text())
    assert {each["original"].rsplit("/", 1)[-1] for each in manifest["files"]} == {"SKU00_front.jpg"}
    told = {each["file"]: each["standing"] for each in lines(safelight("report", "spring", "--json", folder=folder))}
    assert told == {"packshots/SKU00_front.jpg": "delivered", "packshots/SKU01_front.jpg": "sent_back"}


def test_words_that_do_not_fit_are_refused_with_the_way_out(studio):
    folder, _ = studio
    assert "no batch called 'summer'" in safelight("report", "summer", folder=folder, code=2).stderr
    assert (
        "has no file 'x.jpg'"
        in safelight("decide", "spring", "x.jpg", "approve", "--as", "I", folder=folder, code=2).stderr
    )
    assert "is missing" in safelight("run", "nowhere", folder=folder, code=2).stderr
    assert safelight("verify", "--store", "elsewhere", folder=folder, code=10).stderr.count("\n") == 1
    assert "--workflow is 'shoes'" in safelight("run", "spring", "--workflow", "shoes", folder=folder, code=2).stderr
