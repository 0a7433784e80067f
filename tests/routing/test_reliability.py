import tomllib
from pathlib import Path

import pytest

from safelight.errors import DeclarationError, UnknownNameError
from safelight.routing import reliability
from safelight.routing.reliability import LEVELS, Override, read_map, reliability_map, zone_at

# R19 to R25, as the requirements place them.
SAFE = "culling exposure white_balance noise_reduction auto_tagging transcription metadata_tags logging "
SAFE += "scene_segmentation file_naming version_tracking"
HYBRID = "skin_smoothing background_removal auto_cut color_grading object_removal style_matching rough_cut "
HYBRID += "audio_noise_removal tone_matching shot_matching rough_edit"
PERSON = "visual_storytelling complex_masking compositing artistic_retouching brand_polish creative_direction "
PERSON += "narrative_flow emotional_pacing final_qc brand_voice continuity_check skin_texture hands hair jewelry "
PERSON += "luxury_fabric ghost_mannequin"
NO_GO = "generative_fill stylized_portrait video_continuity unchecked_delivery virtual_model"


@pytest.mark.parametrize(
    ("zone", "task"), [(z, t) for z, names in enumerate((SAFE, HYBRID, PERSON, NO_GO), start=1) for t in names.split()]
)
def test_each_default_stands_in_its_zone(zone, task):
    assert reliability_map().zone_of(task, "packshot") == zone


def test_low_and_low_is_the_only_safe_place():
    safe = [(c, r) for c in LEVELS for r in LEVELS if zone_at(c, r) == 1]
    assert safe == [("low", "low")]


def test_high_on_either_axis_needs_a_person():
    assert {zone_at("high", r) for r in LEVELS} | {zone_at(c, "high") for c in LEVELS} == {3}


def test_the_zone_is_set_by_the_edge_and_not_by_the_task():
    zones = {
        edge: reliability_map().zone_of("background_removal", "apparel", edge) for edge in reliability.EDGE_CLASSES
    }
    assert zones == {
        "hard": 1, "soft": 2, "hair": 3, "translucent": 3, "open_weave": 3, "reflective": 3, "unknown": 2
    }  # fmt: skip


def test_jewelry_is_never_in_the_safe_zone():
    known = reliability_map()
    assert {known.zone_of(task, "jewelry") for task in known.tasks} <= {2, 3, 4}
    assert known.zone_of("background_removal", "jewelry", "hard") == 3


def test_a_task_that_is_not_on_the_map_is_not_trusted():
    placed = reliability_map().placed("hologram")
    assert (placed.zone, placed.stance) == (4, "resist")
    assert placed.why == "hologram is not on the reliability map, so nothing is known of it"


def test_the_reason_names_axes_edge_and_category():
    assert reliability_map().placed("background_removal", "apparel", "open_weave").why == (
        "zone 3 (a person must): background removal on studio shots: complexity high, risk medium "
        "where the edge is open weave in category apparel"
    )


def test_a_style_guide_moves_a_task_for_one_category():
    moved = reliability_map().changed([Override("exposure", risk="high", category="apparel")])
    assert (moved.zone_of("exposure", "apparel"), moved.zone_of("exposure", "packshot")) == (3, 1)


def test_a_style_guide_moves_a_task_for_one_edge():
    moved = reliability_map().changed([Override("background_removal", complexity="high", edge="hard")])
    assert moved.zone_of("background_removal", "packshot", "hard") == 3


def test_a_style_guide_moves_a_task_and_its_stance_for_all():
    moved = reliability_map().changed([Override("sharpening", risk="medium", stance="calibrate")])
    assert (moved.zone_of("sharpening", "packshot"), moved.task("sharpening").stance) == (2, "calibrate")


def test_a_style_guide_cannot_lift_a_no_go():
    moved = reliability_map().changed([Override("generative_fill", complexity="low", risk="low", stance="adopt")])
    assert moved.zone_of("generative_fill") == 4


def test_an_override_of_an_unknown_task_is_refused_with_the_list():
    with pytest.raises(UnknownNameError, match="no task called 'cutting' on the reliability map; it has: culling, "):
        reliability_map().changed([Override("cutting", risk="low")])


def test_a_wrong_level_is_refused_with_what_is_allowed():
    data = tomllib.loads(Path(reliability.__file__).with_name("reliability.toml").read_text())
    data["task"]["culling"]["risk"] = "some"
    with pytest.raises(
        DeclarationError, match=r"map.toml: task.culling.risk is 'some'; it takes one of low, medium, high"
    ):
        read_map(data, "map.toml")


def test_a_row_with_a_missing_field_is_refused_by_name():
    data = tomllib.loads(Path(reliability.__file__).with_name("reliability.toml").read_text())
    del data["task"]["culling"]["queue"]
    with pytest.raises(DeclarationError, match=r"task.culling does not hold: .*queue"):
        read_map(data, "map.toml")


def test_every_task_names_its_requirement():
    assert all(row.source.startswith("R") for row in reliability_map().tasks.values())


def test_a_failed_check_has_a_queue_of_its_own():
    known = reliability_map()
    assert known.queue_of_check("halo") == "edge_repair"
    assert known.queue_of_check("moire") == "moire"
