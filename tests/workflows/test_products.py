import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.batch import FileState
from safelight.workflows.category import identify
from safelight.workflows.products import find_exceptions, products_of
from safelight.workflows.shot_list import read_shot_list
from safelight.workflows.slates import Frame, by_slates, file_number, in_order, named_by_slates

VIEWS = {"apparel": ("front", "back"), "packshot": ("front",)}


def file(path, sku="WJ12", view="front", category="apparel", cull="pick", **more):
    said = {"sku": sku, "view": view, "category": category, "class": cull, "color": "", "group": "", **more}
    return FileState(path, asset=f"asset-{path}", sorted=said)


def told(found):
    return [(each.kind, each.about) for each in found]


def test_a_product_has_its_views_and_says_what_is_missing():
    (found,) = products_of([file("a"), file("b", view="detail")], VIEWS)
    assert (found.sku, found.category, found.missing_views) == ("WJ12", "apparel", ("back",))
    assert found.assets == ("asset-a", "asset-b")


def test_a_missing_view_is_an_exception():
    (found,) = find_exceptions([file("a")], VIEWS)
    assert (found.kind, found.text) == ("missing_view", "WJ12 has no back view")


def test_a_view_whose_every_frame_was_left_out_is_told_with_its_frames():
    found = find_exceptions([file("a"), file("b", view="back", cull="reject")], VIEWS)
    assert [each.text for each in found] == ["every back view of WJ12 was left out: b"]


def test_names_that_fit_nothing_are_listed_with_why():
    found = find_exceptions([file("DSC_0001.jpg", sku="", view=""), file("thing.jpg", sku="", view="")], VIEWS)
    assert told(found) == [("unfit_name", "DSC_0001.jpg"), ("unfit_name", "thing.jpg")]
    assert "a camera's name" in found[0].text
    assert "none of the guide's name patterns" in found[1].text


def test_two_articles_in_one_group_are_asked_about():
    found = find_exceptions([file("a", group="g01"), file("b", sku="WJ13", group="g01")], {})
    assert found[0].text == "group g01 holds WJ12 and WJ13: one article with two numbers, or no group"


def test_two_picks_for_one_view_of_one_color_are_told():
    assert told(find_exceptions([file("a"), file("b")], {})) == [("two_picks", "WJ12")]
    assert not find_exceptions([file("a", color="red"), file("b", color="blue")], {})


def test_what_the_list_asks_for_and_nobody_shot_is_told(tmp_path):
    (tmp_path / "shots.csv").write_text("file,sku,view\nwj12_front.jpg,WJ12,front\nwj12_back.jpg,WJ12,back\n,WJ99,\n")
    found = find_exceptions([file("WJ12_front.JPG")], {}, read_shot_list(tmp_path / "shots.csv"))
    assert told(found) == [("not_shot", "WJ12"), ("not_shot", "WJ99")]
    assert "shot list line 3: wj12_back.jpg" in found[0].text


def test_a_shoot_that_adds_up_has_no_exceptions():
    assert find_exceptions([file("a"), file("b", view="back")], VIEWS) == []


@pytest.mark.parametrize(
    ("path", "sku", "view"),
    [
        ("WJ12/front.jpg", "WJ12", "front"),
        ("spring/MH-03/02_back.jpg", "MH-03", "back"),
        ("AB1234/DSC_0001.jpg", "AB1234", ""),
        ("4006381333931/side-01.tif", "4006381333931", "side"),
        ("day02/DSC_0001.jpg", "", ""),
        ("shoot_0412/DSC_0001.jpg", "", ""),
        ("100CANON/IMG_0001.CR2", "", ""),
        ("2026-03-01/IMG_0001.CR2", "", ""),
        ("look03/cam01/IMG_0001.CR2", "", ""),
        ("WJ12/AB99_front.jpg", "AB99", "front"),
    ],
)
def test_an_article_is_read_from_its_folder_where_its_name_is_silent(path, sku, view):
    found = identify(path)
    assert (found.sku, found.view) == (sku, view)


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("shoes/a.jpg", "footwear"),
        ("packshots/sneakers/a.jpg", "footwear"),
        ("Cosmetics/a.jpg", "cosmetics"),
        ("glassware/a.jpg", "glass"),
        ("swatches/a.jpg", "swatch"),
        ("editorial/a.jpg", "editorial"),
        ("misc/a.jpg", "other"),
        ("shoes/on model/a.jpg", "unknown"),
        ("flat lay/a.jpg", "apparel"),
    ],
)
def test_every_category_has_its_words(path, category):
    assert identify(path).category == category


def test_frames_after_a_slate_are_its_articles_until_the_next():
    frames = [Frame(f"DSC_{n:04}.jpg", slate={1: "A1", 4: "B2"}.get(n, "")) for n in range(6)]
    assert by_slates(frames) == {f"DSC_{n:04}.jpg": "A1" if n < 4 else "B2" for n in range(1, 6)}


def test_a_slate_names_only_what_nothing_else_names():
    paths = ("DSC_0001.jpg", "DSC_0002.jpg", "ZZ99_front.jpg")
    frames = [Frame("DSC_0001.jpg", slate="A1"), Frame("DSC_0002.jpg"), Frame("ZZ99_front.jpg")]
    found = named_by_slates({each: identify(each) for each in paths}, frames)
    assert [found[each].sku for each in paths] == ["A1", "A1", "ZZ99"]
    assert found["DSC_0002.jpg"].read_from["sku"] == "slate"


def test_a_clock_that_jumps_does_not_move_frames_to_another_slate():
    frames = [
        Frame("DSC_0001.jpg", "one", "2026-03-01T10:00:00", "A1"),
        Frame("DSC_0002.jpg", "one", "2020-01-01T00:00:00"),
        Frame("DSC_0003.jpg", "one", "2026-03-01T10:01:00", "B2"),
    ]
    assert by_slates(frames)["DSC_0002.jpg"] == "A1"


def test_a_second_camera_needs_a_slate_of_its_own():
    frames = [Frame("DSC_0001.jpg", "one", slate="A1"), Frame("IMG_0002.jpg", "two")]
    assert by_slates(frames) == {"DSC_0001.jpg": "A1"}


def test_without_numbers_time_counts_and_without_time_the_name():
    by_time = [Frame("b.jpg", "", "2026-03-01T10:00:00"), Frame("a.jpg", "", "2026-03-01T10:01:00")]
    assert [each.path for each in in_order(by_time)] == ["b.jpg", "a.jpg"]
    assert [each.path for each in in_order([Frame("b.jpg"), Frame("a.jpg")])] == ["a.jpg", "b.jpg"]


def test_a_counter_that_starts_anew_goes_on():
    frames = [Frame(f"DSC_{n:04}.jpg") for n in (1, 9998, 2, 9999)]
    assert [file_number(each.path) for each in in_order(frames)] == [9998, 9999, 1, 2]


@given(numbers=st.lists(st.integers(0, 4000), unique=True, min_size=1), seed=st.randoms())
def test_order_does_not_depend_on_arrival(numbers, seed):
    frames = [Frame(f"DSC_{each:04}.jpg") for each in numbers]
    shuffled = frames[:]
    seed.shuffle(shuffled)
    assert in_order(shuffled) == in_order(frames) == sorted(frames, key=lambda each: each.path)
