"""Dust: what is found, what is healed, what stays because it is no dust, and what a person adds and leaves."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from safelight.pixels.repair.dust import find_dust
from safelight.pixels.repair.record import covered_by
from tests.steps.repairs import Done, backdrop, codes, with_object


def dusty(seed=0, dtype=np.uint8):
    """A backdrop with a product, two dots, a hair, a scratch and a hot pixel, and their middles."""
    picture = backdrop(1000, 1500, seed=seed)
    picture = with_object(picture, at=(750, 500), axes=(220, 200))
    cv2.circle(picture, (200, 300), 4, (185, 185, 185), -1, cv2.LINE_AA)
    cv2.circle(picture, (1200, 200), 6, (190, 190, 190), -1, cv2.LINE_AA)
    hair = np.array([(150, 690), (165, 720), (190, 730), (225, 690)], np.int32)
    cv2.polylines(picture, [hair], isClosed=False, color=(170, 170, 170), thickness=2, lineType=cv2.LINE_AA)
    cv2.line(picture, (1150, 800), (1290, 760), (190, 190, 190), 2, cv2.LINE_AA)
    picture[100, 800] = (250, 255, 255)
    picture[100, 800, 0] -= 60
    places = {"spot": (200, 300), "other": (1200, 200), "lint": (186, 726), "scratch": (1220, 780)}
    return codes(picture, dtype), places


def kinds_at(specks, place):
    boxes = [(each, each.spot.box((1500, 1000))) for each in specks]
    return [each for each, (x0, y0, x1, y1) in boxes if x0 <= place[0] <= x1 and y0 <= place[1] <= y1]


def test_every_kind_is_found_and_told_apart():
    pixels, places = dusty()
    specks = find_dust(pixels)
    for name in places:
        [found] = kinds_at(specks, places[name])
        assert found.likely > 0.5, name
        assert found.on_backdrop
        assert found.contrast < 0
    assert kinds_at(specks, places["lint"])[0].spot.label == "lint"
    assert kinds_at(specks, places["scratch"])[0].spot.label == "scratch"
    assert sum(each.likely > 0.5 for each in specks) == len(places) + 1  # and the hot pixel


def test_a_clean_picture_has_no_dust():
    clean = codes(with_object(backdrop(1000, 1500), at=(750, 500), axes=(220, 200)))
    assert not [each for each in find_dust(clean) if each.likely > 0.3]


def test_a_hot_pixel_is_found():
    picture = np.full((400, 600, 3), 40.0, np.float32)
    picture[200, 300] = (220, 60, 40)
    [found] = find_dust(codes(picture))
    assert found.spot.label == "hot_pixel"
    assert found.spot.points == ((300.5, 200.5),)


def test_weave_is_no_dust():
    rows, cols = np.mgrid[0:800, 0:1200]
    weave = 128 + 40.0 * np.sign(np.sin(rows / 2.1)) * np.sign(np.sin(cols / 2.1))
    assert not [each for each in find_dust(codes(np.repeat(weave[..., None], 3, axis=2))) if each.likely > 0.5]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_is_found_on_the_backdrop_is_healed_and_nothing_else_is_touched(dtype):
    pixels, places = dusty(dtype=dtype)
    done = Done("dust", pixels, surface="backdrop")
    painted = done.paint()
    whole = covered_by(done.mends, (1500, 1000)) > 0
    assert (painted == pixels)[~whole].all()
    assert done.holds_outside(painted)
    even = cv2.blur(painted.astype(np.float32) * (255 / np.iinfo(dtype).max), (7, 7))
    truth = backdrop(1000, 1500, noise=0)
    for x, y in places.values():
        assert np.abs(even - truth)[y - 12 : y + 12, x - 12 : x + 12].max() < 3
    assert done.proposal.facts["healed"] == 5
    assert {each["kind"] for each in done.proposal.facts["list"]} >= {"spot", "lint", "scratch", "hot_pixel"}
    assert done.proposal.confidence.value > 0.7


def test_a_speck_on_the_product_is_listed_and_healed_only_where_asked():
    picture = with_object(backdrop(1000, 1500), at=(750, 500), axes=(220, 200))
    cv2.circle(picture, (750, 500), 4, (165, 95, 95), -1, cv2.LINE_AA)
    on_backdrop = Done("dust", codes(picture), surface="backdrop")
    assert on_backdrop.mends == ()
    [told] = on_backdrop.proposal.facts["list"]
    assert not told["on_backdrop"]
    assert "left_for_a_look" in on_backdrop.codes()
    assert len(Done("dust", codes(picture), surface="everywhere").mends) == 1


def test_letters_on_the_product_are_listed_and_never_healed():
    picture = cv2.imread(str(Path(__file__).parents[2] / "samples" / "shoot" / "BOT-02_front.jpg"))[..., ::-1]
    own = [each for each in find_dust(np.ascontiguousarray(picture)) if not each.on_backdrop]
    label = [each for each in own if 480 < each.spot.points[0][0] < 720 and 940 < each.spot.points[0][1] < 1030]
    assert any(each.spot.label == "lint" for each in label), "the print is seen"
    assert max(each.likely for each in own) < 0.5


def test_a_person_adds_a_spot_and_leaves_another():
    pixels, places = dusty()
    x, y = places["spot"]
    done = Done("dust", pixels, surface="backdrop", leave=(x / 1500, y / 1000), add=(0.5, 0.9, 6))
    whole = covered_by(done.mends, (1500, 1000))
    assert whole[y, x] == 0
    assert whole[900, 750] == 255


def on_product(mark):
    picture = with_object(backdrop(1000, 1500), at=(750, 500), axes=(220, 200))
    mark(picture)
    return codes(picture)


def scratched(picture):
    cv2.line(picture, (690, 470), (800, 540), (210, 120, 120), 2, cv2.LINE_AA)


def accept(told):
    return told["x"], told["y"], max(1, told["radius_px"])


def test_a_scratch_that_a_person_accepts_is_healed_in_its_whole_length():
    pixels = on_product(scratched)
    [told] = Done("dust", pixels, surface="backdrop").proposal.facts["list"]
    done = Done("dust", pixels, surface="backdrop", add=accept(told))
    healed = covered_by(done.mends, (1500, 1000))
    assert "left_for_a_look" not in done.codes()
    assert healed[472, 693] == healed[505, 745] == healed[538, 797] == 255


def test_a_word_on_a_speck_that_agrees_with_the_machine_changes_no_pixel():
    pixels, _ = dusty()
    alone = Done("dust", pixels, surface="backdrop")
    told = alone.proposal.facts["list"]
    said = Done(
        "dust", pixels, surface="backdrop", add=tuple(each for one in told if one["healed"] for each in accept(one))
    )
    assert len(said.mends) == len(alone.mends)
    assert (covered_by(said.mends, (1500, 1000)) == covered_by(alone.mends, (1500, 1000))).all()


def test_a_speck_that_a_person_leaves_is_no_doubt_any_more():
    pixels = on_product(scratched)
    [told] = Done("dust", pixels, surface="backdrop").proposal.facts["list"]
    left = Done("dust", pixels, surface="backdrop", leave=(told["x"], told["y"]))
    assert left.mends == ()
    assert "left_for_a_look" not in left.codes()


def test_a_crowd_of_specks_is_a_persons_and_none_is_healed():
    pixels, _ = dusty()
    done = Done("dust", pixels, surface="backdrop", most=2)
    assert done.mends == ()
    assert "too_many" in done.codes()
    assert done.proposal.confidence.value <= 0.1


def test_off_is_nothing_done():
    pixels, _ = dusty()
    assert Done("dust", pixels).proposal.artifacts == {}


@pytest.mark.parametrize("shape", [(40, 40, 3), (64, 3000, 3)])
def test_small_and_narrow_pictures_come_through(shape):
    assert find_dust(np.full(shape, 90, np.uint8)) == []


@pytest.mark.parametrize("pitch", [26, 40, 60, 90])
def test_a_backdrop_with_a_pattern_is_not_healed_away(pitch):
    dotted = backdrop(800, 1200)
    for y in range(pitch, 790, pitch):
        for x in range(pitch, 1190, pitch):
            cv2.circle(dotted, (x, y), 3, (185, 185, 185), -1, cv2.LINE_AA)
    pixels = codes(dotted)
    done = Done("dust", pixels, surface="backdrop")
    assert done.proposal.facts["healed"] == 0
    assert done.proposal.confidence.value <= 0.1 or pitch < 30  # too fine for specks at all
    assert np.array_equal(done.paint(), pixels)


def test_a_render_without_noise_has_no_dust_and_one_speck_in_it_is_found():
    render = codes(with_object(backdrop(800, 1200, noise=0.0), at=(600, 400), axes=(200, 180)))
    assert not [each for each in find_dust(render) if each.likely > 0.5]
    speck = render.copy()
    cv2.circle(speck, (200, 300), 4, (180, 180, 180), -1, cv2.LINE_AA)
    assert [each for each in find_dust(speck) if each.likely > 0.5 and each.on_backdrop]


def test_film_grain_is_no_dust():
    grain = cv2.GaussianBlur(np.random.default_rng(4).normal(size=(800, 1200, 1)).astype(np.float32), (0, 0), 0.8)
    grainy = codes(backdrop(800, 1200) + 22 * grain[..., None])
    assert Done("dust", grainy, surface="backdrop").proposal.facts["healed"] <= 1
