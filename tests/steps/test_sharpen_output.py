"""Sharpen output: the proposal follows the measured blur at the output's size."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from safelight.errors import ParameterError
from safelight.steps.sharpen_output import step

from .pictures import picture


def _proposal(blur: float | None, kind: str = "sharp", **wanted: float | str):
    frame, tools = picture(np.full((50, 80, 3), 0.5, np.float32))
    frame = replace(frame, full_size=(6000, 4000), facts={"focus": {"blur_px": blur, "kind": kind}})
    return step.propose(frame, None, wanted, tools)


def test_a_crisp_picture_is_left_alone_and_a_soft_one_is_not() -> None:
    assert _proposal(0.4).params["amount"] == 0.0
    assert float(_proposal(1.1).params["amount"]) > 0.5


def test_reduction_hides_blur_so_less_is_proposed() -> None:
    assert float(_proposal(1.2, output_side_px=2000).params["amount"]) < float(_proposal(1.2).params["amount"])


def test_movement_and_wide_blur_are_doubted() -> None:
    sure, unsure, moved = _proposal(0.9), _proposal(3.0, "defocus"), _proposal(3.0, "motion")
    assert sure.confidence is not None and unsure.confidence is not None and moved.confidence is not None
    assert sure.confidence.value > 0.9 > 0.5 > unsure.confidence.value > moved.confidence.value
    assert "too_soft" in [each.code for each in unsure.reasons if each.doubt]


def test_an_unmeasured_picture_gets_a_light_hand_and_a_doubt() -> None:
    found = _proposal(None)
    assert found.params["amount"] == 0.2
    assert found.reasons[0].doubt


def test_a_reduced_view_is_not_shown_with_wider_halos() -> None:
    assert step.paint is not None
    rgb = np.random.default_rng(1).uniform(0, 1, (60, 60, 3)).astype(np.float32)
    params = step.params.accept({"amount": 1.0, "radius_px": 0.7}, fill=True)
    assert np.array_equal(step.paint(rgb, params, 0.25), rgb)
    assert not np.array_equal(step.paint(rgb, params, 1.0), rgb)


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"sharpen_output.amount is -1; it takes 0 to 3"):
        step.params.accept({"amount": -1})


def scene(side: int = 200) -> np.ndarray:
    """Edges of every direction and contrast, as soft as a good lens leaves them, code values 0..1."""
    rng = np.random.default_rng(6)
    out = np.full((side, side), 0.5, np.float32)
    for _ in range(40):
        x, y = rng.integers(0, side, 2).tolist()
        axes = rng.integers(6, 50, 2).tolist()
        cv2.ellipse(out, (x, y), axes, float(rng.uniform(0, 180)), 0, 360, float(rng.uniform(0.25, 0.75)), -1)
    return np.repeat(cv2.GaussianBlur(out, (0, 0), 0.8)[..., None], 3, axis=2)


@pytest.mark.parametrize(("medium", "spread_mm"), [("print_gloss", 0.04), ("print_matte", 0.07)])
def test_a_print_looks_more_like_the_screens_picture(medium: str, spread_mm: float) -> None:
    assert step.paint is not None
    picture_seen = step.paint(scene(), _proposal(0.8).params)
    sigma = spread_mm * 300 / 25.4
    printed = [
        cv2.GaussianBlur(step.paint(scene(), _proposal(0.8, **more).params), (0, 0), sigma)
        for more in ({}, {"medium": medium})
    ]
    off = [float(np.sqrt(((each - picture_seen) ** 2).mean())) for each in printed]
    assert off[1] < 0.75 * off[0]


def test_paper_wants_more_and_wider_and_is_doubted() -> None:
    screen, gloss, matte = (_proposal(0.8, medium=each) for each in ("screen", "print_gloss", "print_matte"))
    assert float(screen.params["amount"]) < float(gloss.params["amount"]) <= float(matte.params["amount"]) + 0.3
    assert float(matte.params["radius_px"]) > float(gloss.params["radius_px"]) - 1e-6
    assert screen.confidence is not None and gloss.confidence is not None
    assert gloss.confidence.value == pytest.approx(0.8 * screen.confidence.value, abs=1e-3)
    assert [each.code for each in gloss.reasons if each.doubt] == ["print_unseen"]


def test_screens_are_sharpened_as_before_and_a_persons_number_has_the_last_word() -> None:
    assert dict(_proposal(0.8).params) == dict(_proposal(0.8, medium="screen").params)
    assert _proposal(0.8, medium="print_matte", amount=0.1).params["amount"] == 0.1


def test_an_unknown_medium_is_refused_with_those_there_are() -> None:
    with pytest.raises(ParameterError, match="print_gloss"):
        step.params.accept({"medium": "canvas"})
