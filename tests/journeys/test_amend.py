"""A person's numbers stand in the place of a step's own, and no machine changes them again."""

from __future__ import annotations

import pytest

from safelight.core.batch import MADE
from safelight.core.edit import Edit
from safelight.store import Store
from tests.journeys.cli import lines, safelight

AS = ("--as", "Ines", "--reason", "client wants it lighter")


def edits(folder):
    """The edit of each file as the ledger tells it last."""
    with Store.open(folder / ".safelight") as store:
        facts = list(store.ledger.facts(kind=MADE))
    return {each.body["asset"]: Edit.from_data(each.body["edit"]) for each in facts}


def amended(folder):
    return [each.step("exposure") for each in edits(folder).values() if each.step("exposure").amended]


def test_what_can_not_be_amended_is_refused_with_the_way_out(studio):
    unknown = safelight("amend", "spring", "SKU00_front.jpg", "upscale", "--set", "x=1", *AS, folder=studio, code=2)
    assert "has no step 'upscale'; it has:" in unknown.stderr
    outside = safelight(
        "amend", "spring", "SKU00_front.jpg", "exposure", "--set", "stops=9", *AS, folder=studio, code=2
    )
    assert "exposure.stops is '9'" in outside.stderr
    assert "-5 to 5" in outside.stderr
    never = safelight("amend", "spring", "SKU00_front.jpg", "exposure", *AS, folder=studio, code=2)
    assert "was never amended" in never.stderr


def test_an_amendment_is_painted_by_the_next_run_and_taken_back_by_another_word(studio):
    before = edits(studio)
    done = safelight(
        "amend", "spring", "SKU00_front.jpg", "exposure", "--set", "stops=0.75", *AS, "--json", folder=studio
    )
    assert "becomes 0.75, says Ines" in lines(done)[0]["said"]
    safelight("run", "spring", folder=studio)
    [own] = amended(studio)
    assert own.params["stops"] == 0.75
    assert own.by.kind == "person"
    assert not own.stale
    assert "client wants it lighter" in own.reasons[0].text
    page = (studio / "out" / "spring" / "report.html").read_text()
    assert "client wants it lighter" in page

    again = lines(safelight("run", "spring", "--json", folder=studio))
    assert {each["standing"] for each in again} == {"waiting"}
    assert amended(studio)[0].params["stops"] == 0.75

    safelight("amend", "spring", "SKU00_front.jpg", "exposure", *AS, folder=studio)
    safelight("run", "spring", folder=studio)
    assert not amended(studio)
    assert {asset: each.painted_key() for asset, each in edits(studio).items()} == {
        asset: each.painted_key() for asset, each in before.items()
    }


def test_an_amendment_whose_picture_became_another_is_marked_and_kept(studio):
    safelight("amend", "spring", "SKU01_front.jpg", "crop_to_spec", "--set", "fill=0.7", *AS, folder=studio)
    safelight("amend", "spring", "SKU01_front.jpg", "exposure", "--set", "stops=0.5", *AS, folder=studio)
    found = lines(safelight("run", "spring", "--json", folder=studio))
    own = next(each for each in edits(studio).values() if each.step("crop_to_spec").amended)
    assert own.step("crop_to_spec").stale
    assert not own.step("exposure").stale
    assert own.step("crop_to_spec").params["fill"] == 0.7
    told = next(each for each in found if each["file"].endswith("SKU01_front.jpg"))
    assert told["route"] != "auto"


def test_what_is_approved_can_not_be_amended(studio):
    safelight("decide", "spring", "SKU00_front.jpg", "approve", "--as", "Tom", folder=studio)
    refused = safelight(
        "amend", "spring", "SKU00_front.jpg", "exposure", "--set", "stops=1", *AS, folder=studio, code=1
    )
    assert "was approved by Tom, which freezes its pixels" in refused.stderr


def test_strokes_become_the_matte_of_the_next_run_and_the_first_matte_stays(studio):
    """A person paints a disk into the empty corner; the machine's matte is kept beside it."""
    from safelight.errors import ParameterError
    from safelight.pixels.matte.matte_png import decode_matte
    from safelight.settings import Settings
    from safelight.studio import Studio

    stroke = {"tool": "brush", "points": [[0.06, 0.08]], "radius": 0.03, "adds": True, "hardness": 1.0}
    with Store.open(studio / ".safelight") as store:
        desk = Studio(store, Settings())
        file = desk.state("spring").file_named("SKU01_front.jpg")
        machine = Edit.from_data(file.made["edit"]).step("cutout").artifacts["matte"].sha256
        with pytest.raises(ParameterError, match="stroke 1 must say whether it adds"):
            desk.draw_matte("spring", "SKU01_front.jpg", [{**stroke, "adds": None}], "Ines", "a label is missing")
        one = desk.draw_matte("spring", "SKU01_front.jpg", [stroke], "Ines", "a label is missing")
        taken = {"tool": "scribble", "points": [[0.06, 0.08]], "radius": 0.01, "adds": False}
        two = desk.draw_matte("spring", "SKU01_front.jpg", [taken], "Ines", "no label after all")
        assert "matte drawn in 1 strokes, says Ines" in one["said"]
        before, drawn, after = (decode_matte(store.blobs.get(each)) for each in (machine, one["matte"], two["matte"]))
    height, width = before.shape
    corner = slice(0, height // 8), slice(0, width // 8)
    assert before[corner].max() == 0 and drawn[corner].max() == 65535
    assert after[corner].astype(int).sum() < 0.3 * drawn[corner].astype(int).sum()
    safelight("run", "spring", folder=studio)
    painted = [each.step("cutout") for each in edits(studio).values() if each.step("cutout").amended]
    assert [each.artifacts["matte"].sha256 for each in painted] == [two["matte"]]
    assert painted[0].by.kind == "person" and not painted[0].stale


def test_a_spot_that_a_person_marks_is_healed_in_the_next_run_and_its_source_is_kept(studio):
    from safelight.pixels.repair.record import unpack_repairs

    marked = ("--set", "spots=0.05 0.05 6", *AS)
    done = lines(safelight("amend", "spring", "SKU01_front.jpg", "heal", *marked, "--json", folder=studio))
    assert "spots () becomes (0.05, 0.05, 6.0)" in done[0]["said"]
    safelight("run", "spring", folder=studio)
    own = next(each.step("heal") for each in edits(studio).values() if each.step("heal"))
    assert own.amended
    with Store.open(studio / ".safelight") as store:
        [mend] = unpack_repairs(store.blobs.get(own.artifacts["repairs"].sha256))
    assert (mend.how, mend.label) == ("heal", "spot")
    assert mend.shifts.any()
    whole = safelight(
        "amend", "spring", "SKU01_front.jpg", "remove_object", "--set", "brush=0.5 0.5 4000", *AS, folder=studio, code=2
    )
    assert "of the frame; it takes up to 25 %" in whole.stderr
