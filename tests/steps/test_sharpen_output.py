"""Sharpen output: the proposal follows the measured blur at the output's size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from safelight.errors import ParameterError
from safelight.steps.sharpen_output import step

from .pictures import picture


def _proposal(blur: float | None, kind: str = "sharp", **wanted: float):
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
