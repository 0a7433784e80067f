"""What lies outside what automation was made for is told at intake, with a number (R40)."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.edit import Edit
from safelight.pixels.color.light import light_of
from safelight.pixels.measure.afar import shrunk
from safelight.pixels.measure.light import find_backdrop
from safelight.routing.inputs import RouteInputs
from safelight.routing.policy import route
from safelight.runs.domain import BUSY, with_domain
from safelight.runs.sort import Sorted
from safelight.runs.telling import flags_of
from tests.shoots import encode, product

BLANK = Sorted(
    "a.jpg", "aa" * 32, "", "front", "", "on_model", "standard", "pick", (), "", "lamp", "", {},
    scene_referred=False, capture={}, full_size=(600, 900), expected={},
)  # fmt: skip


def frame(name, *, rim=0.0, paper=(0.9, 0.9, 0.9), skin=(62, 20, 18), turned=0.0, box=(0.3, 0.1, 0.7, 0.9), **more):
    face = {"height_px": 300, "skin_lab": list(skin), "yaw_deg": turned, "pitch_deg": 0.0, "roll_deg": 0.0}
    facts = {
        "metering": {"backdrop": {"found": True, "rim_structure": rim, "rgb": list(paper)}},
        "people": {"faces": [face]},
        "framing": {"subject_box": list(box), "cut_off": []},
    }
    return replace(BLANK, path=name, asset=name, facts=facts, **more)


def group(*odd, **more):
    return [*(frame(f"{n}.jpg", turned=2.0 * n, **more) for n in range(6)), *odd]


def outside(frames):
    return {each.path: [(one["code"], one["what"]) for one in each.outside] for each in with_domain(frames)}


def rim_of(pixels):
    return find_backdrop(shrunk(light_of(np.ascontiguousarray(pixels), "srgb").astype(np.float32), 400)).rim_structure


def test_a_product_on_paper_has_no_structure_along_its_rim():
    assert rim_of(product(seed=3)) < 0.01


def test_the_same_product_among_clutter_has():
    rng = np.random.default_rng(8)
    clutter = cv2.resize(rng.uniform(0.05, 0.9, (45, 55, 3)).astype(np.float32), (1100, 900), interpolation=0)
    picture = product(seed=3)
    picture[: 900 // 5], picture[-900 // 5 :] = encode(clutter)[: 900 // 5], encode(clutter)[-900 // 5 :]
    picture[:, :220], picture[:, -220:] = encode(clutter)[:, :220], encode(clutter)[:, -220:]
    assert rim_of(picture) > 2 * BUSY


def test_legs_that_run_out_at_the_bottom_are_no_background():
    picture = product(seed=3)
    picture[-100:, 300:800:8] = 0
    assert rim_of(picture) < 0.01


def test_products_before_photographs_are_told_from_those_on_white(shared_data):
    home = shared_data / "matting" / "products"
    of = {
        kind: [rim_of(cv2.imread(str(each))[..., ::-1]) for each in sorted(home.glob(kind))]
        for kind in ("*_on_white.jpg", "*_bg?.jpg")
    }
    assert (len(of["*_on_white.jpg"]), len(of["*_bg?.jpg"])) == (10, 20)
    assert max(of["*_on_white.jpg"]) <= 0.01 < BUSY < min(of["*_bg?.jpg"])


def test_a_busy_frame_is_flagged_with_its_number_and_goes_to_people():
    (told,) = with_domain([frame("b.jpg", rim=0.64)])
    (said,) = told.outside
    assert (said["code"], said["value"], said["unit"], said["limit"]) == (
        "busy_background", 0.64, "share of the rim", BUSY,
    )  # fmt: skip
    assert "busy_background" in flags_of(Edit("b.jpg"), told)
    routed = route(RouteInputs(flags=frozenset({"busy_background"}), measured=((said["code"], said["text"]),)))
    assert "64% of the frame's rim, limit 15%" in next(e.text for e in routed.reasons if e.code == "busy_background")


@pytest.mark.parametrize("more", [{"category": "editorial"}, {"category": "swatch"}, {"view": "detail"}])
def test_where_structure_is_meant_nothing_is_said(more):
    (told,) = with_domain([replace(frame("b.jpg", rim=0.64), **more)])
    assert told.outside == ()


@pytest.mark.parametrize(
    ("odd", "what"),
    [
        (frame("odd.jpg", paper=(0.2, 0.2, 0.2)), "background"),
        (frame("odd.jpg", paper=(1.0, 1.0, 0.2)), "background"),
        (frame("odd.jpg", skin=(46, 24, 23)), "tone"),
        (frame("odd.jpg", turned=80.0), "pose"),
        (frame("odd.jpg", box=(0.1, 0.6, 0.9, 0.9)), "pose"),
    ],
)
def test_a_frame_that_strays_from_its_group_is_told_and_no_other(odd, what):
    told = outside(group(odd))
    assert told.pop("odd.jpg") == [("outside_group", what)]
    assert set(map(tuple, told.values())) == {()}


def test_the_sentence_says_how_far_and_from_what():
    told = {each.path: each for each in with_domain(group(frame("odd.jpg", paper=(0.1125, 0.1125, 0.1125))))}
    (said,) = told["odd.jpg"].outside
    assert said["text"] == "its background lies 3.0 stops from the middle of its group's 7, limit 2.0"
    assert "outside_group" in flags_of(Edit("odd.jpg"), told["odd.jpg"])


@pytest.mark.parametrize("paper", [(0.32, 0.32, 0.32), (1.0, 0.9, 0.45), (0.95, 0.74, 0.42)])
def test_another_exposure_or_white_balance_is_no_other_background(paper):
    assert outside(group(frame("odd.jpg", paper=paper)))["odd.jpg"] == []


def test_four_frames_are_no_group():
    assert outside([*group()[:3], frame("odd.jpg", paper=(0.2, 0.2, 0.2))])["odd.jpg"] == []


def test_another_lamp_another_category_and_a_rejected_frame_are_another_matter():
    odd = frame("odd.jpg", paper=(0.2, 0.2, 0.2))
    for change in ({"lighting": "other"}, {"category": "packshot"}, {"cull": "reject"}):
        assert outside(group(replace(odd, **change)))["odd.jpg"] == []


def test_a_group_of_two_models_strays_in_nothing():
    other = [frame(f"n{n}.jpg", skin=(46, 24, 23)) for n in range(6)]
    assert set(map(tuple, outside(group(*other)).values())) == {()}


def test_a_pose_is_held_against_its_own_view():
    back = frame("back.jpg", box=(0.1, 0.6, 0.9, 0.9), view="back")
    assert outside(group(back))["back.jpg"] == []


def test_frames_without_measures_are_left_alone():
    assert with_domain([replace(BLANK, path=f"{n}") for n in range(6)])[0].outside == ()


@given(st.permutations(range(7)))
def test_the_order_makes_no_difference(order):
    frames = group(frame("odd.jpg", skin=(46, 24, 23), rim=0.5))
    assert outside([frames[n] for n in order]) == outside(frames)


@given(st.floats(0.3, 3.0))
def test_a_backdrop_that_is_farther_is_never_said_to_be_nearer(more):
    def distance(stops):
        odd = frame("odd.jpg", paper=(0.9 / 2**stops,) * 3)
        told = {each.path: each.outside for each in with_domain(group(odd))}["odd.jpg"]
        return told[0]["value"] if told else 0.0

    assert distance(more + 0.3) >= distance(more)
