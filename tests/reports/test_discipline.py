from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.batch import BatchState, FileState
from safelight.reports.clocks import camera_of, clock_notes, moment_of
from safelight.reports.discipline import ASSUMPTIONS, assumed, faults_of, measure_discipline
from safelight.reports.model import BatchReport
from safelight.reports.page import write_page
from safelight.workflows.source_minutes import SOURCE_FAULTS


def file(path, sku="WJ12", taken="2026-03-01T10:00:00", model="One", cull="pick", codes=(), **more):
    measured = {
        "capture": {"taken_at": taken, "make": "Test" if model else "", "model": model},
        "reasons": {"metering": [{"code": each, "text": each} for each in codes]},
    }
    said = {"sku": sku, "view": "front", "category": "packshot", "class": cull, "group": "", "lighting": "l", **more}
    return FileState(path, asset=f"asset-{path}", measured=measured, sorted=said)


def batch(*files):
    return BatchState("b", {}, "", {each.path: each for each in files}, (), "")


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (file("a", taken=""), "no_time"),
        (file("a", model=""), "no_camera"),
        (file("a", sku=""), "unfit_name"),
        (file("a", category="unknown"), "unknown_category"),
        (file("a", cull="reject"), "rejected"),
        (file("a", cull="cant_tell"), "cant_tell"),
        (file("a", codes=["mixed_light"]), "mixed_light"),
        (FileState("a", refused="a is empty"), "unreadable"),
    ],
)
def test_each_fault_is_seen_alone(found, fault):
    assert faults_of(found) == {fault}


def test_a_tidy_shoot_costs_nothing():
    found = measure_discipline(batch(*(file(f"a/WJ{n}_front.jpg") for n in range(10))))
    assert (found.minutes, found.faults, found.parts[0].word) == (0, {}, "tidy")
    assert "hardly any time" in found.sentence


def test_the_chaotic_part_is_told_from_the_tidy_one_and_comes_first():
    tidy = [file(f"studio/WJ{n}_front.jpg") for n in range(8)]
    chaos = [file(f"phone/IMG_{n}.jpg", sku="", taken="", model="", category="unknown") for n in range(4)]
    found = measure_discipline(batch(*tidy, *chaos))
    assert [(each.folder, each.word) for each in found.parts] == [("phone", "chaotic"), ("studio", "tidy")]
    each = sum(ASSUMPTIONS[fault].minutes for fault in ("unfit_name", "no_time", "no_camera", "unknown_category"))
    assert found.minutes == pytest.approx(4 * each)
    assert "1 of 2 parts chaotic" in found.sentence


def test_what_costs_more_than_it_saves_is_flagged():
    mixed = [file(f"set/{n}.jpg", codes=["mixed_light"]) for n in range(3)]
    assert measure_discipline(batch(*mixed)).parts[0].costs_more_than_it_saves


def test_an_article_under_two_lights_is_seen_in_each_of_its_frames():
    found = measure_discipline(batch(file("a", lighting="x"), file("b", lighting="y"), file("c", sku="ZZ1")))
    assert found.faults == {"split_light": 2}


def test_copies_are_told_from_bursts():
    found = measure_discipline(batch(file("a"), file("b", cull="alternate", group="g01"), file("c", cull="alternate")))
    assert found.faults == {"surplus": 1, "same_bytes": 1}


def test_a_studio_can_put_its_own_minutes_in():
    own = dict(ASSUMPTIONS) | {"no_time": replace(ASSUMPTIONS["no_time"], minutes=7.0)}
    assert measure_discipline(batch(file("a", taken="")), own).minutes == 7


def test_a_clock_that_goes_back_while_numbers_go_on_is_told():
    files = [file("DSC_0001.jpg"), file("DSC_0002.jpg", taken="2025-03-01T10:00:00"), file("DSC_0003.jpg")]
    (note,) = clock_notes(files)
    assert note.text == "the clock of Test One went back 365 days between DSC_0001.jpg and DSC_0002.jpg"
    assert measure_discipline(batch(*files)).faults == {"clock": 2}


def test_a_make_is_not_said_twice():
    said = file("a", model="Test Two")
    assert camera_of(said) == "Test Two"
    assert camera_of(file("a", model="")) == ""


def test_a_burst_within_a_second_is_no_jump():
    assert not clock_notes([file("DSC_0001.jpg", taken="2026-03-01T10:00:01"), file("DSC_0002.jpg")])


def two_cameras(shifts):
    for n, shift in enumerate(shifts):
        minute = 10 + 3 * n
        yield file(f"a/{n}.jpg", f"WJ{n}", f"2026-03-01T10:{minute:02}:00", "One")
        yield file(f"b/{n}.jpg", f"WJ{n}", f"2026-03-01T{10 + shift // 60:02}:{(minute + shift) % 60:02}:00", "Two")


def test_two_clocks_that_differ_steadily_are_told_and_left():
    (note,) = clock_notes(two_cameras([60, 60, 60, 60]))
    assert note.text.startswith("the clock of Test Two is about 60 min ahead of Test One's, by 4 articles")
    assert note.text.endswith("times are left as they are")
    assert note.paths == ()


def test_two_cameras_without_a_steady_offset_say_nothing():
    assert not clock_notes(two_cameras([0, 0, 0]))
    assert not clock_notes(two_cameras([1, 30, 2, 40]))
    assert not clock_notes(two_cameras([60, 60]))


@pytest.mark.parametrize("text", ["", "0000:00:00 00:00:00", "2026-13-40T99:00:00", "soon"])
def test_a_time_that_is_none_is_no_time(text):
    assert moment_of(file("a", taken=text)) is None
    assert not clock_notes([file("DSC_0001.jpg", taken=text), file("DSC_0002.jpg", taken=text)])


@given(st.lists(st.sampled_from([file("x"), file("x", sku=""), file("x", taken=""), file("x", cull="reject")])))
def test_parts_add_up_to_the_whole(kinds):
    found = measure_discipline(batch(*(replace(each, path=f"{n % 3}/{n}") for n, each in enumerate(kinds))))
    assert sum(each.frames for each in found.parts) == found.frames == len(kinds)
    assert sum(each.minutes for each in found.parts) == pytest.approx(found.minutes, abs=0.05)


def test_the_page_tells_it_and_hostile_names_stay_text():
    hostile = "<script>alert(1)</script>"
    shoot = batch(file(f"{hostile}/DSC_1.jpg", sku="", model=hostile), file("a/WJ1_front.jpg"))
    found = measure_discipline(shoot)
    report = BatchReport(
        "b", "house", "2026-11-19T14:32:08Z", (), discipline=found, exceptions=((hostile, (hostile,)),)
    )
    page = write_page(report)
    assert "without article" in page
    assert hostile not in page
    assert "What the minutes rest on" in page


def test_what_a_guide_may_price_is_what_the_page_counts():
    assert set(SOURCE_FAULTS) == set(ASSUMPTIONS)


def test_the_minutes_of_a_guide_reach_the_sum_and_are_marked_as_its_own():
    told = assumed({"no_time": 9.0})
    assert told["no_time"].own and not told["no_camera"].own
    plain, own = (
        measure_discipline(batch(file("a", taken=""), file("b", taken="")), each) for each in (ASSUMPTIONS, told)
    )
    assert (plain.minutes, own.minutes) == (0.2, 18.0)
    page = write_page(BatchReport("b", "house", "2026-03-01T10:00:00Z", (), discipline=own))
    assert "put them in order by eye (the style guide says so)" in page


def test_what_lies_outside_is_counted_priced_and_told_by_frame():
    text = "a busy background or a close-up: structure along 64% of the frame's rim, limit 15%"
    odd = file("phone/WJ1_front.jpg", outside=[{"code": "busy_background", "text": text}])
    found = measure_discipline(batch(odd, *(file(f"studio/WJ{n}_front.jpg") for n in range(9))))
    assert found.faults == {"busy_background": 1}
    assert found.minutes == ASSUMPTIONS["busy_background"].minutes
    assert found.outside == (f"WJ1_front.jpg: {text}",)
    page = write_page(BatchReport("b", "house", "2026-03-01T10:00:00Z", (), discipline=found))
    assert "Outside what automation was made for" in page
    assert "64% of the frame&#39;s rim" in page


def test_light_of_two_colors_stands_in_the_same_list():
    lit = file("a/WJ1_front.jpg")
    reason = {"code": "mixed_light", "text": "the color of the light differs by 6.1 degrees over the backdrop"}
    lit = replace(lit, measured=lit.measured | {"reasons": {"metering": [reason]}})
    assert measure_discipline(batch(lit)).outside == (f"WJ1_front.jpg: {reason['text']}",)
