import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from safelight.delivery.frame import choose_frame
from safelight.errors import GateClosedError

BOX = (1000, 1000, 3000, 3000)


def fill_of(frame, box):
    return max((box[2] - box[0]) / frame.width, (box[3] - box[1]) / frame.height)


def test_a_frame_that_fits_already_is_kept():
    frame = choose_frame((4000, 4000), (300, 300, 3700, 3700), longest_px=2000, fill=(0.8, 0.9))
    assert (frame.x, frame.y, frame.width, frame.height) == (0, 0, 4000, 4000)
    assert (frame.out_width, frame.out_height, frame.reduction()) == (2000, 2000, (2, 2))


def test_a_small_subject_is_framed_tighter_and_stays_in_the_middle():
    frame = choose_frame((4000, 4000), BOX, longest_px=2000, fill=(0.8, 0.9))
    assert 0.8 < fill_of(frame, BOX) < 0.81
    assert frame.x + frame.width / 2 == pytest.approx(2000)


def test_a_large_subject_gets_air_beyond_the_master():
    box = (20, 20, 1980, 1980)
    frame = choose_frame((2000, 2000), box, longest_px=1500, fill=(0.75, 0.9))
    assert frame.beyond((2000, 2000)) == ("left", "top", "right", "bottom")
    assert fill_of(frame, box) == pytest.approx(0.896, abs=1e-3)


def test_another_shape_pads_and_never_crops():
    frame = choose_frame((3000, 2000), None, longest_px=2200, aspect="1:1")
    assert (frame.x, frame.y, frame.width, frame.height) == (0, -500, 3000, 3000)


def test_a_master_smaller_than_aimed_at_is_delivered_as_large_as_it_is():
    frame = choose_frame((1800, 1800), None, longest_px=2200, least_px=(0, 1500))
    assert (frame.out_width, frame.out_height) == (1800, 1800)


def test_a_master_that_is_too_small_is_refused_with_the_numbers():
    with pytest.raises(GateClosedError) as error:
        choose_frame((900, 900), None, longest_px=2200, least_px=(0, 1500))
    assert str(error.value) == (
        "too small: the master gives 900 x 900 px where the channel takes at least shortest side 1500 px "
        "(aimed at 2200 px); nothing is enlarged: shoot it larger, or crop the master less"
    )


def test_a_subject_that_the_frame_cuts_is_not_floated_in_new_background():
    with pytest.raises(GateClosedError, match="cuts the subject at the bottom, and the channel needs background there"):
        choose_frame((2000, 2000), (400, 100, 1600, 2000), longest_px=1500, fill=(0.75, 0.9))


sides = st.integers(600, 6000)


@given(sides, sides, st.data(), st.sampled_from(["original", "1:1", "4:5", "3:4"]), st.integers(500, 3000))
def test_nothing_is_ever_enlarged_and_the_fill_is_as_asked(width, height, data, aspect, longest):
    x0, y0 = data.draw(st.integers(1, width // 2)), data.draw(st.integers(1, height // 2))
    x1, y1 = data.draw(st.integers(x0 + 50, width - 1)), data.draw(st.integers(y0 + 50, height - 1))
    assume(min(x1 - x0, y1 - y0) > 20)
    frame = choose_frame((width, height), (x0, y0, x1, y1), longest_px=longest, aspect=aspect, fill=(0.7, 0.9))
    assert min(frame.reduction()) >= 1
    a_pixel = 1 / min(frame.out_width, frame.out_height)
    assert 0.7 - a_pixel <= fill_of(frame, (x0, y0, x1, y1)) <= 0.9 + a_pixel
    assert frame.x <= x0
    assert frame.y <= y0
    assert max(frame.out_width, frame.out_height) <= longest


@given(sides, sides, st.integers(100, 3000))
def test_without_a_matte_the_whole_master_is_shown(width, height, longest):
    frame = choose_frame((width, height), None, longest_px=longest, aspect="1:1")
    assert frame.width >= width
    assert frame.height >= height
