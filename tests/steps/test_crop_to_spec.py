"""Crop to spec: fill, alignment and aspect, in whole pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from safelight.errors import ParameterError
from safelight.steps.crop_to_spec import step

from .pictures import picture

shares = st.tuples(st.floats(0.02, 0.4), st.floats(0.05, 0.55)).map(lambda each: (each[0], each[0] + each[1]))
aspects = st.sampled_from(["1:1", "4:5", "3:4", "2:3", "16:9", "1:1.44", "original"])


def _map(size: tuple[int, int], **params: Any):
    assert step.paint is not None
    return step.paint(step.params.accept(params, fill=True), size)


def _with_matte(alpha: np.ndarray):
    frame, tools = picture(np.full((*alpha.shape, 3), 0.5, np.float32))
    return replace(frame, alpha=alpha), tools


def _matte(rows: slice, columns: slice, shape: tuple[int, int] = (400, 600)) -> np.ndarray:
    alpha = np.zeros(shape, np.float32)
    alpha[rows, columns] = 1.0
    return alpha


@given(across=shares, down=shares, aspect=aspects, fill=st.floats(0.3, 1.0), width=st.integers(400, 6000))
def test_the_subject_takes_its_fill_in_whole_pixels(
    across: Any, down: Any, aspect: str, fill: float, width: int
) -> None:
    height = width * 2 // 3
    subject = (across[0], down[0], across[1], down[1])
    made = _map((width, height), subject=subject, aspect=aspect, fill=fill, pad=True)
    assert made.is_aligned()
    sides = (across[1] - across[0]) * width / made.width, (down[1] - down[0]) * height / made.height
    assert max(sides) == pytest.approx(step.params.accept({"fill": fill})["fill"], abs=2 / min(made.size) + 0.001)


@given(across=shares, down=shares, aspect=aspects, fill=st.floats(0.3, 1.0))
def test_without_padding_the_frame_stays_inside_the_original(across: Any, down: Any, aspect: str, fill: float) -> None:
    made = _map((900, 600), subject=(across[0], down[0], across[1], down[1]), aspect=aspect, fill=fill, pad=False)
    x, y, right, bottom = made.bounds()
    assert x >= 0 and y >= 0 and right <= 900 and bottom <= 600


@given(across=shares, down=shares)
def test_a_centered_subject_has_equal_margins(across: Any, down: Any) -> None:
    made = _map((3000, 2000), subject=(across[0], down[0], across[1], down[1]), pad=True)
    corners = made.from_original([[across[0] * 3000, down[0] * 2000], [across[1] * 3000, down[1] * 2000]])
    assert abs(corners[0][0] - (made.width - corners[1][0])) <= 2.1
    assert abs(corners[0][1] - (made.height - corners[1][1])) <= 2.1


def test_a_product_stands_on_its_baseline() -> None:
    made = _map((3000, 2000), subject=(0.3, 0.4, 0.6, 0.7), align="baseline", baseline=0.1, fill=0.5, pad=True)
    bottom = made.from_original([[0.0, 0.7 * 2000]])[0][1]
    assert (made.height - bottom) / made.height == pytest.approx(0.1, abs=0.002)


def test_the_margin_limits_the_fill() -> None:
    made = _map((2000, 2000), subject=(0.25, 0.25, 0.75, 0.75), fill=1.0, margin=0.1, pad=True)
    assert 1000 / made.width == pytest.approx(0.8, abs=0.001)


def test_one_to_one_is_square_to_the_pixel() -> None:
    made = _map((3001, 1999), subject=(0.123, 0.2, 0.777, 0.9), pad=True)
    assert made.width == made.height


def test_a_picture_leaning_counter_clockwise_is_set_upright_by_a_negative_turn() -> None:
    # A point right of the middle and 0.1 rad above it lies on the horizon of a picture turned by +0.1 rad.
    made = _map((1000, 1000), straighten_deg=-5.0)
    turned = np.radians(5.0)
    x, y = made.from_original([[500 + 300 * np.cos(turned), 500 - 300 * np.sin(turned)]])[0]
    assert (x, y) == pytest.approx((800, 500), abs=1e-6)
    assert not made.is_aligned()


def test_the_proposal_finds_the_subject_and_leaves_specks_out() -> None:
    alpha = _matte(slice(100, 300), slice(200, 400))
    alpha[5:7, 590:592] = 1.0
    frame, tools = _with_matte(alpha)
    found = step.propose(frame, None, {}, tools)
    assert found.params["subject"] == pytest.approx((200 / 600, 100 / 400, 400 / 600, 300 / 400), abs=1e-5)
    assert found.params["pad"] is True


def test_a_subject_at_the_edge_is_said_to_be_cut_off() -> None:
    whole, tools = _with_matte(_matte(slice(100, 300), slice(200, 400)))
    cut, _ = _with_matte(_matte(slice(0, 300), slice(200, 400)))
    fine, poor = step.propose(whole, None, {}, tools), step.propose(cut, None, {}, tools)
    assert "touches_edge" in [each.code for each in poor.reasons if each.doubt]
    assert "top" in next(each for each in poor.reasons if each.code == "touches_edge").text
    assert fine.confidence is not None and poor.confidence is not None
    assert fine.confidence.value > poor.confidence.value


def test_without_a_matte_the_whole_frame_is_kept_with_low_confidence() -> None:
    frame, tools = picture(np.full((40, 60, 3), 0.5, np.float32))
    found = step.propose(frame, None, {}, tools)
    assert step.paint is not None
    assert step.paint(found.params, (60, 40)).size == (60, 40)
    assert found.confidence is not None and found.confidence.value < 0.2


@pytest.mark.parametrize("alpha", [0.0, 1.0, np.nan])
@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (300, 300)])
def test_empty_and_full_mattes_still_make_a_frame(shape: tuple[int, int], alpha: float) -> None:
    frame, tools = _with_matte(np.full(shape, alpha, np.float32))
    found = step.propose(frame, None, {}, tools)
    assert step.paint is not None
    assert min(step.paint(found.params, frame.full_size).size) >= 1


def test_a_frame_cut_by_hand_holds_instead() -> None:
    made = _map((1000, 500), box=(0.1, -0.1, 0.6, 0.9))
    assert made.size == (500, 500)
    assert made.crop_rows_cols() == (slice(-50, 450), slice(100, 600))


@given(text=st.text(max_size=8))
def test_what_is_no_aspect_is_refused_with_the_way_out(text: str) -> None:
    import re

    assume(not re.fullmatch(r"\d+(\.\d+)?:\d+(\.\d+)?", text) and text != "original")
    with pytest.raises(ParameterError, match="it takes width:height like 1:1 or 4:5, or original"):
        _map((100, 100), aspect=text)


def test_a_frame_of_billions_of_pixels_is_refused() -> None:
    with pytest.raises(ParameterError, match="raise fill or set pad to false"):
        _map((60000, 60000), fill=0.2, pad=True)
    with pytest.raises(ParameterError, match="x0 < x1"):
        _map((100, 100), box=(0.5, 0.0, 0.4, 1.0))
