"""Ingest: copies in the store and in a backup folder, and a run when the card is away."""

from __future__ import annotations

import hashlib
import os
import shutil

import pytest

from tests.journeys.cli import lines, safelight
from tests.shoots import write_shoot


@pytest.fixture
def card(tmp_path):
    write_shoot(tmp_path / "card", 2)
    (tmp_path / "card" / "shot_list.csv").write_text("file,sku,view\nSKU00_front.jpg,TEA-01,front\n")
    return tmp_path


def test_a_run_reads_the_copies_when_the_folder_is_away(card):
    before = lines(safelight("cull", "card", "--json", folder=card))
    safelight("ingest", "card", folder=card)
    shutil.move(card / "card", card / "elsewhere")
    found = lines(safelight("run", "card", "--json", folder=card))
    assert [each["file"] for each in found] == ["packshots/SKU00_front.jpg", "packshots/SKU01_front.jpg"]
    assert {each["standing"] for each in found} == {"waiting"}
    assert found[0]["sku"] == "TEA-01", "the shot list was ingested too"
    assert len(before) == 2


def test_a_folder_that_is_away_and_was_never_ingested_is_refused(card):
    shutil.move(card / "card", card / "elsewhere")
    refused = safelight("run", "card", folder=card, code=2)
    assert "the shoot" in refused.stderr and "is missing" in refused.stderr


def test_a_backup_holds_every_file_at_its_place_with_the_same_bytes(card):
    found = lines(safelight("ingest", "card", "--backup", "vault/day1", "--json", folder=card))
    names = ["packshots/SKU00_front.jpg", "packshots/SKU01_front.jpg", "shot_list.csv"]
    assert [each["file"] for each in found] == names
    for each in found:
        copy = card / "vault" / "day1" / each["file"]
        assert hashlib.sha256(copy.read_bytes()).hexdigest() == each["sha256"]
        assert each["note"] == "backed up"
    again = lines(safelight("ingest", "card", "--backup", "vault/day1", "--json", folder=card))
    assert {each["note"] for each in again} == {"was there already, was backed up already"}
    assert sorted(os.listdir(card / "vault" / "day1" / "packshots")) == ["SKU00_front.jpg", "SKU01_front.jpg"]


def test_a_backup_never_takes_the_place_of_another_file_and_the_rest_goes_on(card):
    (card / "vault" / "packshots").mkdir(parents=True)
    (card / "vault" / "packshots" / "SKU00_front.jpg").write_bytes(b"somebody else's")
    found = lines(safelight("ingest", "card", "--backup", "vault", "--json", folder=card, code=3))
    notes = {each["file"]: each["note"] for each in found}
    assert "another file of that name lies in the backup folder" in notes["packshots/SKU00_front.jpg"]
    assert notes["packshots/SKU01_front.jpg"] == "backed up"
    assert (card / "vault" / "packshots" / "SKU00_front.jpg").read_bytes() == b"somebody else's"
