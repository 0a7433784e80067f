"""Where a shadow falls: laid on floor and wall in all directions, and read back."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.measure.shadow_fall import Fall, measure_fall

HEIGHT, WIDTH, BASE, TALL = 600, 800, 400, 220


def bottle():
    alpha = np.zeros((HEIGHT, WIDTH), np.float32)
    alpha[BASE - TALL : BASE, 350:450] = 1
    alpha[BASE - TALL - 60 : BASE - TALL, 385:415] = 1
    return alpha


def on_floor(alpha, angle, reach, soft=0.03):
    across, down = reach * np.cos(np.deg2rad(angle)), reach * np.sin(np.deg2rad(angle))
    lean = np.float32([[1, -across, BASE * across], [0, -down, BASE + BASE * down]])
    return cv2.GaussianBlur(cv2.warpAffine(alpha, lean, (WIDTH, HEIGHT)), (0, 0), soft * TALL) * np.float32(0.4)


def on_wall(alpha, angle, reach, soft=0.03):
    by = reach * (TALL + 60) * np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
    moved = cv2.warpAffine(alpha, np.float32([[1, 0, by[0]], [0, 1, by[1]]]), (WIDTH, HEIGHT))
    return cv2.GaussianBlur(moved, (0, 0), soft * TALL) * np.float32(0.4)


def apart(one, other):
    return abs((one - other + 180) % 360 - 180)


# Straight behind the bottle, within 20 degrees, the bottle hides its own shadow: nothing is promised there.
SEEN = st.floats(-160, -110) | st.floats(-70, -20) | st.floats(20, 160)


@given(angle=SEEN, reach=st.floats(0.35, 0.9), soft=st.floats(0.015, 0.05))
@settings(max_examples=25, deadline=None)
def test_a_shadow_on_the_floor_falls_where_it_was_laid(angle, reach, soft):
    found = measure_fall(on_floor(bottle(), angle, reach, soft), bottle())
    assert apart(found.direction_deg, angle) < 15


@given(angle=st.floats(-180, 180), reach=st.floats(0.06, 0.3), soft=st.floats(0.015, 0.06))
@settings(max_examples=25, deadline=None)
def test_a_shadow_on_the_wall_falls_where_it_was_laid(angle, reach, soft):
    found = measure_fall(on_wall(bottle(), angle, reach, soft), bottle())
    assert apart(found.direction_deg, angle) <= 25  # moved by a fifteenth of the height it has few pixels to tell by


def test_depth_and_size_change_nothing():
    shade = on_floor(bottle(), -35, 0.6)
    whole = measure_fall(shade, bottle())
    assert measure_fall(shade * np.float32(0.25), bottle()).direction_deg == whole.direction_deg
    half = [cv2.resize(each, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for each in (shade, bottle())]
    assert apart(measure_fall(*half).direction_deg, whole.direction_deg) <= 3


def test_a_shadow_around_the_foot_on_all_sides_has_no_direction():
    from safelight.pixels.matte.made_shadow import contact_density

    found = measure_fall(contact_density(bottle(), 0.12), bottle())
    assert found is None or found.sure < 0.3


@pytest.mark.parametrize("subject", [np.zeros((60, 80), np.float32), np.ones((60, 80), np.float32)])
def test_without_subject_or_ground_there_is_none(subject):
    assert measure_fall(np.full((60, 80), 0.3, np.float32), subject) is None
    assert measure_fall(np.zeros((60, 80), np.float32), bottle()[::10, ::10]) is None


def test_a_lamp_from_the_left_throws_to_the_right_on_floor_and_wall_alike():
    """With slant x / z of 1, the floor's shadow is as long across as the subject is tall, the wall's falls at 45."""
    assert Fall(0.0, "floor", 1.0, 1.0, 1.0).drop_deg == pytest.approx(45)
    assert Fall(180.0, "floor", 1.0, 1.0, 1.0).drop_deg == pytest.approx(135)
    assert Fall(-90.0, "floor", 0.5, 1.0, 1.0).drop_deg == pytest.approx(90)
    assert Fall(30.0, "wall", 0.1, 1.0, 1.0).drop_deg == 30.0
