"""Slates: codes in a frame of a camera's size, and frames of nothing."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from safelight.core.image import Image
from safelight.core.step import Picture
from safelight.pixels.color.spaces import convert, to_float
from safelight.steps.slate import step

from ..pixels.measure.test_slate import ean_13, qr
from .pictures import Lent, picture

WIDTH, HEIGHT = 4500, 3000


def _shot(code: np.ndarray, *, turn: float = 0.0, scale: float = 1.0, light: float = 0.8, noise: float = 4.0):
    """A slate held into a frame of 13 MP: turned, lit, a little soft and noisy, as the run hands it over."""
    page = np.full((HEIGHT // 2, WIDTH // 2), 120, np.uint8)
    sized = cv2.resize(code, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
    height, width = sized.shape
    y, x = (HEIGHT // 2 - height) // 2, (WIDTH // 2 - width) // 2
    page[y - 40 : y + height + 40, x - 40 : x + width + 40] = 240
    page[y : y + height, x : x + width] = sized
    matrix = cv2.getRotationMatrix2D((WIDTH / 4, HEIGHT / 4), turn, 1.0)
    soft = cv2.GaussianBlur(cv2.warpAffine(page, matrix, (WIDTH // 2, HEIGHT // 2), borderValue=120), (0, 0), 0.7)
    grain = np.random.default_rng(0).normal(0, noise, soft.shape)
    gray = np.clip(soft * light + grain, 0, 255).astype(np.uint8)
    full = cv2.cvtColor(cv2.resize(gray, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR), cv2.COLOR_GRAY2RGB)
    small = np.ascontiguousarray(cv2.resize(full, (1600, 1067), interpolation=cv2.INTER_AREA))
    work = convert(to_float(small), "srgb", "linear_rec2020")
    return Picture(Image(work, "linear_rec2020"), (WIDTH, HEIGHT)), Lent(Image(full, "srgb"))


@pytest.mark.parametrize(("turn", "scale"), [(0, 5.0), (12, 2.0), (90, 1.5), (185, 3.0)])
def test_a_qr_code_on_a_slate_names_the_article(turn: float, scale: float) -> None:
    frame, tools = _shot(qr("SKU: AB-1234", 4), turn=turn, scale=scale)
    found = step.propose(frame, None, {}, tools)
    assert found.facts["sku"] == "AB-1234"
    (code,) = found.facts["codes"]
    x0, y0, x1, y1 = code["box"]
    assert x0 < 0.5 < x1 and y0 < 0.5 < y1


@pytest.mark.parametrize("turn", [0, 4, 90])
def test_a_printed_barcode_names_the_article(turn: float) -> None:
    frame, tools = _shot(ean_13("4006381333931", 6), turn=turn)
    found = step.propose(frame, None, {}, tools)
    assert found.facts["sku"] == "4006381333931"
    assert found.reasons[0].text == "ean-13 code '4006381333931', article 4006381333931"


def test_a_slate_two_stops_dark_is_read() -> None:
    frame, tools = _shot(qr("SKU: AB-1234", 4), scale=6.0, light=0.25, noise=2.0)
    assert step.propose(frame, None, {}, tools).facts["kind"] == "slate"


def test_a_code_is_a_slate_when_large_and_a_label_when_small() -> None:
    large, tools = _shot(qr("AB-1234", 4), scale=6.0)
    assert step.propose(large, None, {}, tools).facts["kind"] == "slate"
    small, tools = _shot(qr("AB-1234", 4), scale=1.5)
    assert step.propose(small, None, {}, tools).facts["kind"] == "label"


@pytest.mark.data
def test_nothing_is_decoded_on_photographs_without_codes(shared_data) -> None:
    paths = sorted((shared_data / "ecommerce" / "catalogue").glob("*.jpg"))[::12]
    for path in [*paths, *sorted((shared_data / "denoise").glob("*clean.png"))[::3]]:
        codes = cv2.imread(str(path))[..., ::-1].astype(np.float32) / 255
        frame, tools = picture(codes**2.2)
        assert step.propose(frame, None, {}, tools).facts["kind"] == "none", path.name


@pytest.mark.parametrize(
    ("value", "kind"), [(0.0, "black"), (0.004, "black"), (0.18, "even"), (1.0, "even"), (np.nan, "black")]
)
@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 900, 3), (300, 400, 3)])
def test_frames_of_nothing_are_seen(shape: tuple[int, ...], value: float, kind: str) -> None:
    scene = np.full(shape, value, np.float32)
    frame, _ = picture(scene)
    found = step.propose(frame, None, {}, Lent(Image(scene, "linear_rec2020")))
    assert found.facts["kind"] == kind
    json.dumps(dict(found.facts), allow_nan=False)
