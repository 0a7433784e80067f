from __future__ import annotations

import pytest

from safelight.core.edit import Artifact, Confidence, Edit, EditStep, Reason, describe_difference
from safelight.core.facts import Actor
from safelight.core.params import Param, ParamSet
from safelight.core.step import Proposal, Stage, Step
from safelight.errors import ParameterError, UsageError

BY = Actor("step", "exposure", "1")
INES = Actor("person", "Ines")
EXPOSURE = EditStep(
    "exposure",
    1,
    {"stops": 0.25},
    BY,
    confidence=Confidence(0.8),
    reasons=(Reason("dark", "the backdrop is 0.6 stops under", {"stops": -0.6}),),
)
CUTOUT = EditStep("cutout", 1, {"feather": 1.5}, BY, artifacts={"matte": Artifact("matte", "ab" * 32, "image/png")})
EDIT = Edit("cd" * 32).with_step(EXPOSURE).with_step(CUTOUT)


def test_an_edit_is_readable_as_json_and_comes_back_equal():
    assert Edit.from_json(EDIT.to_json()) == EDIT


def test_an_edit_of_a_newer_schema_is_refused_with_the_way_out():
    with pytest.raises(UsageError, match="has schema 99; this safelight reads 1: open it with the version"):
        Edit.from_json(EDIT.to_json().replace('"schema":1', '"schema":99'))


def test_the_painted_key_depends_on_pixels_alone():
    surer = EditStep("exposure", 1, {"stops": 0.25}, INES, confidence=Confidence(0.1))
    brighter = EditStep("exposure", 1, {"stops": 0.3}, BY)
    assert EDIT.with_step(surer).painted_key() == EDIT.painted_key()
    assert EDIT.with_step(brighter).painted_key() != EDIT.painted_key()


def test_a_step_takes_the_place_of_its_namesake():
    again = EDIT.with_step(EditStep("exposure", 1, {"stops": 1.0}, INES))
    assert [each.step for each in again.steps] == ["exposure", "cutout"]
    assert EDIT.step("exposure").params["stops"] == 0.25
    assert [each.step for each in EDIT.without_step("exposure").steps] == ["cutout"]


def test_a_difference_is_told_in_words():
    after = (
        EDIT.with_step(EditStep("exposure", 1, {"stops": 0.55}, INES))
        .with_step(EditStep("cutout", 1, {"feather": 1.5}, INES, {"matte": Artifact("matte", "ef" * 32, "image/png")}))
        .with_step(EditStep("look", 1, {"strength": 1.0}, INES))
    )
    assert describe_difference(EDIT, after) == [
        "exposure: stops 0.25 to 0.55 (+0.3), by Ines",
        "cutout: another matte, by Ines",
        "look: added, by Ines",
    ]
    assert describe_difference(after, after) == []
    assert describe_difference(after, EDIT)[-1] == "look: taken out"


def test_a_confidence_is_a_probability():
    with pytest.raises(ValueError, match=r"probability from 0 to 1, got 1\.5"):
        Confidence(1.5)


def _step(version, upgrades):
    return Step(
        name="exposure",
        version=version,
        stage=Stage.CORRECTION,
        kind="color",
        scale="free",
        reads="original",
        params=ParamSet("exposure", Param("stops", 0.0, "light", "stops", -5, 5)),
        purpose="",
        automation="",
        task="exposure",
        propose=lambda *_: Proposal({}, None),
        upgrades=upgrades,
    )


def test_parameters_of_an_older_version_are_brought_up_step_by_step():
    step = _step(3, {1: lambda p: {"ev": p["brightness"] / 10}, 2: lambda p: {"stops": p["ev"]}})
    assert step.upgraded(1, {"brightness": 5}) == {"stops": 0.5}
    assert step.upgraded(3, {"stops": 1}) == {"stops": 1.0}


def test_parameters_without_a_way_up_are_refused():
    with pytest.raises(ParameterError, match="exposure has no upgrade from version 1 to 2: propose the step again"):
        _step(2, {}).upgraded(1, {})
    with pytest.raises(ParameterError, match="exposure version 4 is newer than the installed 2: update safelight"):
        _step(2, {}).upgraded(4, {})
