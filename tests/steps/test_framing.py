"""Framing: a product's margins, where the frame cuts it, its tilt."""

from __future__ import annotations

import json

import numpy as np
import pytest

from safelight.core.image import Image
from safelight.steps.framing import step

from .pictures import Lent, picture


def _box(rows: slice, columns: slice, height: int = 300, width: int = 400) -> np.ndarray:
    scene = np.full((height, width, 3), 0.8, np.float32)
    scene[rows, columns] = (0.1, 0.2, 0.05)
    return scene


def _facts(scene: np.ndarray, **more) -> dict:
    frame, tools = picture(scene, **more)
    return dict(step.propose(frame, None, {}, tools).facts)


def test_margins_of_a_box_are_its_distances_from_the_sides() -> None:
    found = _facts(_box(slice(60, 240), slice(100, 320)))
    wanted = {"top": 0.2, "right": 0.2, "bottom": 0.2, "left": 0.25}
    assert found["margins"] == pytest.approx(wanted, abs=0.025)
    assert found["cut_off"] == []
    assert found["off_center"] == pytest.approx([0.025, 0.0], abs=0.01)


@pytest.mark.parametrize(
    ("rows", "columns", "side"),
    [
        (slice(0, 200), slice(100, 300), "top"),
        (slice(150, 300), slice(100, 300), "bottom"),
        (slice(80, 200), slice(0, 200), "left"),
        (slice(80, 200), slice(250, 400), "right"),
    ],
)
def test_a_product_that_leaves_the_frame_is_cut_off_there(rows: slice, columns: slice, side: str) -> None:
    assert _facts(_box(rows, columns))["cut_off"] == [side]


def test_the_matte_knows_better_than_the_backdrop() -> None:
    alpha = np.zeros((300, 400), np.float32)
    alpha[100:200, 100:200] = 1.0
    found = _facts(_box(slice(60, 240), slice(100, 320)), alpha=alpha)
    assert found["subject_by"] == "matte"
    assert found["subject_box"] == pytest.approx([0.25, 0.333, 0.5, 0.667], abs=0.01)


def test_without_a_backdrop_margins_are_not_made_up() -> None:
    frame, tools = picture(np.random.default_rng(1).uniform(0, 1, (300, 400, 3)).astype(np.float32))
    found = step.propose(frame, None, {}, tools)
    assert found.facts["margins"] is None and found.facts["tilt_deg"] is None
    assert {each.code for each in found.reasons} == {"subject_unknown", "tilt_unknown"}
    assert all(each.doubt for each in found.reasons)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0, np.nan, np.inf])
@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 700, 3), (300, 400, 3)])
def test_empty_frames_tell_nothing(shape: tuple[int, ...], value: float) -> None:
    scene = np.full(shape, value, np.float32)
    frame, _ = picture(scene)
    found = step.propose(frame, None, {}, Lent(Image(scene, "linear_rec2020")))
    assert found.facts["cut_off"] == []
    json.dumps(dict(found.facts), allow_nan=False)
