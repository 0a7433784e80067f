"""Fields of light: smooth, kept as data, nothing outside them, the same at any size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.core.image import Image
from safelight.pixels.repair.ease import Ease, eased_strips
from safelight.pixels.repair.record import covered_by, outside_hash, pack_repairs, unpack_repairs
from safelight.plugins import step_named
from safelight.render.renderer import render
from safelight.runs.bench import LentTools
from safelight.runs.single import MemoryBlobs


def hill(height=24, width=32, stops=0.25):
    """A field that rises to `stops` in its middle and is 0 at its rim."""
    rows, cols = np.mgrid[0:height, 0:width]
    rise = np.sin(np.pi * rows / (height - 1)) * np.sin(np.pi * cols / (width - 1))
    return np.repeat((stops * rise.astype(np.float32) ** 2)[..., None], 3, axis=2)


def painted(pixels, ease, space="srgb", **more):
    """What the renderer makes of a picture and one field, and the bytes that the edit carries."""
    image = Image(np.ascontiguousarray(pixels), space)
    tools = LentTools(MemoryBlobs(), lambda: image, {})
    kept = pack_repairs([ease], image.size)
    artifact = tools.put("repairs", kept, "application/json")
    step = step_named("skin")
    done = EditStep(
        "skin", 1, step.params.accept({"tone": 0.5}, fill=True), Actor("step", "skin", "1"), {"repairs": artifact}
    )
    how = {"scene_referred": False, "to_space": space, "dtype": image.pixels.dtype.type} | more
    return render(image, Edit("ab" * 32).with_step(done), step_named, tools, **how).image.pixels, unpack_repairs(kept)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_one_stop_doubles_the_light_in_the_middle_and_nothing_changes_outside(dtype):
    top = np.iinfo(dtype).max
    pixels = np.full((200, 300, 3), round(0.4 * top), dtype)
    ease = Ease((60, 50, 220, 170), hill(stops=1.0))
    out, kept = painted(pixels, ease)
    whole = covered_by(kept, (300, 200)) > 0
    assert (out == pixels)[~whole].all()
    assert outside_hash(out, kept) == outside_hash(pixels, kept)
    linear = ((out[110, 140, 0] / top + 0.055) / 1.055) ** 2.4, ((round(0.4 * top) / top + 0.055) / 1.055) ** 2.4
    assert linear[0] / linear[1] == pytest.approx(2.0, rel=0.02)
    assert whole.any() and not whole[:50].any()


def test_fine_contrast_is_kept_as_it_was():
    rng = np.random.default_rng(4)
    linear = (0.3 + 0.02 * rng.normal(size=(200, 300, 1))).astype(np.float32).repeat(3, axis=2)
    image = np.ascontiguousarray(linear)
    for (x0, y0, x1, y1), stops in eased_strips(Ease((60, 50, 220, 170), hill(stops=0.3)), (300, 200)):
        image[y0:y1, x0:x1] *= np.exp2(stops)
    before, after = (np.log2(each[80:140, 100:180, 0]) for each in (linear, image))
    fine = [each - cv2.GaussianBlur(each, (0, 0), 3) for each in (before, after)]
    assert np.sqrt((fine[1] ** 2).mean() / (fine[0] ** 2).mean()) == pytest.approx(1.0, abs=0.01)


def test_a_reduced_view_is_the_full_one_reduced():
    rng = np.random.default_rng(1)
    base = cv2.GaussianBlur(rng.normal(size=(400, 600, 3)), (0, 0), 12)
    pixels = np.clip(128 + 400 * base, 20, 235).astype(np.uint8)
    ease = Ease((100, 80, 520, 340), hill(stops=0.5))
    full, _ = painted(pixels, ease)
    half, _ = painted(pixels, ease, long_side=300)
    small = cv2.resize(full, (300, 200), interpolation=cv2.INTER_AREA)
    assert np.abs(half.astype(int) - small).max() <= 3


@given(
    left=st.integers(-5, 60),
    top=st.integers(-5, 60),
    wide=st.integers(3, 80),
    high=st.integers(3, 80),
    rows=st.integers(2, 9),
)
def test_a_field_comes_back_as_it_was_kept_and_its_strips_make_up_its_box(left, top, wide, high, rows):
    stops = np.random.default_rng(rows).uniform(-1, 1, (rows, rows + 1, 3)).astype(np.float32)
    [again] = unpack_repairs(pack_repairs([Ease((left, top, left + wide, top + high), stops, "skin")], (100, 90)))
    assert isinstance(again, Ease) and again.label == "skin"
    assert np.abs(again.stops - stops).max() < 1e-4
    boxes = [box for box, _ in eased_strips(again, (100, 90))]
    area = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes)
    inside = max(0, min(100, left + wide) - max(0, left)) * max(0, min(90, top + high) - max(0, top))
    assert area == inside


def test_repairs_of_a_newer_schema_are_refused():
    newer = pack_repairs([Ease((0, 0, 4, 4), hill(4, 4))], (9, 9)).replace(b'"schema":2', b'"schema":3')
    with pytest.raises(ValueError, match="reads 1 and 2"):
        unpack_repairs(newer)
