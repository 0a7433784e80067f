"""A balance or an exposure on a RAW is arithmetic on light developed once; no slider asks the sensor again."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.core.edit import Edit, EditStep
from safelight.media import sandbox
from safelight.media.sandbox import Decoder
from safelight.pixels.raw import demosaic as demosaicing
from safelight.plugins import step_named
from safelight.render.renderer import render
from tests.media.dng import gray_card, make_dng

from .scenes import BY, Kept

GRAY = 0.18


def balanced(red, blue, stops):
    steps = []
    for name, params in (
        ("white_balance", {"red": red, "blue": blue, "strength": 1.0}),
        ("exposure", {"stops": stops}),
    ):
        step = step_named(name)
        steps.append(EditStep(name, step.version, step.params.accept(params, fill=True), BY))
    return Edit("", tuple(steps))


@pytest.fixture
def developed(tmp_path, monkeypatch):
    """A RAW that was developed, after which whoever asks for another development is refused."""
    path = tmp_path / "card.dng"
    path.write_bytes(make_dng(gray_card(GRAY, 96)))
    with Decoder() as decoder:
        decoded = decoder.decode(path)

    def refuse(*_, **__):
        raise AssertionError("the sensor was asked again")

    monkeypatch.setattr(sandbox.Decoder, "_ask", refuse)
    monkeypatch.setattr(demosaicing, "demosaic", refuse)
    return decoded


def test_a_closed_door_stays_closed(developed, tmp_path):
    with Decoder() as decoder, pytest.raises(AssertionError, match="asked again"):
        decoder.decode(tmp_path / "card.dng")


@pytest.mark.parametrize(
    ("red", "blue", "stops"), [(0.0, 0.0, 0.0), (0.5, -0.5, 0.0), (-0.4, 0.3, 0.7), (0.2, 0.2, -1.0)]
)
def test_sliders_multiply_developed_light_and_never_develop_again(developed, red, blue, stops):
    painted = render(
        developed.image,
        balanced(red, blue, stops),
        step_named,
        Kept(),
        scene_referred=True,
        to_space="linear_rec2020",
        dtype=np.float32,
    )
    found = painted.image.pixels[24:72, 24:72].reshape(-1, 3).mean(axis=0)
    assert np.log2(found[0] / found[1]) == pytest.approx(red, abs=0.01)
    assert np.log2(found[2] / found[1]) == pytest.approx(blue, abs=0.01)
