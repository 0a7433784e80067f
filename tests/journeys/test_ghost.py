"""A ghost mannequin from two shots: joined as a draft, held back, rebuilt by a person, and then theirs to approve."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.core.edit import Edit
from tests.ghosts import ghost
from tests.journeys.test_retouch import flat, lines, safelight, save, versions
from tests.shoots import jpeg

AS = ("--as", "Ines")
OUTER, INNER = "SHI-1_front.jpg", "SHI-1_inside.jpg"


def coded(linear):
    from safelight.pixels.color.spaces import convert, to_integers

    chance = np.random.default_rng(2).normal(0, 0.0015, linear.shape).astype(np.float32)
    return to_integers(convert(np.ascontiguousarray(linear + chance), "linear_rec2020", "srgb"), np.uint8)


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ghosts")
    place = folder / "spring" / "apparel"
    place.mkdir(parents=True)
    shots = ghost(1100)
    for n, (name, light) in enumerate(((OUTER, shots.outer), (INNER, shots.inner))):
        (place / name).write_bytes(jpeg(coded(light), taken=f"2026:03:01 10:{n:02}:00"))
    safelight("run", "spring", folder=folder)
    return folder


@pytest.fixture(scope="module")
def draft(studio):
    [line] = lines(safelight("ghost", "spring", OUTER, INNER, *AS, "--json", folder=studio))
    safelight("run", "spring", folder=studio)
    return line


def test_two_shots_become_one_picture_without_the_mannequin(studio, draft):
    edit, body, master = versions(studio, OUTER)[-1]
    before = versions(studio, OUTER)[0][2].pixels.astype(int)
    assert edit.step("ghost_mannequin").params["inner"].endswith(INNER)
    assert body["scaffold"] == ["ghost_mannequin"]
    upper = slice(0, len(before) // 3)
    was, now = (int(_rosy(each)[upper].sum()) for each in (before, master.pixels.astype(int)))
    assert was > 10_000
    assert now < 0.01 * was


def _rosy(codes):
    """Where a mannequin's color shows; cloth is blue and paper white."""
    return codes[..., 0] - codes[..., 2] > 2500


def test_its_joints_are_measured_at_once_and_by_gate_1(studio, draft):
    assert {each["joint"]: each["verdict"] for each in draft["joints"]} == dict.fromkeys(
        ("neck", "seam", "shading", "shoulder"), "pass"
    )
    from safelight.core.batch import JUDGED
    from safelight.store import Store

    with Store.open(studio / ".safelight") as store:
        judged = [each.body["verdicts"] for each in store.ledger.facts(kind=JUDGED)]
    found = [each for verdicts in judged for each in verdicts if each["check"] == "joints"]
    [verdict] = found[-1:]
    measures = {each["name"]: each["value"] for each in verdict["measures"]}
    assert measures["composed"] > 2
    assert measures["gap"] < 2


def test_a_draft_is_held_back_whoever_asks(studio, draft):
    done = safelight("decide", "spring", OUTER, "approve", *AS, folder=studio, code=1)
    assert "a person must finish it first" in done.stderr
    amended = safelight(
        "amend", "spring", OUTER, "ghost_mannequin", "--set", "depth=0.3", *AS, "--reason", "x", folder=studio
    )
    assert amended.stdout
    safelight("run", "spring", folder=studio)
    assert versions(studio, OUTER)[-1][1]["scaffold"] == ["ghost_mannequin"]
    safelight("decide", "spring", OUTER, "approve", *AS, folder=studio, code=1)


def test_joined_again_it_is_made_of_the_shots_and_not_of_the_draft(studio, draft):
    [line] = lines(safelight("ghost", "spring", OUTER, INNER, *AS, "--json", folder=studio))
    assert {each["joint"]: each["value"] for each in line["joints"]} == {
        each["joint"]: each["value"] for each in draft["joints"]
    }
    safelight("run", "spring", folder=studio)


def test_one_file_twice_or_a_whole_picture_is_refused_with_the_way_out(studio, draft):
    done = safelight("ghost", "spring", OUTER, OUTER, *AS, folder=studio, code=2)
    assert "is named twice" in done.stderr
    done = safelight("ghost", "spring", OUTER, "NONE.jpg", *AS, folder=studio, code=2)
    assert "NONE.jpg" in done.stderr


def test_a_garment_without_an_opening_is_refused_with_the_way_out(studio, draft):
    done = safelight("ghost", "spring", INNER, OUTER, *AS, folder=studio, code=2)
    assert "no neck opens in its outline" in done.stderr
    assert "brush the mannequin out of its cut-out first" in done.stderr


def test_what_a_person_rebuilt_is_theirs_and_can_be_approved(studio, draft):
    [sent] = lines(safelight("checkout", "spring", OUTER, "-o", "desk", *AS, "--json", folder=studio))
    pixels = flat(studio / "desk" / sent["file"]).copy()
    middle = pixels.shape[1] // 2
    pixels[600:640, middle : middle + 60] = pixels[600:640, middle : middle + 60] // 2
    back = save(pixels, studio / "desk" / "rebuilt.tif", like=studio / "desk" / sent["file"])
    [line] = lines(safelight("checkin", "spring", back, *AS, "--reason", "collar rebuilt", "--json", folder=studio))
    assert line["standing"] == "taken"
    safelight("run", "spring", folder=studio)
    edit, body, _ = versions(studio, OUTER)[-1]
    assert [each.step for each in edit.steps if each.step in ("ghost_mannequin", "retouch")] == [
        "ghost_mannequin",
        "retouch",
    ]
    assert not edit.step("retouch").stale
    assert body["scaffold"] == []
    done = safelight("decide", "spring", OUTER, "approve", *AS, "--json", folder=studio)
    assert done.stdout
    assert isinstance(edit, Edit)
