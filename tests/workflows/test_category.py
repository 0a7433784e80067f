import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.errors import DeclarationError, ParameterError
from safelight.workflows.category import identify, is_camera_name, read_pattern
from safelight.workflows.shot_list import Columns, read_shot_list


@pytest.fixture
def shots_of(tmp_path):
    def load(text, columns=None):
        path = tmp_path / "shots.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return read_shot_list(path, columns)

    return load


@pytest.mark.parametrize(
    ("name", "sku", "color", "view"),
    [
        ("AB1234_front.jpg", "AB1234", "", "front"),
        ("AB1234-red_back.tif", "AB1234", "red", "back"),
        ("AB-12-34_front.jpg", "AB-12-34", "", "front"),
        ("AB-12-34-Navy_Detail.jpg", "AB-12-34", "navy", "detail"),
        ("AB1234_black_side.jpg", "AB1234", "black", "side"),
        ("4006381333931_front_02.png", "4006381333931", "", "front"),
        ("AB1234-side.jpg", "AB1234", "", "side"),
    ],
)
def test_article_colorway_and_view_are_read_from_the_name(name, sku, color, view):
    found = identify(name)
    assert (found.sku, found.color, found.view) == (sku, color, view)
    assert found.read_from["sku"] == "file name"


@pytest.mark.parametrize(
    "stem",
    [
        "DSC_2101", "_DSC4711", "IMG_0042", "_MG_0042", "DSCF1234", "P1010001", "GOPR0001", "IMG_20250102_101112",
        "100_0042", "4711", "DJI_0007",
    ],
)  # fmt: skip
def test_a_cameras_own_name_names_no_article(stem):
    assert is_camera_name(stem)
    found = identify(f"{stem}.jpg")
    assert (found.sku, found.view, found.category) == ("", "", "unknown")


@pytest.mark.parametrize("name", ["summer_dress.jpg", "summer_skirt.jpg", "AB1234.jpg", "AB1234_odd.jpg"])
def test_a_word_that_is_no_view_makes_no_article(name):
    assert identify(name).sku == ""


def test_two_articles_that_differ_behind_a_dash_stay_two():
    assert identify("AB-1_front.jpg").sku != identify("AB-2_front.jpg").sku


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("jewelry/a.jpg", "jewelry"),
        ("Jewellery 2025/a.jpg", "jewelry"),
        ("shoot/On-Model/a.jpg", "on_model"),
        ("PACKSHOTS_monday/IMG_0042.jpg", "packshot"),
        ("apparel_DSC_0042.jpg", "apparel"),
        ("wednesday/DSC_0042.jpg", "unknown"),
        ("earrings and shoes/a.jpg", "unknown"),
        ("brings/a.jpg", "unknown"),
    ],
)
def test_the_category_is_read_from_folder_or_name(path, category):
    assert identify(path).category == category


def test_a_contradiction_says_what_contradicts():
    assert identify("jewelry/worn/a.jpg").read_from["category"] == "folder names jewelry and on_model"


def test_the_shot_list_is_believed_before_folder_and_name(shots_of):
    shots = shots_of("file,sku,view,category,stakes\nDSC_2101.jpg,R10,Front,watches,high\n")
    found = identify("packshots/DSC_2101.jpg", shots)
    assert (found.sku, found.view, found.category, found.stakes) == ("R10", "front", "jewelry", "high")
    assert found.read_from["category"] == "shot list line 2"


def test_a_shot_list_by_article_says_its_category_and_leaves_the_view(shots_of):
    shots = shots_of("sku;category;view\nAB1234;Clothing;front\n")
    found = identify("AB1234_back.jpg", shots)
    assert (found.category, found.view) == ("apparel", "back")


def test_a_clients_own_column_heads_are_taken(shots_of):
    shots = shots_of("Artikel\tBild\nR10\tDSC_2101.NEF\n", Columns(file="Bild", sku="artikel"))
    assert identify("DSC_2101.nef", shots).sku == "R10"


def test_a_category_of_the_clients_own_is_kept(shots_of):
    assert identify("a.jpg", shots_of("file,category\na,Garden Tools\n")).category == "garden_tools"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "shots.csv is empty; its first line holds the column heads"),
        (
            "filename,article\na,b",
            "shots.csv line 1: no column 'file' or 'sku'; nearest is 'filename'; it has: filename, article",
        ),
        ("file,sku\na.jpg,1\nb.jpg,2\nA.jpg,3", "shots.csv line 4: 'A.jpg' stands in line 2 too, and they differ"),
        ("file,stakes\na.jpg,low", "shots.csv line 2: stakes is 'low'; it takes one of standard, high, or nothing"),
        ("file,sku\nü,1".encode("latin-1"), "shots.csv is not UTF-8 at byte 9; save it as CSV UTF-8"),
    ],
)
def test_a_shot_list_that_does_not_hold_is_told_with_its_line(shots_of, text, said):
    with pytest.raises(DeclarationError) as error:
        shots_of(text)
    assert said in str(error.value)


def test_the_same_row_twice_does_no_harm(shots_of):
    assert shots_of("file,sku\na.jpg,1\na.jpg,1\n").of_file("x/A.JPG").sku == "1"


def test_a_pattern_of_the_clients_own_is_read():
    assert identify("front+R10.jpg", patterns=["{view}+{sku}"]).sku == "R10"


@pytest.mark.parametrize("pattern", ["{view}", "{sku}{sku}", "{sku}_{weight}", "{sku"])
def test_a_pattern_that_cannot_work_is_refused(pattern):
    with pytest.raises(ParameterError, match="file-name pattern"):
        read_pattern(pattern)


@given(st.text(max_size=80))
def test_any_name_is_answered(path):
    found = identify(path)
    assert found.category
    assert found.sku == found.sku.strip()


def test_a_long_hostile_name_takes_no_time():
    assert identify("_" * 4000 + "-" * 4000 + ".jpg").sku == ""


def test_bytes_that_are_no_utf_8_do_no_harm():
    assert identify("packshots/\udcff\udcfe_front.jpg").category == "packshot"
