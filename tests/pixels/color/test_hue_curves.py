"""Hue curves in the file: every value within one code value of the exact chain, and so of the screen."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.color import fused, spaces, transforms
from safelight.pixels.color.baked import Pieces, _by_opencolorio
from safelight.pixels.color.flatten import leaves_of
from safelight.pixels.color.grade import Grade, grade_transform
from safelight.pixels.color.hue_curves import HueCurves, hue_curves
from safelight.pixels.color.look import lut_look
from safelight.pixels.color.lut import read_lut
from safelight.pixels.color.tables import evaluate
from safelight.plugins import step_named

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
MILD = {"hue_shift": (4, 0, -3, 0, 0, 0, 0, 0), "hue_saturation": (0.1, 0, 0, -0.2, 0, 0, 0, 0)}
STRONG = {
    "hue_shift": (30, -20, 15, 0, -30, 30, 10, -10),
    "hue_saturation": (0.8, -1, 0.5, -0.5, 1, 0.6, -1, 1),
}
LIGHT = {"hue_lightness": (1, -1, 0.5, -0.5, 1, -1, 1, -1), **MILD}
GRADES = {"mild": MILD, "strong": STRONG, "lightness": LIGHT, "all gray": {"hue_saturation": (-1,) * 8}}
TONES = {"contrast": 0.4, "slope": (1.05, 1, 0.96), "offset": (0.01, -0.01, 0), "saturation": 1.15}


def wheel(dice):
    """All hues at all lightnesses, from dull to pure."""
    turn, dull = dice.random((1, 4000, 1)) * 2 * np.pi, dice.random((1, 4000, 1))
    whole = np.clip(0.5 + np.cos(turn - np.array([0.0, 2.0944, 4.1888])), 0, 1)
    return (whole * dull + (1 - dull) * 0.5) * dice.random((1, 4000, 1)) ** 0.5


PICTURES = {
    "all colors": lambda dice: dice.random((1, 8000, 3)),
    "saturated darks": lambda dice: dice.random((1, 8000, 3)) ** 4,
    "near-grays": lambda dice: np.clip(dice.random((1, 4000, 1)) + dice.normal(0, 0.01, (1, 4000, 3)), 0, 1),
    "wheel": wheel,
    "nothing in some channels": lambda dice: dice.random((1, 6000, 3)) * dice.integers(0, 2, (1, 6000, 3)),
    "hardly any light": lambda dice: dice.random((1, 4000, 3)) * 0.05,
}


def film():
    at = np.linspace(0, 1, 17)
    blue, green, red = np.meshgrid(at, at, at, indexing="ij")
    table = np.clip(0.92 * np.stack([red, green, blue], -1) ** 1.15 + 0.05 * np.stack([blue, red, green], -1), 0, 1)
    rows = "\n".join(f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in table.reshape(-1, 3))
    return lut_look(read_lut(f"LUT_3D_SIZE 17\n{rows}\n".encode(), "film.cube"), "srgb", "srgb")


def apart(pixels, space, chain):
    """The most that a painted 8-bit value is off the chain by OpenColorIO in floats, rounded once."""
    painted = fused.apply(pixels, space, chain, "srgb", np.uint8)
    floats = pixels if pixels.dtype == np.float32 else spaces.to_float(pixels)
    wanted = spaces.to_integers(fused.apply(floats, space, chain, "srgb", np.float32), np.uint8)
    return int(np.abs(painted.astype(int) - wanted).max())


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("grade", GRADES)
def test_every_value_is_within_a_code_value(grade, picture):
    codes = PICTURES[picture](np.random.default_rng(8)).astype(np.float32)
    hues = grade_transform(Grade(**GRADES[grade], **TONES if grade != "all gray" else {}))
    knee = transforms.curve([-1, 0, 0.9, 1.5, 4, 65000], [-1, 0, 0.9, 0.985, 1, 1])
    chain = [transforms.gain(1.15, 1.0, 0.85), transforms.exposure(0.4), knee, hues]
    for dtype in (np.uint8, np.uint16):
        pixels = spaces.to_integers(codes, dtype)
        assert isinstance(fused.Pass("srgb", chain, "srgb", dtype, np.uint8)._quick, Pieces)
        assert apart(pixels, "srgb", chain) <= 1
        assert apart(pixels, "srgb", [*chain, film()]) <= 1


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("grade", ["mild", "strong"])
def test_every_value_of_a_raw_through_its_view_is_within_a_code_value(grade, picture):
    light = (PICTURES[picture](np.random.default_rng(8)) ** 2.2 * 1.3).astype(np.float32)
    develop = step_named("develop")
    view = develop.paint(develop.params.accept({"baseline_stops": 1.0}, fill=True), None, None)
    hues = grade_transform(Grade(**GRADES[grade], **TONES))
    for chain in ([view, hues], [view, hues, film()]):
        assert apart(light, "linear_rec2020", chain) <= 1


eight = st.tuples(*(st.floats(-1, 1),) * 8)


@given(shift=eight, saturation=eight, lightness=eight, seed=st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_any_hue_curves_are_within_a_code_value_on_any_colors(shift, saturation, lightness, seed):
    grade = Grade(hue_shift=tuple(30 * each for each in shift), hue_saturation=saturation, hue_lightness=lightness)
    dice = np.random.default_rng(seed)
    codes = np.concatenate([dice.random((1, 1500, 3)), wheel(dice)[:, :1500], dice.random((1, 1500, 3)) ** 4], axis=1)
    assert apart(spaces.to_integers(codes.astype(np.float32), np.uint16), "srgb", [grade_transform(grade)]) <= 1


@pytest.mark.parametrize("grade", GRADES)
def test_light_of_any_kind_is_painted_as_opencolorio_paints_it(grade):
    dice = np.random.default_rng(4)
    (op,) = leaves_of(grade_transform(Grade(**GRADES[grade])))
    made = hue_curves(op, _by_opencolorio)
    for light in (
        dice.random((40, 60, 3)) * 20,
        dice.random((40, 60, 3)) * 0.02,
        dice.normal(0.3, 0.4, (40, 60, 3)),
        np.zeros((4, 6, 3)),
        np.full((4, 6, 3), 0.18),
    ):
        block = light.astype(np.float32)
        wanted, painted = evaluate([op], block), made(block.copy())
        off = np.abs(painted - wanted).max(axis=2) / np.maximum(np.abs(wanted).max(axis=2), 1e-3)
        kept = np.abs(wanted).max(axis=2) <= 3 * np.abs(block).max(axis=2)  # beyond, the op multiplies its own rounding
        assert off[kept].max() < 1e-4
        assert kept.mean() > 0.7


def test_what_is_no_number_harms_no_neighbor():
    (op,) = leaves_of(grade_transform(Grade(**MILD)))
    made = hue_curves(op, _by_opencolorio)
    block = np.full((3, 5, 3), (0.6, 0.3, 0.2), np.float32)
    whole = made(block.copy())
    block[0, 0, 1], block[0, 1, 0], block[0, 2] = np.nan, np.inf, -np.inf
    assert (made(block.copy())[1:] == whole[1:]).all()


def test_blocks_of_any_shape_in_turn_are_painted_alike():
    (op,) = leaves_of(grade_transform(Grade(**STRONG)))
    made, dice = hue_curves(op, _by_opencolorio), np.random.default_rng(6)
    for shape in ((20, 30), (3, 7), (1, 1), (40, 50), (20, 30)):
        light = dice.random((*shape, 3), np.float32)
        one_by_one = np.concatenate([made(row[None].copy()) for row in light])
        np.testing.assert_allclose(made(light.copy()), one_by_one, atol=1e-5)


def test_mild_curves_are_gentle_and_strong_ones_are_not():
    mild, strong = (leaves_of(grade_transform(Grade(**GRADES[each])))[0] for each in ("mild", "strong"))
    assert hue_curves(mild, _by_opencolorio).is_gentle
    assert not hue_curves(strong, _by_opencolorio).is_gentle


def of_saturation():
    """Curves that hang on more than hue, as a CTF may bring them."""
    curve = ocio.GradingHueCurve(ocio.GRADING_LIN)
    curve.sat_sat = ocio.GradingBSplineCurve([0.0, 0.0, 0.5, 0.7, 1.0, 1.0], ocio.SAT_SAT)
    return ocio.GradingHueCurveTransform(curve, ocio.GRADING_LIN)


def backward():
    (op,) = leaves_of(grade_transform(Grade(**MILD)))
    op.setDirection(ocio.TRANSFORM_DIR_INVERSE)
    return op


@pytest.mark.parametrize("make", [of_saturation, backward])
def test_other_curves_are_left_to_opencolorio_and_within_a_code_value_too(make):
    (op,) = leaves_of(make())
    assert hue_curves(op, _by_opencolorio) is None
    codes = spaces.to_integers(PICTURES["wheel"](np.random.default_rng(3)).astype(np.float32), np.uint16)
    assert apart(codes, "srgb", [op]) <= 1


def test_curves_that_do_nothing_change_nothing():
    op = ocio.GradingHueCurveTransform(ocio.GradingHueCurve(ocio.GRADING_LIN), ocio.GRADING_LIN)
    made = hue_curves(op, _by_opencolorio)
    assert isinstance(made, HueCurves)
    light = PICTURES["all colors"](np.random.default_rng(2)).astype(np.float32)
    assert np.abs(made(light.copy()) - light).max() < 1e-5


@pytest.mark.parametrize(
    "file",
    ["shoot-a/DSC_2101.jpg", "edit-pairs/*_before.jpg", "wb-exposure/product/*.jpg"],
    ids=["packshot", "snapshot", "paper"],
)
def test_photographs_are_within_a_code_value(file):
    found = sorted(DATA.glob(file))
    if not found:
        pytest.skip(f"shared/data has no {file}")
    picture = cv2.imread(str(found[0]))[..., ::-1]
    part = np.ascontiguousarray(picture[:: max(1, picture.shape[0] // 300), :: max(1, picture.shape[1] // 300)])
    for grade in (MILD, STRONG, LIGHT):
        assert apart(part, "srgb", [transforms.exposure(0.3), grade_transform(Grade(**grade, **TONES)), film()]) <= 1
