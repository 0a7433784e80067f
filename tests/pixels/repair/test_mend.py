"""What a repair paints, where, and from where."""

import cv2
import numpy as np
import pytest

from safelight.pixels.repair.complete import complete
from safelight.pixels.repair.mend import Mend, paint_mend
from safelight.pixels.repair.record import covered_by, outside_hash, pack_repairs, unpack_repairs
from safelight.pixels.repair.spots import Spot, cover_of, find_source, mend_of, window_of
from tests.pixels.repair.surfaces import disc, paper, read_from


def healed(light, spot):
    size = light.shape[1], light.shape[0]
    box, (x0, y0, x1, y1) = spot.box(size), window_of(spot, size)
    banned = np.zeros((y1 - y0, x1 - x0), dtype=np.bool_)
    source = find_source(light[y0:y1, x0:x1], cover_of(spot, box), (box[1] - y0, box[0] - x0), banned)
    mend = mend_of(spot, box, source)
    (bx0, by0, bx1, by1), found, cover = paint_mend(read_from(light), mend, size)
    out = light.copy()
    out[by0:by1, bx0:bx1] = np.where(cover[..., None] > 0, found, out[by0:by1, bx0:bx1])
    return out, mend


def test_a_healed_spot_is_as_the_paper_was_and_as_grainy():
    truth = paper()
    light = truth.copy()
    inside = disc(light.shape, (120, 160), 6)
    light[inside] *= 0.4
    out, _ = healed(light, Spot(((160.5, 120.5),), 8.5))
    smooth = cv2.GaussianBlur(truth, (0, 0), 5)
    assert np.abs(cv2.GaussianBlur(out, (0, 0), 5) - smooth)[inside].max() < 0.006
    grain, had = (each - cv2.GaussianBlur(each, (0, 0), 1.5) for each in (out, truth))
    assert 0.8 < grain[inside].std() / had[inside].std() < 1.2


def test_a_spot_beside_another_is_not_healed_from_it():
    light = paper(grain=0.004)
    for column in (100, 125, 150):
        light[disc(light.shape, (100, column), 5)] *= 0.3
    out, _ = healed(light, Spot(((125.5, 100.5),), 7))
    assert out[95:106, 120:131].min() > 0.9 * paper(grain=0.0)[95:106, 120:131].min()


def test_a_clone_brings_its_own_light_along():
    light = paper()
    light[40:60, 40:60] = 0.1
    mend = Mend((200, 40, 220, 60), np.full((20, 20), 255, np.uint8), np.array([[[0, -160]]], np.int16), "clone")
    _, found, _ = paint_mend(read_from(light), mend, (320, 240))
    assert np.allclose(found, 0.1)


def test_an_object_on_paper_is_filled_with_paper():
    truth = paper(300, 400)
    light, hole = truth.copy(), disc(truth.shape, (150, 200), 45)
    light[hole] = (0.5, 0.02, 0.05)
    filling = complete(light, hole, np.zeros_like(hole))
    mend = Mend((0, 0, 400, 300), (hole * 255).astype(np.uint8), filling.shifts, "heal")
    _, found, cover = paint_mend(read_from(light), mend, (400, 300))
    assert np.array_equal(cover > 0, hole)
    off = cv2.GaussianBlur(found, (0, 0), 6) - cv2.GaussianBlur(truth, (0, 0), 6)
    assert np.abs(off)[disc(hole.shape, (150, 200), 30)].max() < 0.01
    grain, had = (each - cv2.GaussianBlur(each, (0, 0), 1.5) for each in (found, truth))
    assert 0.85 < grain[hole].std() / had[hole].std() < 1.15
    assert filling.misfit < 0.01


def test_no_pixel_is_copied_from_the_object():
    light = paper(300, 400)
    hole = disc(light.shape, (150, 200), 45)
    filling = complete(light, hole, np.zeros_like(hole))
    rows, cols = np.nonzero(hole)
    shifts = filling.shifts[hole].astype(int)
    assert not hole[rows + shifts[:, 0], cols + shifts[:, 1]].any()


def test_a_stripe_is_carried_on_through_a_hole():
    light = paper(240, 320, grain=0.002)
    light[:, 150:170] *= 0.3
    hole = disc(light.shape, (120, 160), 20)
    torn = light.copy()
    torn[hole] = 1.0
    filling = complete(torn, hole, np.zeros_like(hole))
    mend = Mend((0, 0, 320, 240), (hole * 255).astype(np.uint8), filling.shifts, "heal")
    _, found, _ = paint_mend(read_from(torn), mend, (320, 240))
    assert np.abs(found - light)[hole].mean() < 0.03


def test_nothing_to_copy_from_is_said():
    light = paper(40, 40)
    assert complete(light, np.ones((40, 40), dtype=np.bool_), np.zeros((40, 40), dtype=np.bool_)) is None
    spot = Spot(((20.0, 20.0),), 40)
    box = spot.box((40, 40))
    banned = np.zeros((40, 40), dtype=np.bool_)
    assert find_source(light, cover_of(spot, box), (box[1], box[0]), banned) is None


@pytest.mark.parametrize("at", [(0.5, 0.5), (319.5, 120.0), (160.0, 239.5)])
def test_a_spot_on_the_border_of_the_frame_is_healed(at):
    light = paper()
    spot = Spot((at,), 6)
    x0, y0, x1, y1 = spot.box((320, 240))
    light[y0:y1, x0:x1][cover_of(spot, (x0, y0, x1, y1)) > 0] *= 0.3
    out, _ = healed(light, Spot((at,), 8))
    assert np.abs(cv2.blur(out, (5, 5)) - cv2.blur(paper(), (5, 5)))[y0:y1, x0:x1].max() < 0.03


def test_half_the_size_is_painted_as_the_whole_shrunk():
    light = paper(400, 600, grain=0.0)
    light[disc(light.shape, (200, 300), 12)] *= 0.3
    out, mend = healed(light, Spot(((300.5, 200.5),), 15))
    small = cv2.resize(light, (300, 200), interpolation=cv2.INTER_AREA)
    (x0, y0, x1, y1), found, cover = paint_mend(read_from(small), mend, (300, 200), 0.5)
    painted = small.copy()
    box = painted[y0:y1, x0:x1]
    box += cover[..., None] * (found - box)
    assert np.abs(painted - cv2.resize(out, (300, 200), interpolation=cv2.INTER_AREA)).max() < 0.02


def test_repairs_are_read_as_they_were_kept_and_know_their_outside():
    rng = np.random.default_rng(2)
    shifts = rng.integers(-300, 300, (9, 7, 2)).astype(np.int16)
    mends = [Mend((3, 4, 10, 13), rng.integers(0, 2, (9, 7)).astype(np.uint8) * 255, shifts, "heal", "object")]
    kept = pack_repairs(mends, (40, 30), "ab")
    [again] = unpack_repairs(kept)
    assert np.array_equal(again.shifts, shifts)
    assert np.array_equal(again.cover, mends[0].cover)
    picture = rng.integers(0, 255, (30, 40, 3)).astype(np.uint8)
    named = outside_hash(picture, mends)
    whole = covered_by(mends, (40, 30)) > 0
    picture[whole] = 0
    assert outside_hash(picture, mends) == named
    picture[0, 0, 0] ^= 1
    assert outside_hash(picture, mends) != named


def test_what_is_no_repair_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match="propose the step again"):
        unpack_repairs(b"{}")
