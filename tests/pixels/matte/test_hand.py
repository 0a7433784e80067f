import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.matte import hand
from safelight.pixels.matte.hand import Stroke, box_matte, brush, click_matte, scribble
from safelight.pixels.matte.live_wire import live_wire
from tests.pixels.matte.test_path import disk


def picture(side=400):
    """A red disk and a blue one on gray, and both mattes."""
    red, blue = (disk(side, side // 6, (side // 2, x)) for x in (side // 4, 3 * side // 4))
    linear = np.full((side, side, 3), 200.0)
    linear += red[..., None] * (np.array([160, 20, 20]) - linear) + blue[..., None] * (np.array([20, 30, 150]) - linear)
    return np.rint(linear).astype(np.uint8), red, blue


def share(alpha):
    return alpha / np.float32(65535)


@settings(max_examples=40, deadline=None)
@given(
    x=st.floats(-30, 130), y=st.floats(-30, 110), radius=st.floats(0.5, 40), hard=st.floats(0, 1), flow=st.floats(0, 1)
)
def test_a_brush_only_adds_or_only_takes_away_and_leaves_its_matte(x, y, radius, hard, flow):
    before = np.rint(disk(100, 30)[:80] * 65535).astype(np.uint16)
    kept = before.copy()
    added = brush(before, Stroke(((x, y),), radius, adds=True, hardness=hard, flow=flow))
    taken = brush(before, Stroke(((x, y),), radius, adds=False, hardness=hard, flow=flow))
    assert (added >= before).all() and (taken <= before).all() and (before == kept).all()


def test_a_hard_brush_covers_its_disk_and_flow_is_its_most():
    empty = np.zeros((100, 100), np.uint16)
    full = share(brush(empty, Stroke(((50.0, 50.0),), 20, adds=True)))
    assert full.sum() == pytest.approx(np.pi * 20**2, rel=0.06)
    half = share(brush(empty, Stroke(((30.0, 50.0), (70.0, 50.0), (30.0, 50.0)), 10, adds=True, flow=0.5)))
    assert half.max() == pytest.approx(0.5, abs=0.01)


def test_a_soft_brush_fades_from_its_middle():
    line = share(brush(np.zeros((100, 100), np.uint16), Stroke(((50.5, 50.5),), 30, adds=True, hardness=0.0)))[50]
    assert line[50] > line[60] > line[70] > line[78] > 0


def test_a_click_takes_the_thing_under_it_and_not_its_neighbor():
    code, red, blue = picture()
    found = share(click_matte(code, (100.0, 200.0)))
    assert np.abs(found - red).mean() < 0.004
    assert found[blue > 0].max() < 0.1


def test_a_scribble_adds_the_second_thing_and_leaves_the_first():
    code, red, blue = picture()
    first = np.rint(red * 65535).astype(np.uint16)
    found = scribble(code, first, (Stroke(((290.0, 200.0), (310.0, 205.0)), 6, adds=True),))
    assert np.abs(share(found) - np.maximum(red, blue)).mean() < 0.005
    assert (found[:, :180] == first[:, :180]).all()


def test_a_scribble_takes_the_second_thing_away():
    code, red, blue = picture()
    both = np.rint(np.maximum(red, blue) * 65535).astype(np.uint16)
    found = scribble(code, both, (Stroke(((290.0, 200.0), (310.0, 205.0)), 6, adds=False),))
    assert np.abs(share(found) - red).mean() < 0.01


def test_a_box_takes_what_stands_inside():
    code, red, _ = picture()
    found = share(box_matte(code, (20, 110, 180, 290)))
    assert np.abs(found - red).mean() < 0.005
    assert not found[:, 185:].any()


def test_a_live_wire_runs_along_the_disk():
    code, _, _ = picture()
    way = np.array(live_wire(code, (100.0, 133.5), (166.5, 200.0)))
    off = np.abs(np.hypot(way[:, 0] - 100, way[:, 1] - 200) - 66)
    assert np.percentile(off, 95) < 2.5 and len(way) > 40


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"radius_px": 0.0}, "radius_px is 0.0; it takes more than 0, at most 2000 px"),
        ({"hardness": 1.5}, "hardness is 1.5; it takes 0 to 1"),
        ({"flow": -0.1}, "flow is -0.1; it takes 0 to 1"),
        ({"points": ()}, "a stroke needs one point"),
        ({"points": ((float("nan"), 1.0),)}, "all finite"),
    ],
)
def test_what_can_not_be_drawn_is_refused_with_the_range(words, said):
    with pytest.raises(ValueError, match=said):
        Stroke(**{"points": ((1.0, 1.0),), "radius_px": 3.0, "adds": True, **words})


def test_an_empty_box_and_a_click_beside_the_picture_are_refused():
    code, _, _ = picture()
    with pytest.raises(ValueError, match="less than 8 x 8 px of a picture of 400 x 400"):
        box_matte(code, (395, 395, 500, 500))
    with pytest.raises(ValueError, match="the picture is 400 x 400 px"):
        live_wire(code, (500, 1), (2, 2))


def test_an_outline_is_filled_to_its_area_with_an_edge_of_one_pixel():
    ring = tuple((60 + 40 * np.cos(a), 50 + 30 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 200, endpoint=False))
    found = hand.fill_outline(np.zeros((100, 120), np.uint16), ring, adds=True) / 65535
    assert abs(found.sum() / (np.pi * 40 * 30) - 1) < 0.012
    soft = ((found > 0.02) & (found < 0.98)).sum()
    assert soft < 2.5 * 2 * np.pi * 40  # a pixel or two around it


def test_what_an_outline_adds_it_takes_away():
    square = ((10.5, 10.5), (40.0, 12.0), (38.0, 44.0))
    before = np.zeros((60, 60), np.uint16)
    added = hand.fill_outline(before, square, adds=True)
    left = hand.fill_outline(added, square, adds=False)
    assert left.max() <= 32768  # half of what the edge shares with its ground, nothing inside
    assert int(left.astype(int).sum()) < 0.06 * int(added.astype(int).sum())
    assert not before.any()


@pytest.mark.parametrize("points", [(), ((1.0, 1.0), (2.0, 2.0)), ((1.0, 1.0), (2.0, float("nan")), (3.0, 3.0))])
def test_an_outline_of_too_few_or_wild_points_is_refused(points):
    with pytest.raises(ValueError, match="three points"):
        hand.fill_outline(np.zeros((9, 9), np.uint16), points, adds=True)
