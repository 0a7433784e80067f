"""A look taken from a reference: nearer to it, held back, and the same as parameters tell."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.errors import ParameterError
from safelight.pixels.color import fused
from safelight.pixels.color.bake import cube_bytes
from safelight.pixels.color.difference import lab_from
from safelight.pixels.color.grade import Grade, grade_transform
from safelight.pixels.color.look import lut_look
from safelight.pixels.color.lut import read_lut
from safelight.pixels.color.match import Protection, match_look, palette_distance

SCENE = np.clip(np.random.default_rng(9).normal(0.45, 0.18, (120, 160, 3)).astype(np.float32), 0.02, 0.98)
MOOD = [grade_transform(Grade(contrast=0.4, saturation=1.25, shadows_hue=230, shadows_tint=0.4, highlights_hue=40, highlights_tint=0.3))]  # fmt: skip  # noqa: E501
GRADED = np.clip(fused.apply(SCENE, "srgb", MOOD, "srgb", np.float32), 0, 1)


def looked(found, codes):
    lut = read_lut(cube_bytes(found.table, "matched", "made"), "matched.cube")
    return np.clip(fused.apply(codes, "srgb", [lut_look(lut, "srgb", "srgb")], "srgb", np.float32), 0, 1)


@pytest.mark.parametrize("method", ["transport", "axes"])
def test_the_palette_comes_nearer(method):
    found = match_look(GRADED, [SCENE], method=method, protection=Protection(0, 0))
    assert palette_distance(looked(found, SCENE), GRADED) < 0.5 * palette_distance(SCENE, GRADED)
    assert found.facts["distance_after"] < 0.5 * found.facts["distance_before"]


def test_a_reference_like_the_picture_changes_hardly_anything():
    assert match_look(SCENE, [SCENE]).facts["moved"] < 0.5


def test_no_strength_is_no_look():
    found = match_look(GRADED, [SCENE], strength=0.0)
    assert found.facts["moved"] < 0.05
    assert found.grade.saturation == 1.0


def test_half_the_strength_moves_about_half_as_far():
    whole, half = (match_look(GRADED, [SCENE], strength=each).facts["moved"] for each in (1.0, 0.5))
    assert half == pytest.approx(whole / 2, rel=0.15)


def test_black_and_white_stay():
    found = match_look(np.clip(GRADED * 0.6 + 0.2, 0, 1), [SCENE])
    ends = looked(found, np.float32([[[0, 0, 0], [1, 1, 1]]]))
    assert ends[0] == pytest.approx(np.array([[0, 0, 0], [1, 1, 1]]), abs=2e-3)


def test_neutrals_and_skin_move_less_where_they_are_protected():
    warm = np.clip(SCENE * np.float32([1.15, 1.0, 0.75]), 0, 1)
    free, safe = (match_look(warm, [SCENE], protection=each) for each in (Protection(0, 0), Protection(0.9, 0.9)))
    gray = np.full((1, 1, 3), 0.5, np.float32)
    tint = lambda found: float(np.hypot(*lab_from(looked(found, gray), "srgb")[0, 0, 1:]))  # noqa: E731
    assert tint(safe) < 0.4 * tint(free)
    skin = np.float32([[[0.78, 0.6, 0.5]]])
    moved = lambda found: float(np.abs(lab_from(looked(found, skin), "srgb") - lab_from(skin, "srgb"))[..., 1:].max())  # noqa: E731
    assert moved(safe) < 0.6 * moved(free)


def test_the_parameters_say_most_of_a_mood_that_parameters_made():
    found = match_look(GRADED, [SCENE], protection=Protection(0, 0))
    assert found.facts["explained"] > 0.3
    assert found.grade.saturation > 1.05
    assert 180 <= found.grade.shadows_hue <= 280


def test_a_gray_reference_makes_no_wild_color():
    found = match_look(np.full((50, 50, 3), 0.5, np.float32), [SCENE])
    assert np.isfinite(found.table).all()
    assert (np.diff(looked(found, np.repeat(np.linspace(0, 1, 64, dtype=np.float32)[None, :, None], 3, axis=2))[0, :, 1]) > -1e-3).all()  # fmt: skip  # noqa: E501


@pytest.mark.parametrize(("pictures", "strength"), [([], 1.0), ([SCENE], 1.5)])
def test_no_picture_or_too_much_strength_is_refused(pictures, strength):
    with pytest.raises(ParameterError, match="one picture or more and a strength of 0 to 1"):
        match_look(SCENE, pictures, strength=strength)
