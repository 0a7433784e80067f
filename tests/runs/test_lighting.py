from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.runs.lighting import group_by_light

WHITE, LAMP = (1.0, 1.0, 1.0), (0.8, 1.0, 1.5)


def frame(*, at="2026-03-01T10:00:00", gains=WHITE, level=0.6, paper=True, clipped=0.0, make="One"):
    """What intake found of a frame whose paper needs `gains` to be neutral."""
    backdrop = {"found": paper, "level": level, "clipped": [clipped] * 3, "lighter_than": 0.98}
    metering = {"backdrop": backdrop, "neutral_gains": {"backdrop": list(gains)} if paper else {}}
    capture = {"make": make, "model": "", "taken_at": at}
    return {"capture": capture, "facts": {"metering": {"facts": metering}}}


def shoot(*frames):
    return {f"a/{number:02}.jpg": each for number, each in enumerate(frames)}


def lights(found):
    return list(group_by_light(found, {}).values())


def test_frames_on_paper_of_one_color_share_their_light():
    assert lights(shoot(*[frame(level=0.6 + 0.02 * k) for k in range(5)])) == ["a|One"] * 5


def test_three_frames_under_a_lamp_are_a_light_of_their_own():
    assert lights(shoot(*[frame()] * 4, *[frame(gains=LAMP)] * 3)) == ["a|One"] * 4 + ["a|One|light 2"] * 3


def test_one_frame_in_other_light_stays_to_be_singled_out():
    assert set(lights(shoot(*[frame()] * 4, frame(gains=LAMP)))) == {"a|One"}


def test_an_aperture_changed_for_three_frames_is_another_light():
    assert len(set(lights(shoot(*[frame(level=0.7)] * 4, *[frame(level=0.25)] * 4)))) == 2


def test_lunch_parts_a_shoot():
    late = [frame(at=f"2026-03-01T15:0{k}:00") for k in range(3)]
    assert lights(shoot(frame(), *late)) == ["a|One"] + ["a|One|light 2"] * 3


def test_a_frame_without_paper_goes_with_its_neighbor_in_time():
    times = [f"2026-03-01T10:{k:02}:00" for k in range(8)]
    frames = [frame(at=at, gains=WHITE if k < 4 else LAMP, paper=k not in (1, 6)) for k, at in enumerate(times)]
    assert lights(shoot(*frames)) == ["a|One"] * 4 + ["a|One|light 2"] * 4


def test_clipped_paper_says_nothing_of_the_light():
    assert set(lights(shoot(*[frame()] * 3, *[frame(gains=LAMP, clipped=0.9)] * 3))) == {"a|One"}


def test_a_late_frame_that_fits_joins_and_leaves_the_others_where_they_were():
    found = shoot(*[frame()] * 4, *[frame(gains=LAMP)] * 3)
    before = group_by_light(found, {})
    found["a/99.jpg"] = frame(gains=(0.79, 1.0, 1.52), at="2026-03-01T10:30:00")
    after = group_by_light(found, {})
    assert after.pop("a/99.jpg") == before["a/06.jpg"]
    assert after == before


def test_cameras_and_folders_part_the_light_and_a_file_without_a_camera_stands_alone():
    found = {"a/1.jpg": frame(), "b/2.jpg": frame(), "a/3.jpg": frame(make="Two"), "a/4.jpg": frame(make="")}
    assert len(set(lights(found))) == 4
    assert group_by_light({"a/4.jpg": frame(make="")}, {"a/4.jpg": "BOX-1"}) == {"a/4.jpg": "article BOX-1"}


def test_a_day_that_cannot_be_read_counts_as_none():
    assert lights(shoot(frame(at="yesterday"), frame(at=""))) == ["a|One"] * 2


@settings(deadline=None, max_examples=40)
@given(
    kinds=st.lists(st.sampled_from([WHITE, LAMP, (1.1, 1.0, 0.9)]), min_size=1, max_size=14),
    order=st.randoms(use_true_random=False),
)
def test_the_order_of_arrival_does_not_matter(kinds, order):
    times = [f"2026-03-01T10:{k:02}:00" for k in range(len(kinds))]
    found = shoot(*[frame(at=at, gains=gains) for at, gains in zip(times, kinds, strict=True)])
    names = list(found)
    order.shuffle(names)
    assert group_by_light({name: found[name] for name in names}, {}) == group_by_light(found, {})


def test_without_times_a_frame_without_paper_goes_with_the_name_next_to_its_own():
    frames = [frame(at="", gains=WHITE if k < 4 else LAMP, paper=k not in (1, 6)) for k in range(8)]
    assert lights(shoot(*frames)) == ["a|One"] * 4 + ["a|One|light 2"] * 4


def test_of_two_frames_as_near_in_time_the_earlier_lends_its_light():
    white = [frame(at=f"2026-03-01T10:0{k}:00") for k in range(3)]
    lamp = [frame(at=f"2026-03-01T10:0{k}:00", gains=LAMP) for k in (4, 5, 6)]
    found = shoot(*white, frame(at="2026-03-01T10:03:00", paper=False), *lamp)
    assert group_by_light(found, {})["a/03.jpg"] == "a|One"
