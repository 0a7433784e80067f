from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.check import Judged, Measure, Verdict
from safelight.core.edit import Confidence
from safelight.core.facts import ROUTES
from safelight.routing.checklist import Outcomes
from safelight.routing.escapes import Audited, stand
from safelight.routing.inputs import FLAGS, LANE_ROUTES, Lane, RouteInputs, use_of
from safelight.routing.policy import route
from safelight.routing.reliability import EDGE_CLASSES, reliability_map

GOOD = Outcomes(200, 195)
QUEUES = tuple(reliability_map().queues.items())


def verdict(check="halo", word="pass", value=1.0, limit=2.0):
    judged = Judged(Measure("rim", value, "levels"), limit, "at_most", word)
    return Verdict(check, 1, word, (judged,))


def use(step="exposure", task="exposure", sure=0.97, calibrated=True, outcomes=GOOD, category="packshot", **more):
    confidence = None if sure is None else Confidence(sure, calibrated)
    return use_of(reliability_map(), step, task, category=category, confidence=confidence, outcomes=outcomes, **more)


def clean(lane="spot_check", **more):
    given_values = {
        "uses": (use(),),
        "verdicts": (verdict(), verdict("margins")),
        "queues": QUEUES,
        "category": "packshot",
        "cull": "pick",
        "lane": Lane("catalog", lane, 0.9),
        "stratum": stand([Audited(0.97, bad=False)] * 99, 0.9, 0.01),
    }
    return RouteInputs(**(given_values | more))


def strictness(inputs):
    return ROUTES.index(route(inputs).route)


def test_every_file_waits_for_its_own_look_by_default():
    routed = route(clean(lane="review"))
    assert routed.route == "review"
    assert routed.reasons[0].text == (
        "lane standard: each file waits for a look of its own, least sure is exposure with 0.97"
    ).replace("standard", "catalog")


def test_a_spot_check_lane_takes_a_clean_file():
    routed = route(clean())
    assert (routed.route, routed.queue) == ("spot_check", "release")
    assert routed.reasons[0].text == (
        "lane catalog allows spot check: 2 of 2 checks pass, least sure is exposure with 0.97"
    )


def test_a_warning_leaves_the_spot_check_lane():
    routed = route(clean(verdicts=(verdict("margins", "warn", 2.5),)))
    assert (routed.route, routed.queue) == ("review", "crop")
    assert routed.reasons[0].text == "check margins says warn: rim 2.5 levels, limit at most 2 levels"


def test_confidence_below_the_lanes_threshold_goes_to_review_in_the_steps_queue():
    cutout = use("cutout", "background_removal", 0.62, edge_class="hard")
    routed = route(clean(uses=(use(), cutout)))
    assert (routed.route, routed.queue) == ("review", "edge_repair")
    assert routed.reasons[0].text == "cutout is 0.62 sure; lane catalog asks at least 0.90"


def test_reasons_speak_of_steps_and_categories_in_words():
    said = [
        use("white_balance", "background_removal", 0.33),
        use("crop_to_spec", "background_removal", calibrated=False),
    ]
    told = [each.text for each in route(clean(uses=tuple(said), category="on_model")).reasons]
    assert "white balance is 0.33 sure; lane catalog asks at least 0.90" in told
    assert any("crop to spec is not yet calibrated in category on model" in each for each in told)
    assert not [each for each in told if "_" in each]


def test_no_confidence_at_all_is_not_a_high_one():
    routed = route(clean(uses=(use(sure=None),)))
    assert (routed.route, routed.reasons[0].code) == ("review", "no_confidence")


def test_a_calibrated_sure_safe_file_with_a_record_is_auto_in_an_auto_lane():
    assert route(clean("auto")).route == "auto"


def test_an_uncalibrated_confidence_is_never_auto():
    routed = route(clean("auto", uses=(use(calibrated=False, sure=1.0),)))
    assert routed.route == "spot_check"
    assert "uncalibrated" in [each.code for each in routed.reasons]


def test_a_task_without_a_record_is_never_auto():
    assert route(clean("auto", uses=(use(outcomes=None),))).route == "spot_check"


def test_hybrid_work_is_sampled_even_in_an_auto_lane():
    grade = use("look", "color_grading")
    assert route(clean("auto", uses=(grade,))).route == "spot_check"


def test_a_hair_edge_goes_to_edge_repair_at_once():
    cutout = use("cutout", "background_removal", 0.99, edge_class="hair")
    routed = route(clean(uses=(cutout,)))
    assert (routed.route, routed.queue, routed.zone) == ("specialist", "edge_repair", 3)


def test_a_step_that_is_not_on_the_map_is_reviewed():
    routed = route(clean(uses=(use("hologram", "hologram"),)))
    assert (routed.route, routed.zone) == ("review", 4)


def test_a_first_edge_failure_is_reviewed_in_its_own_queue():
    routed = route(clean(verdicts=(verdict("halo", "fail", 3.1),), edge_failures=1))
    assert (routed.route, routed.queue) == ("review", "edge_repair")


def test_an_edge_that_failed_twice_goes_to_a_specialist():
    routed = route(clean(verdicts=(verdict("halo", "fail", 3.1),), edge_failures=2))
    assert (routed.route, routed.queue) == ("specialist", "edge_repair")
    assert routed.reasons[0].text == "the edge failed 2 times; from 2 on a specialist cuts it"


def test_failures_come_before_warnings_in_the_queue():
    routed = route(clean(verdicts=(verdict("clipping", "warn", 2.5), verdict("margins", "fail", 9.0))))
    assert routed.queue == "crop"


def test_an_unlisted_check_has_a_queue_of_its_own():
    assert route(clean(verdicts=(verdict("moire", "fail", 9.0),))).queue == "moire"


def test_a_measure_that_could_not_be_taken_is_told_with_its_why():
    unknown = Judged(Measure("rim", None, "levels", "no matte"), 2.0, "at_most", "warn")
    routed = route(clean(verdicts=(Verdict("halo", 1, "warn", (unknown,)),)))
    assert routed.reasons[0].text == "check halo says warn: rim could not be measured: no matte"


def test_a_version_that_no_check_judged_is_reviewed():
    assert route(clean("auto", verdicts=())).reasons[0].code == "unchecked"


@pytest.mark.parametrize(
    ("flag", "routed_to", "queue"),
    [
        ("mixed_light", "review", "color"),
        ("reflective", "review", "reflections"),
        ("translucent", "specialist", "edge_repair"),
        ("touches_frame", "review", "crop"),
        ("outside_group", "review", "color"),
        ("busy_background", "review", "edge_repair"),
        ("stale", "review", "retouch"),
    ],
)
def test_what_stops_automation_goes_to_the_right_people(flag, routed_to, queue):
    routed = route(clean("auto", flags=frozenset({flag})))
    assert (routed.route, routed.queue) == (routed_to, queue)


def test_an_unknown_category_is_reviewed():
    assert route(clean("auto", category="unknown")).route == "review"


def test_a_held_category_says_why():
    routed = route(clean("auto", category="jewelry", held="its crafts do not exist yet"))
    assert routed.route == "hold"
    assert routed.reasons[0].text == "category jewelry is held for people: its crafts do not exist yet"


def test_a_frame_that_culling_cannot_tell_is_reviewed():
    assert route(clean("auto", cull="cant_tell")).route == "review"


@pytest.mark.parametrize("cull", ["reject", "alternate"])
def test_what_was_not_picked_is_kept_and_never_reaches_a_specialist(cull):
    routed = route(clean(cull=cull, edge_failures=2))
    assert routed.route == "hold"
    assert "called back" in routed.reasons[0].text


def test_a_draft_is_finished_by_a_specialist():
    assert route(clean(uses=(use(draft=True),))).route == "specialist"


def test_high_stakes_say_that_two_people_look():
    routed = route(clean("auto", stakes="high"))
    assert (routed.route, routed.reasons[0].code) == ("review", "high_stakes")


def test_a_bad_record_takes_a_task_back_to_people():
    routed = route(clean("auto", uses=(use(outcomes=Outcomes(100, 50)),)))
    assert (routed.route, routed.reasons[0].code) == ("review", "checklist_do_not_automate")


# ---- laws, over every input there is ----

tasks = st.sampled_from([*reliability_map().tasks, "not_on_the_map"])
counts = st.sampled_from([None, Outcomes(), GOOD, Outcomes(100, 40)])
uses = st.builds(
    use,
    step=st.sampled_from(["exposure", "cutout", "look"]),
    task=tasks,
    sure=st.none() | st.floats(0, 1),
    calibrated=st.booleans(),
    outcomes=counts,
    category=st.sampled_from(["packshot", "jewelry"]),
    edge_class=st.sampled_from(EDGE_CLASSES),
    draft=st.booleans(),
)
verdicts = st.builds(
    verdict,
    check=st.sampled_from(["halo", "margins", "moire"]),
    word=st.sampled_from(["pass", "warn", "fail"]),
    value=st.floats(0, 10),
)
anything = st.builds(
    RouteInputs,
    uses=st.lists(uses, max_size=3).map(tuple),
    verdicts=st.lists(verdicts, max_size=3).map(tuple),
    queues=st.just(QUEUES),
    category=st.sampled_from(["packshot", "apparel", "jewelry", "unknown"]),
    stakes=st.sampled_from(["standard", "high"]),
    cull=st.sampled_from([None, "pick", "alternate", "reject", "cant_tell"]),
    flags=st.frozensets(st.sampled_from(FLAGS), max_size=2),
    lane=st.builds(Lane, st.just("any"), st.sampled_from(LANE_ROUTES), st.floats(0, 1)),
    edge_failures=st.integers(0, 3),
    held=st.sampled_from(["", "its crafts do not exist yet"]),
    reviewed=st.sampled_from(["", "no guide names it"]),
)
hopeful = st.builds(  # files that may well pass, so that the laws are tried where they could break
    clean,
    lane=st.sampled_from(LANE_ROUTES),
    uses=st.lists(
        st.builds(use, sure=st.floats(0.8, 1), calibrated=st.booleans(), outcomes=counts), min_size=1, max_size=3
    ).map(tuple),
    stakes=st.sampled_from(["standard", "high"]),
)
either = anything | hopeful


@given(either)
def test_every_file_has_a_route_a_queue_and_a_reason_in_words(inputs):
    routed = route(inputs)
    assert routed.route in ROUTES
    assert routed.queue
    assert routed.reasons
    assert all(len(each.text.split()) >= 4 for each in routed.reasons)


@given(either)
def test_the_same_facts_give_the_same_route(inputs):
    assert route(inputs) == route(replace(inputs))


@given(either, st.data())
def test_more_confidence_never_makes_the_route_stricter(inputs, data):
    raised = tuple(
        replace(u, confidence=Confidence(data.draw(st.floats(u.confidence.value, 1)), u.confidence.calibrated))
        if u.confidence is not None
        else u
        for u in inputs.uses
    )
    assert strictness(replace(inputs, uses=raised)) <= strictness(inputs)


@given(either, verdicts.filter(lambda v: v.word != "pass"))
def test_one_more_failure_never_makes_the_route_looser(inputs, extra):
    if inputs.verdicts:
        assert strictness(replace(inputs, verdicts=(*inputs.verdicts, extra))) >= strictness(inputs)


@given(either, st.sampled_from(FLAGS))
def test_one_more_flag_never_makes_the_route_looser(inputs, flag):
    assert strictness(replace(inputs, flags=inputs.flags | {flag})) >= strictness(inputs)


@given(either)
def test_high_stakes_are_never_spared_a_look(inputs):
    assert route(replace(inputs, stakes="high")).route not in ("auto", "spot_check")


@given(either)
def test_uncalibrated_work_is_never_auto(inputs):
    sure = [u.confidence for u in inputs.uses if u.confidence is not None]
    if any(not each.calibrated for each in sure):
        assert route(inputs).route != "auto"


@given(either)
def test_a_failed_or_warned_check_is_never_spared_a_look(inputs):
    if any(each.word != "pass" for each in inputs.verdicts):
        assert route(inputs).route not in ("auto", "spot_check")


def test_every_flag_is_handled():
    for flag in FLAGS:
        assert route(clean(flags=frozenset({flag}))).route in ("review", "specialist")
