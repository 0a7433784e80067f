"""A layout as data: what it takes, what it refuses, and a row that keeps sizes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.layout import Layout, in_a_row, layout_from_data
from safelight.errors import ParameterError, UsageError

TWO = {"sheet": {"aspect": "4:3"}, "place": [{"file": "near.jpg", "order": 2}, {"file": "far.jpg", "scale": 0.3}]}


def test_places_are_read_farthest_first():
    read = layout_from_data(TWO)
    assert [each.file for each in read.places] == ["far.jpg", "near.jpg"]
    assert read.places[0].scale == 0.3


def test_equal_orders_lie_as_they_are_listed():
    read = layout_from_data({"place": [{"file": each} for each in "abc"]})
    assert [each.file for each in read.places] == ["a", "b", "c"]


def test_a_layout_written_and_read_is_the_same():
    read = layout_from_data(TWO)
    assert layout_from_data(json.loads(read.to_json())) == read


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"place": []}, "a layout has 0 places; it takes 1 to 40"),
        ({"place": [{"file": "a"}] * 41}, "a layout has 41 places"),
        ({"place": [{"file": "a"}, {}]}, "place 2 of the layout names no file"),
        ({"plan": []}, r"a layout has no plan; it takes \[sheet\] and \[\[place\]\]"),
        ({"place": "a.jpg"}, r"tables \[\[place\]\]"),
        ({"place": 3}, r"tables \[\[place\]\]"),
    ],
)
def test_what_is_no_layout_is_refused_with_what_is_taken(data, said):
    with pytest.raises(UsageError, match=said):
        layout_from_data(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"place": [{"file": "a", "at": [0.5, 1.2]}]}, r"layout.place.at is \[0.5, 1.2\]; it takes 2 numbers"),
        ({"place": [{"file": "a", "at": [float("nan"), 1]}]}, "layout.place.at"),
        ({"place": [{"file": "a", "scale": 0}]}, "layout.place.scale is 0; it takes 0.01 to 1.5"),
        ({"place": [{"file": "a", "turn": 5}]}, "layout.place has no parameter 'turn'; it takes: file, at, scale"),
        ({"sheet": {"margin": 0.5}, "place": [{"file": "a"}]}, "layout.sheet.margin is 0.5; it takes 0 to 0.4"),
        ({"sheet": {"shadow": "natural"}, "place": [{"file": "a"}]}, "one of none, contact, drop"),
        (
            {"sheet": {"aspect": "wide"}, "place": [{"file": "a"}]},
            "layout.sheet.aspect is 'wide'; it takes two numbers",
        ),
        ({"sheet": {"aspect": "1:0"}, "place": [{"file": "a"}]}, "two numbers like 4:5"),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(data, said):
    with pytest.raises(ParameterError, match=said):
        layout_from_data(data)


sides = st.floats(300, 1000)


@given(
    shapes=st.lists(st.tuples(sides, sides), min_size=1, max_size=6),
    ratio=st.floats(0.8, 3),
    margin=st.floats(0, 0.2),
)
def test_a_row_stands_on_one_line_inside_its_margin_and_keeps_sizes(shapes, ratio, margin):
    names = [str(n) for n in range(len(shapes))]
    row = in_a_row(names, shapes, Layout((), margin=margin), ratio)
    edge = margin * min(1, ratio)
    slack = 3e-4 * len(shapes)
    assert len({each.at[1] for each in row.places}) == 1
    for place, (width, height) in zip(row.places, shapes, strict=True):
        half = place.scale * width / height / ratio / 2
        assert place.at[0] - half >= edge / ratio - slack * (1 + width / height / ratio)
        assert place.at[1] - place.scale >= edge - slack
    unit = [place.scale / shape[1] for place, shape in zip(row.places, shapes, strict=True)]
    assert max(unit) - min(unit) <= 1e-4 / min(shape[1] for shape in shapes) * 1.01


def test_more_than_a_row_holds_is_refused_with_the_way_out():
    with pytest.raises(UsageError, match="30 cut-outs leave no room on the sheet: name fewer, or a smaller margin"):
        in_a_row([str(n) for n in range(30)], [(1.0, 1.0)] * 30, Layout((), margin=0.1), 1.0)


def test_a_sheet_is_the_largest_of_its_aspect_in_the_middle():
    assert Layout((), aspect="original").rect(600, 400) == (0, 0, 600, 400)
    assert Layout((), aspect="2:1").rect(600, 400) == (0, 50, 600, 300)
