"""Near-duplicates on drawn subjects and on real second frames."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.measure.likely import candidates
from safelight.pixels.measure.similarity import Descriptor, compare, describe, group_alike


def _product(seed: int = 1, hue: int = 0, side: int = 480) -> np.ndarray:
    """A garment of prints and seams on white; `hue` turns its colors and nothing else."""
    draw = np.random.default_rng(seed)
    shot = np.full((side, side, 3), 255, np.uint8)
    cv2.rectangle(shot, (120, 80), (360, 420), (150, 70, 60), -1)
    for _ in range(60):
        x, y, size = int(draw.integers(140, 330)), int(draw.integers(100, 390)), int(draw.integers(4, 16))
        cv2.rectangle(shot, (x, y), (x + size, y + 2 * size), [int(each) for each in draw.integers(30, 220, 3)], -1)
    if not hue:
        return shot
    turned = cv2.cvtColor(shot, cv2.COLOR_RGB2HSV)
    turned[..., 0] = (turned[..., 0].astype(int) + hue) % 180
    return np.asarray(cv2.cvtColor(turned, cv2.COLOR_HSV2RGB), np.uint8)


def _moved(shot: np.ndarray, shift: float, turn: float, zoom: float) -> np.ndarray:
    matrix = cv2.getRotationMatrix2D((240, 240), turn, zoom)
    matrix[:, 2] += shift
    return np.asarray(cv2.warpAffine(shot, matrix, shot.shape[1::-1], borderValue=(255, 255, 255)), np.uint8)


@settings(deadline=None, max_examples=8)
@given(shift=st.floats(-20, 20), turn=st.floats(-3, 3), zoom=st.floats(0.93, 1.07), stops=st.floats(-0.7, 0.4))
def test_a_small_reframing_and_exposure_is_a_near_duplicate(
    shift: float, turn: float, zoom: float, stops: float
) -> None:
    shot = _product()
    linear = (shot / 255.0) ** 2.2 * 2.0**stops
    other = (np.clip(linear, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
    assert compare(describe(shot), describe(_moved(other, shift, turn, zoom))).near


@pytest.mark.parametrize("blur_px", [2, 5])
def test_a_blurred_frame_of_a_burst_stays_in_it(blur_px: int) -> None:
    shot = _product()
    assert compare(describe(shot), describe(np.asarray(cv2.blur(shot, (blur_px, blur_px)), np.uint8))).near


@pytest.mark.parametrize("hue", [15, 40, 90, 140])
def test_another_colorway_is_no_duplicate(hue: int) -> None:
    assert not compare(describe(_product()), describe(_product(hue=hue))).near


def test_another_print_on_the_same_garment_is_no_duplicate() -> None:
    assert not compare(describe(_product(1)), describe(_product(2))).near


def test_comparing_is_alike_both_ways_and_every_time() -> None:
    one, other = describe(_product()), describe(_moved(_product(), 6, 1, 1.02))
    assert compare(one, other) == compare(one, other)
    assert compare(one, other).near == compare(other, one).near


def test_a_descriptor_survives_json() -> None:
    made = describe(_product())
    read = Descriptor.from_data(json.loads(json.dumps(made.to_data())))
    assert compare(made, read).near
    assert read.thumbnail == made.thumbnail
    assert len(json.dumps(made.to_data())) < 40_000


def test_plain_frames_are_alike_only_when_they_lie_on_each_other() -> None:
    bowl = np.full((300, 300, 3), 255, np.uint8)
    cv2.circle(bowl, (150, 150), 80, (120, 120, 120), -1)
    same, moved = bowl.copy(), np.full((300, 300, 3), 255, np.uint8)
    cv2.circle(moved, (90, 150), 60, (120, 120, 120), -1)
    assert compare(describe(bowl), describe(same)).near
    assert not compare(describe(bowl), describe(moved)).near


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 500, 3), (500, 1, 3), (2000, 30, 3)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_empty_frames_of_any_shape_are_described(shape: tuple[int, int, int], value: int) -> None:
    made = describe(np.full(shape, value, np.uint8))
    compare(made, describe(_product()))
    assert compare(made, made).near


def test_groups_of_none_and_of_one() -> None:
    assert group_alike([]) == []
    assert candidates([]) == []
    assert group_alike([describe(_product())]) == [[0]]


def test_thousands_of_frames_stay_a_few_pairs_each() -> None:
    draw = np.random.default_rng(3)
    shots = [describe(_product(seed)) for seed in range(4)]
    frames = [
        Descriptor(each.thumbnail, each.layout + draw.normal(0, 0.2, 48).astype(np.float32), each.colors, each.aspect)
        for each in shots * 250
    ]
    assert len(candidates(frames, most=10)) <= 12 * len(frames)


@pytest.mark.data
def test_real_second_frames_are_found_and_look_alikes_kept_apart(shared_data: Path) -> None:
    from PIL import Image as Pillow

    folder = shared_data / "duplicates" / "real-pairs"
    rows = list(csv.DictReader((folder / "pairs.csv").read_text().splitlines()))
    wrong = []
    for row in rows:
        pair = []
        for name in (row["a"], row["b"]):
            with Pillow.open(folder / name) as opened:
                pair.append(describe(np.asarray(opened.convert("RGB"))))
        if compare(*pair).near == ("NOT" in row["truth"]):
            wrong.append(row["a"])
    assert wrong == []
