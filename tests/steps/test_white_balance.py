"""White balance: one light, one correction; no wild ones."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.core.step import Group, Member
from safelight.errors import ParameterError
from safelight.steps.metering import step as metering
from safelight.steps.white_balance import step
from safelight.steps.white_balance.estimate import estimate

from .pictures import camera_file, packshot, picture

stops = st.floats(-2, 2).map(lambda each: round(each, 3))


def _metered(linear: np.ndarray, **more: Any) -> Any:
    from dataclasses import replace

    frame, tools = camera_file(linear, **more)
    return replace(frame, facts={"metering": metering.propose(frame, None, {}, tools).facts}), tools


def _member(name: str, facts: Any) -> Member:
    return Member(name, f"2026-01-01T10:00:{len(name):02d}", name, facts)


def _paint(params: dict[str, Any], rgb: np.ndarray) -> np.ndarray:
    from safelight.pixels.color import fused

    assert step.paint is not None
    out = fused.apply(rgb, "linear_rec2020", [step.paint(params)], "linear_rec2020", np.float32)
    return np.asarray(out)


def test_one_stop_of_red_doubles_red_and_leaves_green() -> None:
    gray = np.full((1, 2, 3), 0.18, np.float32)
    assert _paint({"red": 1.0, "blue": 0.0, "strength": 1.0}, gray)[0, 0] == pytest.approx([0.36, 0.18, 0.18], rel=1e-5)


@settings(deadline=None, max_examples=25)
@given(red=stops, blue=stops)
def test_opposite_corrections_cancel(red: float, blue: float) -> None:
    rgb = np.random.default_rng(1).uniform(0, 1, (4, 4, 3)).astype(np.float32)
    there = _paint({"red": red, "blue": blue, "strength": 1.0}, rgb)
    assert _paint({"red": -red, "blue": -blue, "strength": 1.0}, there) == pytest.approx(rgb, rel=1e-4, abs=1e-6)


@settings(deadline=None, max_examples=25)
@given(red=stops, blue=stops)
def test_no_strength_changes_nothing(red: float, blue: float) -> None:
    rgb = np.random.default_rng(1).uniform(0, 1, (4, 4, 3)).astype(np.float32)
    assert _paint({"red": red, "blue": blue, "strength": 0.0}, rgb) == pytest.approx(rgb, abs=1e-7)


@pytest.mark.parametrize("light", [(1.2, 1.0, 0.7), (0.85, 1.0, 1.25), (0.95, 1.0, 0.85)])
def test_unclipped_paper_becomes_neutral(light: tuple[float, float, float]) -> None:
    frame, tools = _metered(packshot(0.5, light))
    params = dict(step.propose(frame, None, {}, tools).params)
    paper = _paint(params, frame.image.pixels)[2, 2]
    assert np.ptp(paper) / paper.mean() < 0.02


@pytest.mark.parametrize("value", [0.0, 0.18, 1.0, (0.6, 0.01, 0.01), (0.01, 0.3, 0.02), np.nan])
def test_gray_black_white_and_one_colored_pictures_get_no_wild_correction(value: Any) -> None:
    scene = np.empty((120, 120, 3), np.float32)
    scene[...] = value
    frame, tools = picture(scene)
    from dataclasses import replace

    frame = replace(frame, facts={"metering": metering.propose(frame, None, {}, tools).facts})
    params = step.propose(frame, None, {}, tools).params
    assert max(abs(float(params["red"])), abs(float(params["blue"]))) < 0.05


def test_a_frame_without_metering_stays_with_a_doubt() -> None:
    frame, tools = picture(np.full((8, 8, 3), 0.2, np.float32))
    found = step.propose(frame, None, {}, tools)
    assert (found.params["red"], found.params["blue"]) == (0.0, 0.0)
    assert found.confidence is not None and found.confidence.value < 0.3
    assert any(each.doubt for each in found.reasons)


def test_all_frames_of_one_light_get_the_very_same_correction() -> None:
    frames = [_metered(packshot(0.5 + 0.01 * k, (1.2, 1.0, 0.75 + 0.005 * k)))[0] for k in range(5)]
    members = [_member(f"frame{k}", each.facts) for k, each in enumerate(frames)]
    assert step.gather is not None
    found = step.gather(members, {})
    assert step.gather(members[::-1], {}) == found
    group = Group("key", tuple(each.asset for each in members), {"white_balance": found})
    proposed = {
        tuple(sorted(step.propose(each, group, {}, camera_file(packshot())[1]).params.items())) for each in frames
    }
    assert len(proposed) == 1


def test_a_frame_in_other_light_is_singled_out() -> None:
    frames = [_metered(packshot(0.5))[0] for _ in range(4)] + [_metered(packshot(0.5, (1.3, 1.0, 0.6)))[0]]
    members = [_member(f"frame{k}", each.facts) for k, each in enumerate(frames)]
    assert step.gather is not None
    group = Group("key", tuple(each.asset for each in members), {"white_balance": step.gather(members, {})})
    tools = camera_file(packshot())[1]
    usual, other = step.propose(frames[0], group, {}, tools), step.propose(frames[4], group, {}, tools)
    assert [each.code for each in other.reasons if each.doubt] == ["singled_out"]
    assert usual.confidence is not None and other.confidence is not None
    assert other.confidence.value < 0.5 < usual.confidence.value


def test_a_gray_card_among_the_frames_leads_them_all_and_is_named() -> None:
    light = (1.2, 1.0, 0.7)
    tinted = np.array([1.12, 1.0, 0.9], np.float32)  # paper of a warm tint: what it says of the light is wrong
    frames = [_metered(packshot(0.5 + 0.01 * k, light) * tinted)[0] for k in range(4)]
    card = np.empty((120, 160, 3), np.float32)
    card[...] = 0.2 * np.array(light, np.float32)
    facts = {**_metered(card)[0].facts, "slate": {"kind": "even", "level": 0.2}}
    members = [_member(f"frame{k}", each.facts) for k, each in enumerate(frames)]
    assert step.gather is not None
    with_card = step.gather([*members, _member("day/gray card.jpg", facts)], {})
    assert (with_card["red"], with_card["blue"]) == pytest.approx((np.log2(1 / 1.2), np.log2(1 / 0.7)), abs=0.02)
    assert with_card["gray_card"] == "day/gray card.jpg"
    cloth = step.gather([*members, _member("day/linen.jpg", facts)], {})
    assert abs(cloth["blue"] - with_card["blue"]) > 0.1  # an even frame that nobody calls a card may be cloth
    group = Group("key", ("frame0",), {"white_balance": with_card})
    told = step.propose(frames[0], group, {}, camera_file(packshot())[1])
    assert "by the gray card day/gray card.jpg" in told.reasons[0].text


def _gains(light: tuple[float, float, float]) -> dict[str, list[float]]:
    return {name: [1 / each for each in light] for name in ("gray_index", "gray_mode", "mean_edge", "bright_and_dark")}


def test_a_gray_patch_leads_whatever_the_picture_says() -> None:
    found = estimate({"neutral_gains": _gains((1.2, 1.0, 0.7))}, {"found": True, "neutral_rgb": [0.36, 0.4, 0.5]})
    assert (found.source, found.red) == ("chart", pytest.approx(np.log2(0.4 / 0.36)))
    assert found.blue == pytest.approx(np.log2(0.4 / 0.5))


@pytest.mark.parametrize("rgb", [[0.0, 0.4, 0.5], [np.nan, 0.4, 0.5], [0.4], "gray", None, [0.01, 0.9, 0.9]])
def test_a_patch_that_is_no_gray_is_not_followed(rgb: Any) -> None:
    assert estimate({"neutral_gains": _gains((1.0, 1.0, 1.0))}, {"neutral_rgb": rgb}).source == "statistics"


def test_agreement_is_surer_than_disagreement_and_says_so() -> None:
    alike = estimate({"neutral_gains": _gains((1.2, 1.0, 0.7))})
    gains = _gains((1.2, 1.0, 0.7)) | {"gray_index": [1.1, 1.0, 0.8]}
    apart = estimate({"neutral_gains": gains})
    assert alike.error_deg < apart.error_deg
    assert "4 of 4 estimates agree within 3 degrees" in alike.reasons[0].text
    assert "gray index is" in apart.reasons[0].text


def test_a_capture_is_corrected_further_than_a_finished_file() -> None:
    gains = {"neutral_gains": _gains((0.45, 1.0, 0.4))}
    raw, screen = estimate({**gains, "scene_referred": True}), estimate(gains)
    assert raw.red == pytest.approx(np.log2(1 / 0.45), abs=0.05)
    assert max(abs(screen.red), abs(screen.blue)) <= 1.3


def test_pure_white_paper_says_nothing_of_a_capture() -> None:
    backdrop = {"found": True, "clipped": [1.0, 1.0, 1.0], "share": 0.5, "level": 1.0, "lighter_than": 1.0}
    facts = {"backdrop": backdrop, "neutral_gains": {**_gains((1.2, 1.0, 0.7)), "backdrop": [1.0, 1.0, 1.0]}}
    assert estimate(facts).source == "white backdrop"
    assert estimate({**facts, "scene_referred": True}).source == "statistics"


def test_light_that_drifts_over_the_frame_stops_automation() -> None:
    frame, tools = _metered(packshot(0.5))
    plain = step.propose(frame, None, {}, tools)
    from dataclasses import replace

    mixed = replace(frame, facts={"metering": {**frame.facts["metering"], "light_drift_deg": 6.5}})
    found = step.propose(mixed, None, {}, tools)
    assert "mixed_light" in [each.code for each in found.reasons if each.doubt]
    assert "mixed_light" not in [each.code for each in plain.reasons]
    assert found.confidence is not None and plain.confidence is not None
    assert found.confidence.value < plain.confidence.value


def test_an_empty_group_finds_nothing() -> None:
    assert step.gather is not None
    assert step.gather([], {}) == {}


def test_the_guide_may_fix_a_gain() -> None:
    frame, tools = _metered(packshot(0.5, (1.2, 1.0, 0.7)))
    assert step.propose(frame, None, {"red": 0.125}, tools).params["red"] == 0.125


def test_a_gain_beyond_two_stops_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"white_balance.red is 3 stops; it takes -2 to 2 stops"):
        step.params.accept({"red": 3})


@pytest.mark.data
def test_known_casts_are_found_within_two_degrees(shared_data: Path) -> None:
    from PIL import Image as Pillow

    from safelight.pixels.color.spaces import convert, matrix_between, to_float
    from safelight.pixels.measure.neutral import angle_deg

    folder = shared_data / "wb-exposure" / "product"
    rows = list(csv.DictReader((folder / "truth.csv").read_text().splitlines()))
    to_srgb = np.linalg.inv(matrix_between("srgb", "linear_rec2020"))
    errors = []
    for row in [each for each in rows if each["kind"] == "cast"][::4]:
        with Pillow.open(folder / row["file"]) as opened:
            codes = np.asarray(opened.convert("RGB").reduce(2))
        frame, tools = _metered(convert(to_float(codes), "srgb", "linear_rec2020"))
        params = step.propose(frame, None, {}, tools).params
        light = to_srgb @ np.array([2.0 ** -float(params["red"]), 1.0, 2.0 ** -float(params["blue"])])
        errors.append(angle_deg(light, [float(row[f"gain_{c}"]) for c in "rgb"]))
    assert max(errors) < 2.5, errors
    assert np.median(errors) < 1.0, errors


@pytest.mark.data
def test_catalogue_pictures_on_pure_white_stay_as_they_are(shared_data: Path) -> None:
    from PIL import Image as Pillow

    from safelight.pixels.color.difference import delta_e_2000, lab_from
    from safelight.pixels.color.spaces import convert, to_float

    worst = 0.0
    for path in sorted((shared_data / "ecommerce" / "catalogue").glob("*_main.jpg"))[:5]:
        with Pillow.open(path) as opened:
            codes = np.asarray(opened.convert("RGB").reduce(3))
        frame, tools = _metered(convert(to_float(codes), "srgb", "linear_rec2020"))
        painted = _paint(dict(step.propose(frame, None, {}, tools).params), frame.image.pixels)
        before, after = (lab_from(np.clip(each, 0, 1), "linear_rec2020") for each in (frame.image.pixels, painted))
        worst = max(worst, float(np.percentile(delta_e_2000(before, after), 99)))
    assert worst < 1.0
