from __future__ import annotations

import pytest

from safelight.delivery.packs import pack_names
from safelight.runs.claims import claim_of, held_against
from safelight.runs.faults import find_faults
from safelight.runs.sort import Similar, name_frames, sort_frames
from safelight.workflows.guide import Culling
from safelight.workflows.guide_file import load_guide
from safelight.workflows.shot_list import NO_SHOTS

GUIDE = load_guide("house", channels=pack_names())


def frame(
    asset="a", *, blur=0.5, kind="sharp", light=2.4, clipped=0.0, size=(3000, 2000), raw=False, taken="", make="One"
):
    """Return what intake would have found."""
    focus = {"kind": kind, "blur_px": blur, "direction_deg": 20.0}
    metering = {"percentiles_stops": {"99": light}, "subject_clipped_all": clipped}
    facts = {"focus": {"facts": focus}, "metering": {"facts": metering}, "similarity": {"facts": {}}}
    capture = {"make": make, "model": "", "taken_at": taken}
    return {
        "asset": asset,
        "width": size[0],
        "height": size[1],
        "scene_referred": raw,
        "facts": facts,
        "capture": capture,
    }


def sort(found, groups=()):
    return {each.path: each for each in sort_frames(found, name_frames(found, GUIDE, NO_SHOTS), list(groups), GUIDE)}


@pytest.mark.parametrize(
    ("found", "cull", "says"),
    [
        (frame(), "pick", "nothing speaks against it; blur 0.5 px"),
        (frame(blur=1.3), "cant_tell", "out of focus: blur 1.3 px at 100 %, limit 1.2 px"),
        (frame(blur=3.0), "reject", "out of focus: blur 3.0 px"),
        (frame(blur=3.0, kind="motion"), "reject", "moved toward 20 degrees: blur 3.0 px"),
        (frame(blur=None, kind="cant_tell"), "cant_tell", "too few clear edges to tell"),
        (frame(light=0.4), "cant_tell", "lies 2.1 stops under white, limit 1.8"),
        (frame(light=-0.5), "reject", "lies 3.0 stops under white"),
        (frame(light=-0.5, raw=True), "pick", "nothing speaks against it"),
        (frame(clipped=0.2), "cant_tell", "20% of the subject is clipped to white"),
        (frame(clipped=0.6), "reject", "60% of the subject is clipped"),
        (frame(size=(420, 300)), "reject", "420 x 300 px is below the 500 px"),
        (frame(size=(800, 600)), "cant_tell", "800 x 600 px is below the 1000 px"),
    ],
)
def test_a_frame_is_classed_by_what_was_measured_and_says_so(found, cull, says):
    (one,) = sort({"x.jpg": found}).values()
    assert one.cull == cull
    assert says in "; ".join(one.reasons)


def test_a_sensitivity_of_zero_switches_a_fault_off_and_one_is_twice_as_strict():
    blurred = frame(blur=1.0)
    assert list(find_faults(blurred, Culling(blur=0.0))) == []
    assert list(find_faults(blurred, Culling(blur=0.5))) == []
    (fault,) = find_faults(blurred, Culling(blur=1.0))
    assert fault.sure and "limit 0.6 px" in fault.text


def test_the_best_of_a_group_goes_on_and_the_others_are_kept_as_alternates():
    found = {name: frame(asset=name) for name in ("a", "b", "c")}
    group = Similar("g01", ("a", "b"), "b", "sharpest of 2")
    told = sort(found, [group])
    assert {name: each.cull for name, each in told.items()} == {"a": "alternate", "b": "pick", "c": "pick"}
    assert told["b"].reasons == ("sharpest of 2",)


def test_an_alternate_names_the_better_frame_and_what_it_has_over_this_one():
    found = {f"{name}.jpg": frame(asset=name, blur=blur) for name, blur in (("a", 1.1), ("b", 0.5), ("c", 0.5))}
    group = Similar("g01", ("a", "b", "c"), "b", "sharpest of 3", {"a": "sharper, edges 0.50 px wide against 1.10 px"})
    told = sort(found, [group])
    better = "b.jpg goes first in g01"
    assert told["a.jpg"].reasons[0] == f"{better}: sharper, edges 0.50 px wide against 1.10 px"
    assert told["c.jpg"].reasons[0] == better  # a person put it there: nothing was compared


def test_groups_say_of_every_frame_but_the_best_what_it_lacks():
    from safelight.core.step import Member
    from safelight.steps.similarity.ranking import best_first, why_behind

    def member(name, blur, kind="sharp", clipped=0.0):
        light = {"subject_clipped": clipped, "percentiles_stops": {"50": 0.0}}
        return Member(name, "", name, {"focus": {"kind": kind, "blur_px": blur}, "metering": light})

    best, *others = best_first(
        [member("d", 2.7, "motion"), member("a", 0.5), member("b", 0.5, clipped=0.04), member("c", 0.5)]
    )
    assert best.name == "a"
    assert {each.name: why_behind([best, *others], each) for each in others} == {
        "b": "less clipped, 0.0 % against 4.0 % here",
        "c": "as good, and taken first",
        "d": "sharper, edges 0.50 px wide against 2.70 px here, moved",
    }


def test_a_faulty_best_gives_way_to_a_whole_frame_of_its_group():
    found = {"a": frame(asset="a"), "b": frame(asset="b", blur=3.0)}
    told = sort(found, [Similar("g01", ("a", "b"), "b", "first")])
    assert (told["a"].cull, told["b"].cull) == ("pick", "reject")


def test_of_the_very_same_bytes_the_file_whose_name_says_most_goes_on():
    told = sort({"IMG_0423.jpg": frame(), "BOX-10_front.jpg": frame()})
    assert told["BOX-10_front.jpg"].cull == "pick"
    assert told["IMG_0423.jpg"].cull == "alternate"
    assert "the very same bytes as BOX-10_front.jpg" in told["IMG_0423.jpg"].reasons[0]


def test_frames_of_one_camera_in_one_folder_share_their_light_and_files_without_a_camera_stand_alone():
    told = sort({"a/1.jpg": frame("1"), "a/2.jpg": frame("2"), "b/3.jpg": frame("3"), "a/4.jpg": frame("4", make="")})
    lights = {path: each.lighting for path, each in told.items()}
    assert lights["a/1.jpg"] == lights["a/2.jpg"] != lights["b/3.jpg"]
    assert lights["a/4.jpg"] == "a/4.jpg"


def test_skin_that_lost_its_red_before_white_paper_asks_a_person_and_rejects_nothing():
    found = frame()
    metering = found["facts"]["metering"]["facts"]
    metering |= {"pale_clipped": 0.09, "backdrop": {"found": True, "clipped": [1.0, 1.0, 0.9]}}
    (one,) = sort({"x.jpg": found}).values()
    assert one.cull == "cant_tell"
    assert "9.0% of skin, wood or cream has lost its red to clipping, limit 2.0%" in one.reasons
    metering["backdrop"]["clipped"] = [0.0, 0.0, 0.0]
    assert sort({"x.jpg": found})["x.jpg"].cull == "pick"


def test_a_shot_list_can_raise_stakes_and_never_lower_them():
    from safelight.runs.sort import _stricter

    assert [_stricter("high", "standard"), _stricter("standard", "high"), _stricter("", "standard")] == [
        "high",
        "high",
        "standard",
    ]


def test_a_subject_that_has_lost_a_channel_is_asked_about():
    lost = frame()
    lost["facts"]["metering"]["facts"]["subject_clipped"] = 0.6
    (one,) = sort({"x.jpg": lost}).values()
    assert one.cull == "cant_tell"
    assert one.reasons[0] == "60% of the subject has lost a channel to clipping, limit 30%"


def portrait(eye, **other):
    found = frame(**other)
    face = {"height_px": 500.0, "state": "open", "eyes": [], "eye_blur_px": eye, "eye_edges": 400}
    behind = {"height_px": 60.0, "state": "cant_tell", "eyes": [], "eye_blur_px": None}
    found["facts"]["people"] = {"facts": {"faces": [behind, face]}}
    return found


@pytest.mark.parametrize(
    ("found", "cull", "says"),
    [
        (portrait(0.5), "pick", "nothing speaks against it"),
        (portrait(0.5, blur=2.6, kind="defocus"), "pick", "nothing speaks against it"),
        (portrait(2.6), "cant_tell", "the nearest eye is out of focus: blur 2.6 px at 100 %, limit 1.2 px"),
        (portrait(2.6, blur=2.4, kind="defocus"), "reject", "the nearest eye is out of focus"),
        (portrait(0.9, blur=3.0, kind="motion"), "reject", "moved toward 20 degrees: blur 3.0 px"),
        (portrait(None, blur=3.0), "reject", "out of focus: blur 3.0 px"),
        (portrait(0.5, blur=None, kind="cant_tell"), "cant_tell", "too few clear edges to tell"),
    ],
)
def test_of_a_face_the_nearest_eye_has_to_be_sharp(found, cull, says):
    told = sort({"a.jpg": found})["a.jpg"]
    assert (told.cull, says in "; ".join(told.reasons)) == (cull, True)
    assert (told.confidence is None) == (cull == "cant_tell")


def test_a_pick_whose_eye_is_soft_is_claimed_less():
    claims = [claim_of("pick", held_against(portrait(eye), GUIDE.culling)) for eye in (0.5, 0.9, 1.2, 1.6)]
    assert claims == sorted(claims, reverse=True) and claims[0] > 0.9 > 0.5 > claims[-1]


def test_the_sensitivity_to_duplicates_says_how_alike_frames_of_a_group_are():
    asked = [Culling(duplicates=each).likeness for each in (0.1, 0.5, 0.8, 1.0)]
    assert asked == [0.98, 0.9, 0.84, 0.8]
    assert Culling(similarity=1.0, duplicates=0.1).likeness == 1.0
