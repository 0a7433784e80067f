"""A lighting group throws its shadows one way, and the frame that was lit from elsewhere is singled out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.journeys.cli import safelight
from tests.journeys.test_hero import latest
from tests.shoots import encode, jpeg

GUIDE = """
client = "Acme"
[step.shadow]
kind = "drop"
strength = 0.35
distance = 0.08
{more}
[picture]
fill = [0.6, 0.7]
[category.packshot]
lane = {{ name = "fast", route = "spot_check", confidence = 0.5 }}
acceptance = ["The product is whole and sharp on pure white."]
"""
WIDTH, HEIGHT = 900, 760
REACH = 0.6  # of the subject's height, that its shadow is long on the floor


def lit(seed, floor_deg):
    """A textured bottle on gray-white paper under one lamp: its shadow leans to `floor_deg` from its foot."""
    rng = np.random.default_rng(seed)
    tall = 300 + 20 * seed
    alpha = np.zeros((HEIGHT, WIDTH), np.float32)
    base, left = 560, 380
    cv2.rectangle(alpha, (left, base - tall), (left + 140, base - 1), 1.0, -1)
    cv2.rectangle(alpha, (left + 45, base - tall - 70), (left + 95, base - tall), 1.0, -1)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 0.7)
    across, down = REACH * np.cos(np.deg2rad(floor_deg)), REACH * np.sin(np.deg2rad(floor_deg))
    lean = np.float32([[1, -across, base * across], [0, -down, base + base * down]])
    shadow = 0.4 * cv2.GaussianBlur(cv2.warpAffine(alpha, lean, (WIDTH, HEIGHT)), (0, 0), 9)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    paper = (0.84 - 0.1 * ((x / WIDTH - 0.5) ** 2 + (y / HEIGHT - 0.5) ** 2)) * (1 - shadow)
    body = rng.uniform(0.08, 0.35, 3) * (0.8 + 0.2 * (np.sin(y / 11 + seed) > 0))[..., None]
    cover = alpha[..., None]
    return encode(paper[..., None] * (1 - cover) + body * cover + rng.normal(0, 0.0025, (HEIGHT, WIDTH, 1)))


def shoot(folder, directions):
    place = folder / "spring" / "packshots"
    place.mkdir(parents=True, exist_ok=True)
    for n, floor_deg in enumerate(directions):
        if floor_deg is not None:
            (place / f"SKU{n:02}_front.jpg").write_bytes(jpeg(lit(n, floor_deg), taken=f"2026:03:01 10:{n:02}:00"))


def shadows(folder):
    """Each frame's shadow as it stands, by its number."""
    edits, _ = latest(folder)
    return {int(name[3:5]): edit.step("shadow") for name, edit in edits.items()}


def codes(step):
    return {each.code for each in step.reasons}


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studio")
    shoot(folder, (-35, -35, -35, -145))  # three lit from the front left; the lamp was moved for the last
    (folder / "acme.toml").write_text(GUIDE.format(more=""))
    safelight("run", "spring", "--guide", "acme.toml", folder=folder)
    return folder


def test_all_frames_of_a_group_get_the_direction_that_its_own_shadows_show(studio):
    """A lamp that lays a shadow ``0.6 cos(-35)`` of the height to the right throws it to 64 degrees on a wall."""
    made = shadows(studio)
    assert {each.params["angle_deg"] for each in made.values()} == {made[0].params["angle_deg"]}
    assert made[0].params["angle_deg"] == pytest.approx(
        np.rad2deg(np.arctan2(1, REACH * np.cos(np.deg2rad(35)))), abs=6
    )
    assert all("light_direction" in codes(each) for each in made.values())
    text = next(each.text for each in made[0].reasons if each.code == "light_direction")
    assert "as the shadows of 3 of 4 frames show" in text


def test_the_frame_that_was_lit_from_elsewhere_is_singled_out_and_less_sure(studio):
    made = shadows(studio)
    assert [number for number, each in sorted(made.items()) if "singled_out" in codes(each)] == [3]
    assert made[3].confidence.value < 0.6 * made[0].confidence.value
    off = next(each.values["off_deg"] for each in made[3].reasons if each.code == "singled_out")
    assert off == pytest.approx(110, abs=6)


def test_the_check_knows_the_direction_and_finds_it_kept(studio):
    from safelight.core.batch import JUDGED
    from safelight.store import Store

    with Store.open(studio / ".safelight") as store:
        said = [each.body["verdicts"] for each in store.ledger.facts(kind=JUDGED)]
    found = [v for verdicts in said for v in verdicts if v["check"] == "shadow_consistency"]
    off = [each["value"] for v in found for each in v["measures"] if each["name"] == "direction_off"]
    assert len(off) == 4 and max(off) < 15
    assert {each["word"] for each in found} == {"pass"}


def test_an_approved_direction_stands_whatever_light_comes_later(studio):
    before = shadows(studio)[0].params["angle_deg"]
    safelight("decide", "spring", "SKU00_front.jpg", "approve", "--as", "Ines", folder=studio)
    shoot(studio, (None, None, None, None, -145, -145, -145, -145))
    safelight("run", "spring", "--guide", "acme.toml", folder=studio)
    made = shadows(studio)
    assert len(made) == 8 and {each.params["angle_deg"] for each in made.values()} == {before}
    assert "against_the_light" in codes(made[5])


def test_a_guide_has_the_last_word_and_is_told_when_the_light_says_otherwise(tmp_path):
    shoot(tmp_path, (-35, -35))
    (tmp_path / "acme.toml").write_text(GUIDE.format(more="angle_deg = 120"))
    safelight("run", "spring", "--guide", "acme.toml", folder=tmp_path)
    made = shadows(tmp_path)
    assert {each.params["angle_deg"] for each in made.values()} == {120.0}
    assert all("against_the_light" in codes(each) for each in made.values())
