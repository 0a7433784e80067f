"""Background: hex colors as linear light, and where a subject melts into them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.errors import ParameterError
from safelight.steps.background import step

from .pictures import picture


def _shot(level: float, alpha_level: float = 1.0):
    alpha = np.zeros((80, 80), np.float32)
    alpha[20:60, 20:60] = alpha_level
    scene = np.full((80, 80, 3), 0.5, np.float32)
    scene[20:60, 20:60] = level
    frame, tools = picture(scene)
    return replace(frame, alpha=alpha), tools


def _paint(color: str):
    assert step.paint is not None
    return step.paint({"color": color})


def test_white_is_exactly_white_and_black_exactly_black() -> None:
    assert _paint("#ffffff") == (1.0, 1.0, 1.0)
    assert _paint("#000") == (0.0, 0.0, 0.0)


def test_code_128_is_0_2159_of_white() -> None:
    # IEC 61966-2-1
    assert _paint("#808080")[0] == pytest.approx(0.21586, abs=1e-5)


@given(codes=st.tuples(*[st.integers(0, 255)] * 3))
def test_every_color_encodes_back_to_its_codes(codes: tuple[int, int, int]) -> None:
    from safelight.pixels.color.spaces import encode

    light = np.array(_paint("#{:02x}{:02x}{:02x}".format(*codes)), np.float32)
    assert np.rint(encode(light, "srgb") * 255).astype(int).tolist() == list(codes)


@pytest.mark.parametrize("color", ["white", "#12", "#gggggg", "ffffff", "#ffffff ", "", "#ffffffff"])
def test_what_is_no_color_is_refused_with_the_way_out(color: str) -> None:
    with pytest.raises(ParameterError, match="it takes # and six hexadecimal digits, like #ffffff"):
        _paint(color)
    frame, tools = _shot(0.1)
    with pytest.raises(ParameterError, match="background.color"):
        step.propose(frame, None, {"color": color}, tools)


def test_a_dark_product_on_white_is_sure_and_a_white_one_is_not() -> None:
    dark, tools = _shot(0.1)
    white, _ = _shot(0.98)
    sure, unsure = step.propose(dark, None, {}, tools), step.propose(white, None, {}, tools)
    assert sure.confidence is not None and unsure.confidence is not None
    assert sure.confidence.value > 0.9 > 0.6 > unsure.confidence.value
    assert "melting_rim" in [each.code for each in unsure.reasons if each.doubt]


def test_without_a_matte_the_way_out_is_named() -> None:
    frame, tools = picture(np.full((8, 8, 3), 0.5, np.float32))
    found = step.propose(frame, None, {}, tools)
    assert "add step cutout" in found.reasons[0].text
    assert found.confidence is not None and found.confidence.value < 0.2


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0, np.nan])
@pytest.mark.parametrize("side", [1, 40])
def test_odd_mattes_are_doubted(alpha: float, side: int) -> None:
    frame, tools = picture(np.full((side, side, 3), np.nan, np.float32))
    found = step.propose(replace(frame, alpha=np.full((side, side), alpha, np.float32)), None, {}, tools)
    assert found.confidence is not None and found.confidence.value < 0.7
