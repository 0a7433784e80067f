import pytest

from safelight.errors import DeclarationError, UnknownNameError
from safelight.workflows.toml import read_toml
from safelight.workflows.workflow import load_workflow, read_workflow, workflow_names

from .conftest import STEPS, declare_step, find_check, find_step

HEAD = "title = 'T'\ncategory = 'packshot'\nchecks = ['halo']\n"


def read(text, steps=find_step):
    return read_workflow(read_toml(text, "packshot.toml"), "packshot", "0" * 64, find_step=steps, find_check=find_check)


@pytest.mark.parametrize("name", workflow_names())
def test_every_built_in_workflow_holds(name):
    flow = load_workflow(name, find_step=find_step, find_check=find_check)
    assert flow.category == name
    assert flow.step_names()[:3] == ("focus", "metering", "similarity")


def test_packshots_go_through_every_craft_in_order():
    flow = load_workflow("packshot", find_step=find_step, find_check=find_check)
    assert flow.step_names()[3:7] == ("framing", "slate", "people", "chart")
    assert flow.step_names()[7:] == (
        "vignetting", "denoise", "dust", "heal", "clone", "remove_object", "white_balance", "exposure", "color_matrix",
        "develop", "grade", "look", "grain", "cutout", "lens", "crop_to_spec", "shadow", "background", "sharpen_output"
    )  # fmt: skip
    assert [each.check for each in flow.checks] == [
        "sharpness", "clipping", "color_difference", "look_kept", "mixed_light", "halo", "frayed_edge",
        "uneven_mask", "residue", "holes", "shadow_consistency", "background_white",
        "margins", "color_profile", "file_spec", "outside_mask", "over_smoothing", "clone_marks", "warp", "color_drift"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("jewelry", "stones and mirror metal are finished by hand"),
        ("on_model", "faces, hands and hair are judged by people"),
    ],
)
def test_what_a_machine_must_not_finish_is_held_for_people(name, why):
    flow = load_workflow(name, find_step=find_step, find_check=find_check)
    assert (flow.people, flow.because) == ("hold", why)
    assert "cutout" not in flow.step_names()


def test_what_nothing_names_is_reviewed():
    assert load_workflow("unknown", find_step=find_step, find_check=find_check).people == "review"


def test_a_parameter_out_of_range_is_told_with_line_and_range():
    text = HEAD + "steps = [\n  'cutout',\n]\n[step.cutout]\nfeather = 35\n"
    with pytest.raises(DeclarationError) as error:
        read(text)
    assert str(error.value) == "packshot.toml line 8: cutout.feather is 35 px; it takes 0 to 20 px (default 1.5)"


def test_a_misspelled_parameter_names_the_nearest():
    with pytest.raises(DeclarationError) as error:
        read(HEAD + "steps = ['cutout']\n[step.cutout]\nfaether = 3\n")
    assert str(error.value) == (
        "packshot.toml line 6: cutout has no parameter 'faether'; it takes: feather, backdrop; nearest is 'feather'"
    )


def test_a_misspelled_step_names_the_nearest():
    with pytest.raises(DeclarationError, match=r"line 6: no step called 'cutuot'; installed: .*; nearest is 'cutout'"):
        read(HEAD + "steps = [\n 'focus',\n 'cutuot']\n")


def test_a_misspelled_check_names_the_nearest():
    with pytest.raises(DeclarationError, match=r"line 3: no check called 'hallo'; .*nearest is 'halo'"):
        read("title='T'\ncategory='p'\nchecks = ['hallo']\n")


def test_a_limit_is_kept_for_fail_and_for_warn():
    flow = read(HEAD + "[check.halo]\nrim = { warn = 1.5, fail = 2.5 }\n")
    assert flow.checks[0].limits == {"rim.warn": 1.5, "rim": 2.5}
    assert read(HEAD + "[check.halo]\nrim = 4\n").checks[0].limits == {"rim": 4.0}
    assert read(HEAD + "[check.halo]\nrim.warn = 1\n").checks[0].limits == {"rim.warn": 1.0}


def test_a_limit_of_an_unknown_measure_is_refused():
    with pytest.raises(
        DeclarationError, match=r"line 5: check halo has no measure 'rimm'; nearest is 'rim'; it measures: rim"
    ):
        read(HEAD + "[check.halo]\nrimm = 4\n")


def test_a_limit_that_is_no_number_is_refused():
    with pytest.raises(DeclarationError, match=r"line 5: check.halo.rim is 'low'; it takes"):
        read(HEAD + "[check.halo]\nrim = 'low'\n")


def test_parameters_of_a_step_that_is_not_listed_are_refused():
    with pytest.raises(DeclarationError, match=r"line 5: \[step.cutout\] sets a step that is not listed in steps"):
        read(HEAD + "steps = ['focus']\n[step.cutout]\nfeather = 2\n")


def test_the_look_cannot_come_before_the_correction():
    with pytest.raises(DeclarationError) as error:
        read(HEAD + "steps = ['look', 'exposure']")
    assert str(error.value) == (
        "packshot.toml line 4: exposure paints at stage 3 (correction), after look at stage 5 (grade); move it up"
    )


def test_a_background_without_a_matte_is_refused_with_the_way_out():
    with pytest.raises(DeclarationError, match=r"background needs a matte, .* add cutout before it"):
        read(HEAD + "steps = ['exposure', 'background']")


def test_facts_are_measured_before_anything_is_painted():
    with pytest.raises(DeclarationError, match="focus measures the original; move it before exposure"):
        read(HEAD + "steps = ['exposure', 'focus']")


def test_a_matte_may_come_anywhere_before_its_use():
    early = read(HEAD + "steps = ['cutout', 'exposure', 'background']")
    assert early.step_names() == ("cutout", "exposure", "background")


def test_a_step_listed_twice_is_refused():
    with pytest.raises(DeclarationError, match="exposure is listed twice in steps; an edit holds a step once"):
        read(HEAD + "steps = ['exposure', 'exposure']")


def test_a_workflow_that_routes_needs_a_gate():
    with pytest.raises(DeclarationError, match="a workflow without checks has no gate 1"):
        read("title = 'T'\ncategory = 'c'\nsteps = ['focus']")


def test_holding_files_needs_a_reason():
    with pytest.raises(DeclarationError, match="people is 'hold' with no reason"):
        read(HEAD + "people = 'hold'")


def test_an_unknown_workflow_names_the_nearest():
    with pytest.raises(UnknownNameError, match="no workflow called 'packshots'; nearest is 'packshot'"):
        load_workflow("packshots", find_step=find_step, find_check=find_check)


def test_a_studios_own_workflow_is_read_from_its_folder(tmp_path):
    (tmp_path / "hats.toml").write_text(HEAD + "steps = ['exposure']\n[step.exposure]\nstops = 0.3\n")
    flow = load_workflow("hats.toml", find_step=find_step, find_check=find_check, folder=tmp_path)
    assert (flow.name, flow.steps[0].params) == ("hats", {"stops": 0.3})


def test_a_plug_ins_step_is_used_like_our_own():
    from safelight.core.step import Stage

    steps = {**STEPS, "moire": declare_step("moire", Stage.REPAIR, "raster")}
    assert read(HEAD + "steps = ['moire', 'exposure']", steps.__getitem__).step_names() == ("moire", "exposure")
