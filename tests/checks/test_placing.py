"""What `placing` measures of a layout, and what it can't."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.checks.placing import check
from tests.checks.targets import judged, seen

TOLD = {"margin": 5.0, "overlap": 4.0, "outside": 0.0, "seam": 0.0, "enlarged": 80.0, "light": 12.0}


def sheet(x0, y0, x1, y1, **told):
    picture, alpha = np.full((400, 600, 3), 255, np.uint8), np.zeros((400, 600), np.float32)
    picture[y0:y1, x0:x1], alpha[y0:y1, x0:x1] = (120, 80, 60), 1
    return judged(check, seen(picture, alpha=alpha, expected={"layout": TOLD | told}))


def test_a_layout_inside_its_margin_passes():
    verdict, values, evidence = sheet(20, 20, 580, 380)
    assert verdict.word == "pass"
    assert values["short"] == 0
    assert values["light"] == 12.0
    assert evidence == ()


def test_a_margin_that_falls_short_is_measured_on_the_picture_and_shown():
    verdict, values, [shown] = sheet(20, 20, 592, 380)
    assert verdict.word == "warn"
    assert values["short"] == pytest.approx(5 - 100 * 8 / 400)
    assert shown.box[0] > 0.9
    assert "right of the sheet 2.0 % is empty, the layout asks for 5.0 %" in shown.text


def test_a_piece_at_the_sheets_edge_fails():
    assert sheet(0, 20, 300, 380, margin=8.0)[0].word == "fail"


@pytest.mark.parametrize(
    "worse", [{"overlap": 20.0}, {"outside": 1.0}, {"seam": 9.0}, {"light": 90.0}, {"enlarged": 130.0}]
)
def test_what_was_measured_when_it_was_composed_is_judged(worse):
    assert sheet(20, 20, 580, 380, **worse)[0].word == "warn"


def test_captures_without_a_shadow_tell_no_light():
    verdict, values, _ = sheet(20, 20, 580, 380, light=None)
    assert "light" not in values
    assert verdict.word == "pass"


def test_another_picture_is_no_layout():
    verdict, values, _ = judged(check, seen(np.zeros((50, 50, 3), np.uint8), alpha=np.ones((50, 50), np.float32)))
    assert values["short"] is None
    assert verdict.word != "fail"


def test_without_a_matte_the_pieces_are_not_known():
    values = judged(check, seen(np.zeros((50, 50, 3), np.uint8), expected={"layout": TOLD}))[1]
    assert values["short"] is None
