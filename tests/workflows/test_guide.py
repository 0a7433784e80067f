import pickle

import pytest

from safelight.errors import DeclarationError, UnknownNameError
from safelight.routing.inputs import Lane
from safelight.workflows.guide_file import guide_names, load_guide

from .conftest import CHANNELS, find_check, find_step

CUBE = 'TITLE "x"\nLUT_3D_SIZE 2\n' + "0 0 0\n" * 8


def refused(guide_of, text):
    with pytest.raises(DeclarationError) as error:
        guide_of(text)
    return str(error.value)


def test_the_houses_guide_holds(house):
    assert guide_names() == ("house",)
    assert (house.client, house.background, house.fill, house.aspect) == ("House", "#ffffff", (0.8, 0.9), "1:1")
    assert house.delta_e == 3.0
    assert house.channels == CHANNELS


def test_one_line_makes_a_guide(guide_of):
    guide = guide_of("client = 'Acme'")
    assert guide.lane == Lane("standard", "review", 0.9)
    goods = {"packshot", "apparel", "jewelry", "on_model", "footwear", "cosmetics", "glass", "swatch", "editorial"}
    assert set(guide.categories) == goods | {"other", "unknown"}


def test_the_guide_fills_in_the_steps_of_the_plan(guide_of, tmp_path):
    (tmp_path / "acme.cube").write_text(CUBE)
    guide = guide_of(
        "client='A'\n[picture]\nbackground='#F0F0F0'\nfill=[0.7, 0.8]\naspect='4:5'\nlook='acme.cube'\n"
        "[step.cutout]\nfeather=2\n[category.packshot.step.cutout]\nfeather=3\n"
    )
    plan = guide.plan("packshot")
    params = {each.step: dict(each.params) for each in plan.steps}
    assert params["background"] == {"color": "#f0f0f0"}
    assert params["crop_to_spec"] == {"fill": 0.75, "aspect": "4:5"}
    assert params["look"] == {"lut": "acme.cube"}
    assert params["cutout"]["feather"] == 3.0
    assert {e.step: dict(e.params) for e in guide.plan("apparel").steps}["cutout"]["feather"] == 2.0
    assert plan.expected["background"] == "#f0f0f0"


def test_a_grade_is_a_step_only_where_a_guide_sets_one(guide_of, house):
    assert not {"grade", "grain"} & {each.step for each in house.plan("packshot").steps}
    plan = guide_of("client='A'\n[step.grade]\nsaturation = 1.2").plan("packshot")
    assert {each.step: dict(each.params) for each in plan.steps}["grade"] == {"saturation": 1.2}


def test_no_look_is_no_step(house):
    assert "look" not in [each.step for each in house.plan("packshot").steps]


def test_a_category_has_the_last_word_on_limits(guide_of):
    guide = guide_of("client='A'\n[check.halo]\nrim=2\n[category.apparel.check.halo]\nrim=1\n")
    assert guide.plan("packshot").limits()["halo"] == {"rim": 2.0}
    assert guide.plan("apparel").limits()["halo"] == {"rim": 1.0}


def test_a_plan_can_be_handed_to_a_worker(house):
    plan = house.plan("packshot")
    handed = pickle.loads(pickle.dumps((plan.steps, plan.checks, plan.expected, plan.lane)))
    assert handed == (plan.steps, plan.checks, plan.expected, plan.lane)


def test_another_limit_is_another_plan_and_the_same_guide_the_same(guide_of):
    one, two = guide_of("client='A'"), guide_of("client='A'\n[check.halo]\nrim=2\n")
    assert one.plan("packshot").key() == guide_of("client='A'").plan("packshot").key()
    assert one.plan("packshot").key() != two.plan("packshot").key()


def test_the_look_is_hashed_with_the_guide(guide_of, tmp_path):
    (tmp_path / "acme.cube").write_text(CUBE)
    text = "client='A'\n[picture]\nlook='acme.cube'"
    before = guide_of(text)
    assert before.resources["acme.cube"].read() == CUBE.encode()
    (tmp_path / "acme.cube").write_text(CUBE + "# another\n")
    assert guide_of(text).sha256 != before.sha256
    with pytest.raises(DeclarationError, match="acme.cube has changed since the guide was read"):
        before.resources["acme.cube"].read()


@pytest.mark.parametrize("path", ["../acme.cube", "/etc/passwd", "looks/../../acme.cube"])
def test_a_look_outside_the_guides_folder_is_refused(guide_of, path):
    said = refused(guide_of, f"client='A'\n[picture]\nlook='{path}'")
    assert said == f"acme.toml line 3: picture.look is '{path}'; it takes a file in the guide's folder or below it"


def test_a_look_linked_from_outside_is_refused(guide_of, tmp_path):
    (tmp_path.parent / "secret.cube").write_text(CUBE)
    (tmp_path / "acme.cube").symlink_to(tmp_path.parent / "secret.cube")
    assert "in the guide's folder or below it" in refused(guide_of, "client='A'\n[picture]\nlook='acme.cube'")


def test_a_look_that_is_missing_or_no_cube_is_refused(guide_of, tmp_path):
    assert "acme.cube cannot be read: No such file" in refused(guide_of, "client='A'\n[picture]\nlook='acme.cube'")
    (tmp_path / "acme.cube").write_text("hello")
    said = refused(guide_of, "client='A'\n[picture]\nlook='acme.cube'")
    assert "picture.look: acme.cube line 1: 'hello' is no keyword of a .cube file" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("clinet = 'A'", "acme.toml line 1: no key called clinet; nearest is 'client'; it takes: "),
        (
            "client = 'A'\n[picture]\nbackground = 'white'",
            "line 3: picture.background is 'white'; it takes a color like",
        ),
        ("client = 'A'\n[picture]\nfill = 1.2", "line 3: picture.fill is 1.2; it takes 0.1 to 1"),
        ("client = 'A'\n[picture]\nfill = [0.9, 0.8]", "line 3: picture.fill is [0.9, 0.8]; it takes one share or"),
        ("client = 'A'\n[picture]\naspect = '1:9'", "line 3: picture.aspect is '1:9'; it takes width:height between"),
        ("client = 'A'\n[picture]\naspect = '1:0'", "line 3: picture.aspect is '1:0'; it takes width:height between"),
        ("client = 'A'\n[tolerance]\ndelta_e = 0", "line 3: tolerance.delta_e is 0 ΔE00; it takes 0.1 to 20 ΔE00"),
        (
            "client = 'A'\n[delivery]\nchannels = [\n 'walmart',\n 'amazonmain']",
            "line 5: no channel called 'amazonmain'; nearest is 'amazon-main'; there are: amazon-main, ",
        ),
        ("client = 'A'\n[delivery]\nchannels = ['walmart', 'walmart']", "channel 'walmart' is listed twice"),
        (
            "client = 'A'\n[delivery]\nnames = '{sku}_{veiw}.{ext}'",
            "line 3: names template '{sku}_{veiw}.{ext}' has no",
        ),
        ("client = 'A'\n[stakes]\nall = 'low'", "line 3: stakes.all is 'low'; it takes one of standard, high"),
        (
            "client = 'A'\n[lane]\nroute = 'hold'",
            "line 3: lane.route is 'hold'; it takes one of auto, spot_check, review",
        ),
        ("client = 'A'\n[lane]\nconfidence = 0.3", "line 3: lane.confidence is 0.3; it takes 0.5 to 1"),
        ("client = 'A'\n[culling]\nblurr = 0.5", "line 3: no key called culling.blurr; nearest is 'blur'"),
        ("client = 'A'\n[culling]\nblur = 5", "line 3: culling.blur is 5; it takes 0 to 1 (default 0.5)"),
        ("client = 'A'\n[intake]\nfile_names = ['{view}']", "line 3: file-name pattern '{view}' needs {sku}"),
        ("client = 'A'\n[intake.minutes]\nno_tim = 2", "line 3: no key called intake.minutes.no_tim"),
        ("client = 'A'\n[intake.minutes]\nno_time = -2", "line 3: intake.minutes.no_time is -2 min; it takes 0 to"),
        ("client = 'A'\n[category.hats]\nviews = []", "line 2: category.hats.workflow is missing"),
        ("client = 'A'\n[category.hats]\nworkflow = 'packshott'", "line 3: category.hats.workflow: no workflow called"),
        ("client = 'A'\n[step.cutuot]\nfeather = 2", "line 2: step.cutuot: no step called 'cutuot'; installed: "),
        (
            "client = 'A'\n[step.cutout]\nfeather = 35",
            "line 3: cutout.feather is 35 px; it takes 0 to 20 px (default 1.5)",
        ),
        (
            "client = 'A'\n[category.jewelry.step.cutout]\nfeather = 2",
            "line 2: category.jewelry.step.cutout: its workflow has no such step; it has: focus, ",
        ),
        (
            "client = 'A'\n[reliability.cutting]\nrisk = 'low'",
            "line 2: no task called 'cutting' on the reliability map",
        ),
        (
            "client = 'A'\n[reliability.exposure]\nrisk = 'some'",
            "line 3: reliability.exposure.risk is 'some'; it takes one of",
        ),
        (
            "client = 'A'\n[reliability.background_removal.edge.furry]\nrisk='low'",
            "line 2: no edge class called 'furry'",
        ),
    ],
)
def test_what_does_not_hold_is_told_with_line_value_and_range(guide_of, text, said):
    assert said in refused(guide_of, text)


def test_a_client_without_a_name_is_refused(guide_of):
    assert refused(guide_of, "[picture]\nfill = 0.8") == "acme.toml line 1: client is missing; it takes text"


def test_a_lane_that_spares_files_needs_written_acceptance_criteria(guide_of):
    said = refused(guide_of, "client='A'\n[category.packshot]\n[category.packshot.lane]\nroute='spot_check'")
    assert said == (
        "acme.toml line 3: category.packshot.acceptance is empty, and lane standard lets files go by spot_check; "
        "write down what people accept before it is automated"
    )
    kept = guide_of(
        "client='A'\n[category.packshot]\nacceptance=['whole and sharp']\n[category.packshot.lane]\nroute='spot_check'"
    )
    assert kept.plan("packshot").lane.route == "spot_check"
    assert kept.plan("apparel").lane.route == "review"


def test_a_hero_has_high_stakes_whatever_its_category(house):
    assert house.stakes_of("packshot", "hero") == "high"
    assert house.stakes_of("packshot", "front") == "standard"


def test_a_standard_view_never_lowers_a_high_category(house):
    assert house.stakes_of("jewelry", "main") == "high"


def test_a_category_that_the_guide_does_not_know_goes_to_review(house):
    plan = house.plan("hats")
    assert (plan.workflow, plan.people) == ("unknown", "review")


def test_a_guide_adds_a_category_with_its_own_words(guide_of):
    guide = guide_of("client='A'\n[category.hats]\nworkflow='packshot'\nwords=['caps', 'beanies']\nviews=['crown']")
    found = guide.identify("caps/B77_crown.jpg")
    assert (found.category, found.sku, found.view) == ("hats", "B77", "crown")
    assert guide.plan("hats").views == ("crown",)


def test_a_guide_sets_stance_and_zone_of_a_task(guide_of):
    known = guide_of(
        "client='A'\n[reliability.background_removal]\nstance='resist'\nedge.hard = { risk = 'medium' }\n"
        "[reliability.exposure.category.apparel]\nrisk='high'\n"
    ).reliability()
    assert known.task("background_removal").stance == "resist"
    assert known.zone_of("background_removal", "packshot", "hard") == 2
    assert (known.zone_of("exposure", "apparel"), known.zone_of("exposure", "packshot")) == (3, 1)


def test_a_picture_that_a_step_cannot_take_is_told_at_its_line(guide_of):
    def narrow(name):
        step = find_step(name)
        from dataclasses import replace

        from safelight.core.params import Param, ParamSet

        if name != "crop_to_spec":
            return step
        return replace(step, params=ParamSet(name, Param("fill", 0.5, "", "", 0.1, 0.6), Param("aspect", "1:1", "")))

    with pytest.raises(
        DeclarationError, match="picture.fill does not fit step crop_to_spec: crop_to_spec.fill is 0.85"
    ):
        load_guide("house", channels=CHANNELS, find_step=narrow, find_check=find_check)


def test_an_unknown_guide_names_those_there_are():
    with pytest.raises(UnknownNameError, match="no style guide called 'hause'; nearest is 'house'"):
        load_guide("hause", channels=CHANNELS, find_step=find_step, find_check=find_check)
