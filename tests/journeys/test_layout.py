"""Cut-outs on one sheet: composed as a draft by places in a file, held back, rebuilt by a person, and then theirs."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from safelight.core.batch import JUDGED
from safelight.store import Store
from tests.journeys.test_retouch import flat, lines, safelight, save, versions
from tests.shoots import jpeg, product

AS = ("--as", "Ines")
SHEET, SECOND, THIRD = "SKU00_front.jpg", "SKU01_front.jpg", "SKU02_front.jpg"
PLAN = f"""
[sheet]
aspect = "1:1"
margin = 0.06
shadow = "contact"

[[place]]
file = "{SHEET}"
at = [0.27, 0.85]
scale = 0.55

[[place]]
file = "{SECOND}"
at = [0.71, 0.9]
scale = 0.6
order = 1
"""


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    folder = tmp_path_factory.mktemp("layouts")
    place = folder / "spring" / "packshots"
    place.mkdir(parents=True)
    for n, name in enumerate((SHEET, SECOND, THIRD)):
        (place / name).write_bytes(jpeg(product(seed=n), taken=f"2026:03:01 10:{n:02}:00"))
    (folder / "pair.toml").write_text(PLAN)
    safelight("run", "spring", folder=folder)
    return folder


@pytest.fixture(scope="module")
def draft(studio):
    [line] = lines(safelight("layout", "spring", SHEET, "--plan", "pair.toml", *AS, "--json", folder=studio))
    safelight("run", "spring", folder=studio)
    return line


def test_two_cut_outs_become_one_picture_on_the_sheet_that_the_plan_asks_for(studio, draft):
    edit, body, master = versions(studio, SHEET)[-1]
    if os.environ.get("SAFELIGHT_SHOTS"):
        from PIL import Image as Pillow

        shown = (master.pixels[..., :3] >> 8).astype(np.uint8)
        Pillow.fromarray(shown).save(f"{os.environ['SAFELIGHT_SHOTS']}/layout.png")
    assert body["scaffold"] == ["layout"]
    assert (body["width"], body["height"]) == (900, 900)
    assert json.loads(edit.step("layout").params["plan"])["place"][1]["file"] == SECOND
    subject = master.pixels[..., :3].astype(int).min(axis=-1) < 40_000
    columns = np.flatnonzero(subject[540])
    parts = np.split(columns, np.flatnonzero(np.diff(columns) > 20) + 1)
    assert [(each[0] + each[-1]) / 2 / 900 for each in parts] == pytest.approx([0.27, 0.71], abs=0.01)


def test_its_ground_is_the_files_own_and_shadows_lie_under_both(studio, draft):
    _, _, master = versions(studio, SHEET)[-1]
    codes = master.pixels[..., :3].astype(int)
    assert (codes[5, 5] == 65535).all()
    for x, foot in ((0.27, 0.85), (0.71, 0.9)):
        below = codes[round(foot * 900) + 4, round(x * 900)]
        assert below.max() < 64_000


def test_what_was_measured_is_told_at_once_and_by_gate_1(studio, draft):
    told = {each["joint"]: each for each in draft["joints"]}
    assert {name: each["verdict"] for name, each in told.items() if name != "shadows"} == {
        "margin": "pass",
        "overlap": "pass",
        "sheet": "pass",
        "seams": "pass",
        "size": "pass",
    }
    assert 90 < told["size"]["value"] < 100
    with Store.open(studio / ".safelight") as store:
        judged = [each.body["verdicts"] for each in store.ledger.facts(kind=JUDGED)]
    [verdict] = [each for verdicts in judged for each in verdicts if each["check"] == "placing"][-1:]
    measures = {each["name"]: each["value"] for each in verdict["measures"]}
    assert measures["short"] == 0
    assert measures["enlarged"] == told["size"]["value"]


def test_the_draft_is_held_back_and_no_release_delivers_it(studio, draft):
    done = safelight("decide", "spring", SHEET, "approve", *AS, folder=studio, code=1)
    assert "holds a draft by layout: a person must finish it first" in done.stderr
    done = safelight("override", "spring", SHEET, "placing", *AS, "--reason", "good enough", folder=studio, code=1)
    assert "a draft mark is never overridden" in done.stderr
    safelight("decide", "spring", SECOND, "approve", *AS, folder=studio)
    safelight("release", "spring", *AS, "--yes", folder=studio)
    written = [each.name for each in (studio / "out" / "spring" / "delivery").rglob("*.jpg")]
    assert [each for each in written if each.startswith("SKU01")]
    assert not [each for each in written if each.startswith("SKU00")]


def test_files_without_a_plan_stand_in_a_row_of_one_scale(studio, draft):
    [line] = lines(safelight("layout", "spring", SHEET, SHEET, SECOND, THIRD, *AS, "--json", folder=studio))
    places = json.loads(line["plan"])["place"]
    assert [each["file"] for each in places] == [SHEET, SECOND, THIRD]
    assert len({each["at"][1] for each in places}) == 1
    assert max(each["scale"] for each in places) - min(each["scale"] for each in places) < 0.01
    safelight("layout", "spring", SHEET, "--plan", "pair.toml", *AS, folder=studio)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((SHEET, "--plan", "none.toml"), "none.toml can't be read"),
        ((SHEET,), "a layout has 0 places"),
        ((SHEET, SECOND, "--plan", "pair.toml"), "leave out one of the two"),
        ((SHEET, "NONE.jpg"), "NONE.jpg"),
        ((SHEET, "--plan", "torn.toml"), "is no TOML"),
        ((SHEET, "--plan", "far.toml"), "layout.place.at is [3, 0]"),
    ],
)
def test_what_can_not_be_laid_out_is_refused_with_the_way_out(studio, draft, words, said):
    (studio / "torn.toml").write_text("[sheet\n")
    (studio / "far.toml").write_text('[[place]]\nfile = "a.jpg"\nat = [3, 0]\n')
    assert said in safelight("layout", "spring", *words, *AS, folder=studio, code=2).stderr


def test_what_a_person_rebuilt_is_theirs_and_can_be_approved(studio, draft):
    safelight("run", "spring", folder=studio)
    [sent] = lines(safelight("checkout", "spring", SHEET, "-o", "desk", *AS, "--json", folder=studio))
    pixels = flat(studio / "desk" / sent["file"]).copy()
    pixels[500:540, 300:360] = pixels[500:540, 300:360] // 2
    back = save(pixels, studio / "desk" / "rebuilt.tif", like=studio / "desk" / sent["file"])
    [line] = lines(safelight("checkin", "spring", back, *AS, "--reason", "joined by hand", "--json", folder=studio))
    assert line["standing"] == "taken"
    safelight("run", "spring", folder=studio)
    edit, body, _ = versions(studio, SHEET)[-1]
    assert not edit.step("retouch").stale
    assert body["scaffold"] == []
    safelight("decide", "spring", SHEET, "approve", *AS, folder=studio)
