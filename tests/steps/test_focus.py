"""Focus: judged at 100 %, on real frames with known kernels."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from safelight.core.image import Image
from safelight.steps.focus import step

from .pictures import Lent, picture


def _checked(side: int = 800, blur_px: float = 0.6) -> np.ndarray:
    rows, columns = np.mgrid[0:side, 0:side]
    tilted = ((rows * 0.97 + columns * 0.26) // 80 + (columns * 0.97 - rows * 0.26) // 80) % 2
    soft = cv2.GaussianBlur((0.1 + 0.5 * tilted).astype(np.float32), (0, 0), blur_px)
    return np.repeat(soft[..., None], 3, axis=2)


def _facts(linear: np.ndarray, **wanted: float) -> dict:
    frame, tools = picture(linear)
    return dict(step.propose(frame, None, wanted, tools).facts)


def test_a_sharp_frame_is_sharp_and_a_soft_one_out_of_focus() -> None:
    assert _facts(_checked())["kind"] == "sharp"
    soft = _facts(_checked(blur_px=2.5))
    assert soft["kind"] == "defocus"
    assert soft["blur_px"] == pytest.approx(2.5, rel=0.15)


def test_the_full_size_picture_is_judged_and_not_the_reduced_one() -> None:
    frame, _ = picture(_checked(400))
    _, soft = picture(_checked(1600, blur_px=3.0))
    frame = replace(frame, full_size=(1600, 1600))
    assert step.propose(frame, None, {}, soft).facts["kind"] == "defocus"


def test_the_limit_may_be_moved() -> None:
    assert _facts(_checked(blur_px=2.5), limit_px=4.0)["kind"] == "sharp"


def test_a_small_frame_cannot_tell_and_says_so() -> None:
    frame, tools = picture(_checked(300))
    found = step.propose(frame, None, {}, tools)
    assert found.facts["kind"] == "cant_tell"
    assert found.reasons[0].doubt
    assert "too small" in found.reasons[0].text


def test_edges_of_the_subject_count_and_not_those_of_the_backdrop() -> None:
    scene = _checked(900, blur_px=4.0)
    scene[:, :300] = _checked(900)[:, :300]
    frame, tools = picture(scene)
    alpha = np.zeros((900, 900), np.float32)
    alpha[:, 400:] = 1.0
    assert step.propose(replace(frame, alpha=alpha), None, {}, tools).facts["kind"] == "defocus"


@pytest.mark.parametrize("value", [0.0, 1.0, np.nan, np.inf, 0.18])
@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 700, 3), (800, 800, 3)])
def test_empty_frames_cannot_tell(shape: tuple[int, ...], value: float) -> None:
    linear = np.full(shape, value, np.float32)
    frame, _ = picture(linear)
    found = step.propose(frame, None, {}, Lent(Image(linear, "linear_rec2020")))
    assert found.facts["kind"] == "cant_tell"
    json.dumps(dict(found.facts), allow_nan=False)
    assert found.confidence is not None and found.confidence.value < 0.5


@pytest.mark.data
def test_blurred_catalogue_frames_are_told_from_sharp_ones(shared_data: Path) -> None:
    from PIL import Image as Pillow

    rows = list(csv.DictReader((shared_data / "blur" / "truth.csv").read_text().splitlines()))
    blurred, sharp = [], []
    for row in rows[:6]:
        for name, into in ((f"blur/{row['file']}", blurred), (row["sharp_original"], sharp)):
            with Pillow.open(shared_data / name) as opened:
                codes = np.ascontiguousarray(np.asarray(opened.convert("RGB")))
            frame, _ = picture(codes[::2, ::2].astype(np.float32) / 255)
            full = Image(codes, "srgb")
            facts = step.propose(replace(frame, full_size=full.size), None, {}, Lent(full)).facts
            into.append(facts["blur_px"])
            if into is blurred and row["kind"] == "motion":
                assert facts["kind"] == "motion", row
                assert abs((facts["direction_deg"] - float(row["angle"]) + 90) % 180 - 90) < 25, row
    assert min(blurred) > max(sharp)
