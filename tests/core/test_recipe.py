"""A hero's settings over a batch: relative to each picture's own baseline, the grade as it is."""

from __future__ import annotations

import pytest

from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.core.recipe import HeroRule, Recipe, hero_of, holds, lay_on, recipe_of
from safelight.plugins import step_named

MACHINE, INES = Actor("step", "exposure", "1"), Actor("person", "Ines")


def edit(original, stops, red=0.0, amended=False, **grade):
    made = Edit(original).with_step(
        EditStep("exposure", 1, {"stops": stops, "highlight_protection": 0.0}, MACHINE, amended=amended)
    )
    made = made.with_step(EditStep("white_balance", 1, {"red": red, "blue": 0.0, "strength": 1.0}, MACHINE))
    return made.with_step(EditStep("grade", 1, step_named("grade").params.accept(grade, fill=True), MACHINE))


def recipe(**changes):
    return recipe_of(edit("aa", 0.2), edit("aa", **changes), lambda name: step_named(name).stage, "v1", INES)


def laid(made, on):
    return lay_on(made, on, lambda name: step_named(name).params)


def test_the_difference_to_the_proposal_is_what_travels():
    made = recipe(stops=0.5, contrast=0.3)
    assert made.relative == {"exposure": {"stops": 0.3}}
    out = laid(made, edit("bb", -0.4))
    assert out.step("exposure").params["stops"] == pytest.approx(-0.1)
    assert out.step("grade").params["contrast"] == 0.3
    assert out.step("exposure").by == INES
    assert "stops +0.3 on top of its own baseline, as Ines set the hero" in out.step("exposure").reasons[-1].text


def test_laying_it_on_the_hero_gives_the_hero():
    made = recipe(stops=0.5, red=0.1, contrast=0.3)
    out, wanted = laid(made, edit("aa", 0.2)), edit("aa", 0.5, 0.1, contrast=0.3)
    assert [each.params for each in out.steps] == [each.params for each in wanted.steps]


def test_a_hero_that_was_left_alone_changes_no_baseline():
    assert laid(recipe(stops=0.2), edit("bb", 0.7)).step("exposure").params["stops"] == 0.7


def test_what_a_person_amended_stays():
    out = laid(recipe(stops=0.5), edit("bb", 1.0, amended=True))
    assert out.step("exposure").params["stops"] == 1.0


def test_a_baseline_at_the_end_of_its_range_is_held_there_and_doubted():
    out = laid(recipe(stops=1.2), edit("bb", 4.5)).step("exposure")
    assert out.params["stops"] == 5.0
    assert out.reasons[-1].doubt


def test_the_grains_seed_is_each_pictures_own():
    grain = lambda seed: EditStep("grain", 1, {"amount": 4.0, "size_px": 1.2, "color": 0.0, "seed": seed}, MACHINE)  # noqa: E731
    made = recipe_of(edit("aa", 0), edit("aa", 0).with_step(grain(11)), lambda name: step_named(name).stage, "v1", INES)
    out = laid(made, edit("bb", 0).with_step(grain(22)))
    assert out.step("grain").params["seed"] == 22
    assert laid(made, edit("bb", 0)).step("grain").params["amount"] == 4.0


def test_a_recipe_survives_json():
    made = recipe(stops=0.5, contrast=0.3)
    assert Recipe.from_data(made.to_data()) == made


def test_two_originals_are_refused():
    with pytest.raises(ValueError, match="one original"):
        recipe_of(edit("aa", 0), edit("bb", 0), lambda name: step_named(name).stage, "v1", INES)


def test_the_hero_is_the_named_frame_or_the_first_pick():
    names = ["a", "b", "c"]
    assert hero_of(HeroRule(hero="c"), names, {"a"}) == "c"
    assert hero_of(HeroRule(), names, {"b", "c"}) == "b"
    assert hero_of(HeroRule(), names, set()) == "a"
    assert hero_of(HeroRule(), [], set()) == ""


@pytest.mark.parametrize(
    ("waits", "member", "approved", "held"),
    [(True, "b", False, True), (True, "b", True, False), (True, "a", False, False), (False, "b", False, False)],
)
def test_a_lane_may_wait_for_its_hero(waits, member, approved, held):
    assert holds(HeroRule(waits=waits), member, "a", approved=approved) is held
