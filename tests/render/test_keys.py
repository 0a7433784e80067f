"""Keys: equal work has an equal key, other work another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safelight.core.edit import Confidence
from safelight.core.step import Stage
from safelight.render import keys
from safelight.render.keys import proposal_key, render_key

from .scenes import STEPS, edit_of, named

EDIT = edit_of(("stops", {"by": 0.3}), "curve", "cutout")


def test_equal_edits_have_equal_keys_whoever_made_them():
    surer = replace(EDIT, steps=tuple(replace(each, confidence=Confidence(0.9)) for each in EDIT.steps))
    assert render_key(surer) == render_key(EDIT)


@pytest.mark.parametrize(
    "other",
    [
        edit_of(("stops", {"by": 0.4}), "curve", "cutout"),
        edit_of(("stops", {"by": 0.3}), "curve"),
        replace(EDIT, original="cd" * 32),
    ],
)
def test_other_pixels_have_other_keys(other):
    assert render_key(other) != render_key(EDIT)


def test_other_sizes_spaces_and_depths_have_other_keys():
    wanted = [{}, {"size": (1600, 1067)}, {"to_space": "display_p3"}, {"dtype": "uint8"}, {"until": Stage.GRADE}]
    assert len({render_key(EDIT, **each) for each in wanted}) == len(wanted)


def test_a_later_stage_does_not_touch_the_key_of_an_earlier_one():
    without = edit_of(("stops", {"by": 0.3}), "curve")
    assert render_key(EDIT, named, until=Stage.GRADE) == render_key(without, named, until=Stage.GRADE)
    assert render_key(EDIT, named, until=Stage.CORRECTION) == render_key(
        edit_of(("stops", {"by": 0.3})), named, until=Stage.CORRECTION
    )


def test_the_order_of_painting_is_the_renderers_not_the_edits():
    turned = edit_of("cutout", "curve", ("stops", {"by": 0.3}))
    assert render_key(turned, named) == render_key(EDIT, named)


def test_a_new_renderer_or_library_makes_new_keys(monkeypatch):
    before = render_key(EDIT)
    monkeypatch.setattr(keys, "RENDERER_VERSION", keys.RENDERER_VERSION + 1)
    assert render_key(EDIT) != before
    monkeypatch.undo()
    monkeypatch.setattr(keys, "library_versions", lambda: {"opencolorio": "9"})
    assert render_key(EDIT) != before


def test_a_proposal_is_known_by_its_step_what_was_fixed_and_what_it_reads():
    step = STEPS["stops"]
    known = proposal_key(step, {"by": 0.3}, "ab" * 32)
    assert known == proposal_key(step, {"by": 0.3}, "ab" * 32)
    others = [
        proposal_key(step, {}, "ab" * 32),
        proposal_key(step, {"by": 0.3}, "cd" * 32),
        proposal_key(replace(step, version=2), {"by": 0.3}, "ab" * 32),
        proposal_key(STEPS["gain"], {"by": 0.3}, "ab" * 32),
    ]
    assert len({known, *others}) == 5
