"""Skin on synthetic patches: what is a blemish, a mole, shade; what evening takes and what it leaves."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from safelight.pixels.skin.blemishes import find_blemishes
from safelight.pixels.skin.complexion import learn_complexion, skin_share, tone_group
from safelight.pixels.skin.evening import even_tone, skin_weight

BLOOD, MELANIN = np.float32([0.20, 1.0, 0.75]), np.float32([0.68, 1.0, 1.30])
SKINS = {"very light": (0.62, 0.42, 0.33), "tan": (0.36, 0.20, 0.12), "dark": (0.085, 0.042, 0.026)}
UNIT = 3.0  # px a millimeter


def patch(color, seed=0, side=240, grain=0.03):
    """Skin of one color with pores, (H, W, 3) float32, linear sRGB."""
    rng = np.random.default_rng(seed)
    pores = cv2.GaussianBlur(rng.normal(size=(side, side)), (0, 0), 0.9)
    pores *= grain / pores.std()
    return (np.float32(color) * np.exp2(pores[..., None])).astype(np.float32)


def with_spot(light, takes, stops, at=(120, 120), radius=5.0):
    rows, cols = np.mgrid[: light.shape[0], : light.shape[1]]
    cover = np.clip((radius - np.hypot(rows - at[1], cols - at[0])) / (0.5 * radius) + 0.5, 0, 1)
    cover = cv2.GaussianBlur(cover.astype(np.float32), (0, 0), 0.25 * radius)
    return light * np.exp2(-np.float32(stops) * takes * cover[..., None])


def found(light, skin=None):
    skin = np.ones(light.shape[:2], np.bool_) if skin is None else skin
    return [each for each in find_blemishes(light, skin, skin, UNIT) if each.likely > 0.5]


@pytest.mark.parametrize("skin", SKINS)
def test_a_red_spot_is_a_blemish_on_every_skin(skin):
    [spot] = found(with_spot(patch(SKINS[skin]), BLOOD, 0.5))
    assert spot.kind == "blemish"
    assert np.hypot(spot.x - 120.5, spot.y - 120.5) < 2
    assert 4 < spot.radius_px < 11
    assert spot.share_red == pytest.approx(0.2, abs=0.1)


@pytest.mark.parametrize("skin", SKINS)
def test_a_brown_spot_is_a_mole_or_a_freckle_on_every_skin(skin):
    assert [e.kind for e in found(with_spot(patch(SKINS[skin]), MELANIN, 0.8))] == ["mole"]
    assert [e.kind for e in found(with_spot(patch(SKINS[skin]), MELANIN, 0.3))] == ["freckle"]


def test_pores_alone_shade_and_a_strand_of_hair_are_no_spots():
    assert found(patch(SKINS["tan"])) == []
    assert found(with_spot(patch(SKINS["tan"]), np.float32([1, 1, 1]), 0.5)) == []
    strand = patch(SKINS["tan"])
    cv2.line(strand, (20, 40), (220, 190), (0.03, 0.02, 0.015), 3, cv2.LINE_AA)
    assert found(strand) == []


def test_nothing_is_found_outside_the_mask_and_on_no_skin_at_all():
    spotted = with_spot(patch(SKINS["tan"]), BLOOD, 0.6)
    skin = np.ones(spotted.shape[:2], np.bool_)
    skin[80:160, 80:160] = False
    assert found(spotted, skin) == []
    assert find_blemishes(spotted, np.zeros_like(skin), np.zeros_like(skin), UNIT) == []


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_black_and_burnt_skin_teach_no_color(value):
    flat = np.full((60, 60, 3), value, np.float32)
    assert learn_complexion(flat, np.ones((60, 60), np.bool_)) is None


def test_the_learned_color_takes_in_shade_and_leaves_cloth_out():
    light = patch(SKINS["tan"])
    like = learn_complexion(light, np.ones(light.shape[:2], np.bool_))
    assert like is not None
    shaded, blue = light * np.float32(0.45), light[..., ::-1].copy()
    assert skin_share(shaded, like).mean() > 0.9
    assert skin_share(blue, like).mean() < 0.05


def test_tone_groups_follow_the_angle():
    assert [tone_group(each) for each in (60, 45, 30, 15, 0, -40)] == [
        "very_light",
        "light",
        "intermediate",
        "tan",
        "brown",
        "dark",
    ]


def evened(light, **how):
    whole = np.ones(light.shape[:2], np.bool_)
    like = learn_complexion(patch(SKINS["tan"]), whole)
    weight = skin_weight(whole, ~whole, UNIT)
    values = {"color": 0.0, "shade": 0.0, "shine": 0.0} | how
    return light * np.exp2(even_tone(light, weight, UNIT, like=like, **values))


def blotched(amount):
    """Red blotches of 12 mm, so many stops of green."""
    rng = np.random.default_rng(8)
    wave = cv2.GaussianBlur(rng.normal(size=(240, 240)), (0, 0), 14)
    return patch(SKINS["tan"]) * np.exp2(-BLOOD * np.float32(amount * wave / wave.std())[..., None])


def test_evening_takes_blotches_of_color_and_keeps_the_pores():
    before = blotched(0.05)
    after = evened(before, color=1.0)
    tints = [np.log2(cv2.GaussianBlur(e, (0, 0), 6)[40:200, 40:200]) for e in (before, after)]
    spread = [float((e[..., 0] - e[..., 1]).std()) for e in tints]
    assert spread[1] < 0.65 * spread[0]
    fine = [np.log2(e) - cv2.GaussianBlur(np.log2(e), (0, 0), 2) for e in (before, after)]
    kept = np.sqrt((fine[1][40:200, 40:200] ** 2).mean() / (fine[0][40:200, 40:200] ** 2).mean())
    assert kept == pytest.approx(1.0, abs=0.01)


def test_no_strength_changes_nothing():
    before = blotched(0.05)
    assert np.array_equal(evened(before), before)


def test_form_is_no_blotch():
    rows = np.linspace(-1, 1, 240, dtype=np.float32)
    form = patch(SKINS["tan"], grain=0.0) * np.exp2(-1.2 * rows[:, None, None] ** 2)
    after = evened(form, shade=1.0)
    assert np.abs(np.log2(after / form)).max() < 0.08  # of 1.2 stops, at full strength


def test_shine_goes_down_and_its_way_up_stays_a_way_up():
    away = np.hypot(*np.mgrid[-120:120, -120:120]).astype(np.float32)
    glint = 0.45 * np.exp(-((away / 35) ** 2))
    before = patch(SKINS["tan"], grain=0.0) + glint[..., None]
    after = evened(before, shine=1.0)
    assert after[120, 120, 1] < 0.75 * before[120, 120, 1]
    way = after[120, 120:225, 1]
    assert (np.diff(way) < 1e-4).all()  # from the middle outwards it only falls
    assert way[0] > 1.25 * way[-1]  # and there is a highlight left
    ratios = [float(np.log2(e[120, 120, 0] / e[120, 120, 2])) for e in (before, after)]
    assert ratios[1] > ratios[0]  # its color comes back
