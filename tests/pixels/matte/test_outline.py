"""Outlines settled on the steepest edge near them: fringes of shadow go, stripes of the product stay."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.matte.lightness import Contrast
from safelight.pixels.matte.outline import cheapest_way, settle_outline
from safelight.pixels.matte.solve import solve_matte

SIDE = 220


def scene(fringe, radius=60.0):
    """A red disk, around it a fringe: (lab, contrast, distance from the center)."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    far = np.hypot(x - SIDE / 2, y - SIDE / 2)
    inside = cv2.GaussianBlur((far < radius).astype(np.float32), (0, 0), 0.8)
    color, shade = 40 * inside, -40 * inside + (1 - inside) * fringe(far - radius)
    lab = np.dstack([80 + shade, color, np.zeros_like(color)]).astype(np.float32)
    return lab, Contrast(shade.astype(np.float32), color.astype(np.float32)), far


def fading(beyond):
    return np.minimum(-14 + 1.2 * np.maximum(beyond, 0), 0)


def stripe(beyond):
    """A dark band 6 px wide that ends at an edge of its own, as a border of a product does."""
    return np.where(beyond < 6, -35.0, 0.0)


def test_the_fringe_of_a_shadow_is_given_up():
    lab, contrast, far = scene(fading)
    found = settle_outline(lab, far < 66, contrast)
    assert found.mask[far < 60].all()
    assert not found.mask[far > 63].any()


def test_a_dark_border_of_the_product_stays():
    lab, contrast, far = scene(stripe)
    found = settle_outline(lab, far < 67, contrast)
    assert found.mask[far < 66].all()


def test_a_faint_crumb_on_the_outline_falls_off_and_a_thread_stays():
    lab, contrast, far = scene(lambda beyond: beyond * 0)
    mask = far < 61
    crumb, thread = (slice(104, 114), slice(168, 180)), (slice(40, 50), slice(108, 111))
    contrast.lightness[crumb], contrast.lightness[thread] = -1.2, -40
    lab[crumb][..., 0], lab[thread][..., 0] = 78.8, 40
    mask[crumb] = mask[thread] = True
    found = settle_outline(lab, mask, contrast)
    assert found.mask[104:114, 174:180].sum() == 0
    assert found.mask[thread].all()


def bumps(far, depth_px=5.0):
    """Four pieces some 16 px long on the lower outline of the disk, one beside the other."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    angle = np.degrees(np.arctan2(y - SIDE / 2, x - SIDE / 2))
    on = np.isin(np.floor(angle / 16), [1, 3, 5, 7]) & (angle > 0)
    return on & (far < 61 + depth_px) & (far > 50)


def test_crumbs_as_dark_as_the_shadow_they_lie_in_fall_off():
    lab, contrast, far = scene(lambda beyond: np.minimum(-22 + 0.6 * np.maximum(beyond, 0), 0))
    found = settle_outline(lab, (far < 61) | bumps(far), contrast)
    assert found.mask[far < 59].all()
    assert (found.mask & (far > 63)).sum() < 20  # of some 350 px


def test_a_pale_sole_that_is_no_darker_than_a_light_shade_stays():
    lab, contrast, far = scene(lambda beyond: beyond * 0)
    sole = bumps(far) & (far > 60)
    contrast.lightness[sole], contrast.color[sole] = -7.0, 5.0
    lab[..., 0][sole], lab[..., 2][sole] = 73.0, 5.0
    found = settle_outline(lab, (far < 61) | sole, contrast)
    assert found.mask[sole & (far < 65)].mean() > 0.97


@settings(max_examples=12, deadline=None)
@given(steps=st.integers(0, 3), grown=st.floats(1, 7))
def test_a_turned_picture_has_a_turned_outline(steps, grown):
    lab, contrast, far = scene(fading)
    mask = far < 60 + grown
    once = settle_outline(lab, mask, contrast).mask
    turned = settle_outline(
        np.ascontiguousarray(np.rot90(lab, steps)),
        np.ascontiguousarray(np.rot90(mask, steps)),
        Contrast(*(np.ascontiguousarray(np.rot90(each, steps)) for each in (contrast.lightness, contrast.color))),
    ).mask
    assert (np.rot90(once, steps) != turned).mean() < 0.001
    assert not (once & ~mask).any()


@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (64, 64)])
def test_nothing_and_everything_have_no_outline(shape):
    plain = np.zeros((*shape, 3), np.float32)
    seen = Contrast(plain[..., 0], plain[..., 0])
    for mask in (np.zeros(shape, np.bool_), np.ones(shape, np.bool_)):
        found = settle_outline(plain, mask, seen)
        assert (found.mask == mask).all()
        assert not found.sharp.any()


def test_values_that_are_no_numbers_do_not_stop_it():
    lab, contrast, far = scene(fading)
    lab[100:120, 160:175] = np.nan
    found = settle_outline(lab, far < 66, contrast)
    assert found.mask[far < 50].all()


def test_the_cheapest_way_closes_on_itself():
    cost = np.zeros((200, 20), np.float32)
    columns = np.rint(10 + 6 * np.sin(np.arange(200) / 200 * 2 * np.pi)).astype(int)
    cost[np.arange(200), columns] = -1
    way = cheapest_way(cost)
    assert (way == columns).all()
    assert abs(int(way[0]) - int(way[-1])) <= 2


def test_a_color_of_the_edge_itself_makes_no_dip_in_alpha():
    """A pale glint along the rim of a red product, as light as half paper: it is the product's all the same."""
    picture = np.full((240, 240, 3), 0.7, np.float32)
    y, x = np.mgrid[0:240, 0:240].astype(np.float32)
    far = np.hypot(x - 120, y - 120)
    picture[far < 70] = (0.3, 0.02, 0.02)
    picture[(far < 66) & (far > 62) & (np.abs(y - 120) < 12)] = (0.45, 0.25, 0.25)
    alpha = solve_matte(cv2.GaussianBlur(picture, (0, 0), 0.6)).alpha
    assert alpha[far < 66].min() > 0.98
    assert alpha[far > 74].max() == 0
