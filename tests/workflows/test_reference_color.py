"""A product's reference color: from a column of the shot list to what checks are told and judged by."""

import math
from pathlib import Path

import pytest

from safelight.errors import DeclarationError
from safelight.runs.judge import limits_of
from safelight.workflows.category import identify
from safelight.workflows.guide import Guide
from safelight.workflows.shot_list import Columns, ShotList, read_shot_list, reference_color
from safelight.workflows.workflow import CheckUse


def shots_of(text: str, folder: Path, columns: Columns | None = None) -> ShotList:
    path = folder / "shot_list.csv"
    path.write_text(text)
    return read_shot_list(path, columns)


def test_lab_and_hex_are_read():
    assert reference_color("47.8 36.3 29.5", "x") == (47.8, 36.3, 29.5)
    assert reference_color("47.8/36.3/-29.5", "x") == (47.8, 36.3, -29.5)
    assert reference_color("#808080", "x") == pytest.approx((53.585, 0, 0), abs=0.01)


@pytest.mark.parametrize("text", ["red", "1 2", "120 0 0", "50 200 0", "#12345", "nan 0 0"])
def test_what_is_no_color_is_refused_with_its_line(text, tmp_path):
    with pytest.raises(DeclarationError, match=r"shot_list.csv line 2: the color .* is neither Lab under D50"):
        shots_of(f"file;lab\na.jpg;{text}\n", tmp_path)


def test_a_files_own_row_tells_its_color_and_where_it_was_read(tmp_path):
    shots = shots_of("file,sku,lab\nA1_front.jpg,A1,47.8 36.3 29.5\n", tmp_path)
    assert identify("A1_front.jpg", shots).expected() == {
        "reference_lab": [47.8, 36.3, 29.5],
        "reference": "swatch (shot list line 2)",
    }


def test_an_articles_row_tells_the_color_of_all_its_pictures_but_not_of_its_other_colorways(tmp_path):
    plain = shots_of("sku,lab\nA1,50 0 0\n", tmp_path)
    colorway = shots_of("sku,color,lab\nA1,red,50 60 30\n", tmp_path)
    assert identify("A1_back.jpg", plain).expected()["reference_lab"] == [50, 0, 0]
    assert identify("A1-blue_back.jpg", colorway).expected() == {}


def test_a_list_without_the_column_expects_nothing(tmp_path):
    assert identify("A1_front.jpg", shots_of("file,sku\nA1_front.jpg,A1\n", tmp_path)).expected() == {}


def test_the_column_may_have_the_clients_own_head(tmp_path):
    shots = shots_of("file\tFarbwert\na.jpg\t#ff0000\n", tmp_path, Columns(reference="farbwert"))
    assert identify("a.jpg", shots).expected()["reference_lab"][0] == pytest.approx(54.29, abs=0.05)


def test_two_rows_that_differ_in_color_are_refused(tmp_path):
    with pytest.raises(DeclarationError, match="stands in line 2 too, and they differ"):
        shots_of("file,lab\na.jpg,50 0 0\na.jpg,51 0 0\n", tmp_path)


def test_the_guides_delta_e_is_the_limit_and_at_it_a_file_fails(house: Guide):
    limits = limits_of(house.plan("packshot"), CheckUse("color_difference", {}))
    assert limits["delta_e"] == math.nextafter(3.0, 0.0)
    assert limits["delta_e.warn"] == 2.0
    assert limits_of(house.plan("packshot"), CheckUse("halo", {"rim": 2.0})) == {"rim": 2.0}


def test_a_limit_of_the_checks_own_has_the_last_word(house: Guide):
    assert limits_of(house.plan("packshot"), CheckUse("color_difference", {"delta_e": 5.0}))["delta_e"] == 5.0


SWATCHES = 'client = "Acme"\n[swatches]\n"A1" = "47.8 36.3 29.5"\n"A1-navy" = "#1f2a44"\n"B-2" = "50/0/0"\n'


def test_a_guide_names_the_swatch_of_an_article_and_of_a_colorway(guide_of):
    guide = guide_of(SWATCHES)
    assert guide.identify("A1_front.jpg").expected() == {
        "reference_lab": [47.8, 36.3, 29.5],
        "reference": "swatch (style guide acme)",
    }
    assert guide.identify("a1-navy_front.jpg").reference == "#1f2a44"
    assert guide.identify("C3_front.jpg").expected() == {}


def test_the_shot_list_speaks_before_the_guide(guide_of, tmp_path):
    shots = shots_of("sku,lab\nA1,50 0 0\n", tmp_path)
    assert guide_of(SWATCHES).identify("A1_front.jpg", shots).reference == "50 0 0"


def test_a_guides_swatch_that_is_no_color_or_named_twice_is_refused_with_its_line(guide_of):
    with pytest.raises(DeclarationError, match=r"acme.toml line 3: swatches.A1: the color 'red' is neither Lab"):
        guide_of('client = "Acme"\n[swatches]\nA1 = "red"\n')
    with pytest.raises(DeclarationError, match=r"swatches.a1 is named twice"):
        guide_of('client = "Acme"\n[swatches]\nA1 = "50 0 0"\na1 = "51 0 0"\n')
