"""Chart and color matrix: one chart speaks for all frames of its light."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from safelight.core.step import Group, Member
from safelight.pixels.color import fused
from safelight.pixels.color.chart_reference import light_of_lab, reference_lab
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.steps.chart import step as chart
from safelight.steps.color_matrix import step as color_matrix
from tests.charts import draw_chart, photograph

from .pictures import packshot, picture

AFTER = "classic_after_2014"


@cache
def _facts(glare: float = 0.0) -> dict[str, Any]:
    light = draw_chart(AFTER, (700, 525), angle=3)
    seen = photograph(light, np.random.default_rng(2), stops=-1.2, cast=(1.15, 1, 0.85), mix=0.6, fall=0, noise=0.005)
    frame, tools = picture(seen + np.float32(glare))
    return dict(chart.propose(frame, None, {"pigments": "after 2014"}, tools).facts)


def _member(name: str, facts: dict[str, Any]) -> Member:
    return Member(name, f"2026-01-01T10:00:{len(name):02d}", name, {"chart": facts})


def _group(*members: Member) -> Group:
    assert color_matrix.gather is not None
    return Group("k", tuple(each.asset for each in members), {"color_matrix": color_matrix.gather(members, {})})


def _paint(params: Any, rgb: np.ndarray) -> np.ndarray:
    assert color_matrix.paint is not None
    return np.asarray(fused.apply(rgb, "linear_rec2020", [color_matrix.paint(params)], "linear_rec2020", np.float32))


def test_a_frame_without_a_chart_says_so_and_is_sure() -> None:
    frame, tools = picture(packshot())
    proposal = chart.propose(frame, None, {}, tools)
    assert proposal.facts == {"found": False, "why": "no chart"}
    assert proposal.confidence is not None and proposal.confidence.value > 0.9
    assert proposal.reasons[0].code == "no_chart" and not proposal.reasons[0].doubt


def test_a_frame_that_is_mostly_chart_is_told_as_a_chart_frame() -> None:
    facts = _facts()
    assert facts["found"] and facts["chart_frame"] and 0.15 < facts["share"] < 0.5


def test_the_pigments_can_be_set() -> None:
    frame, tools = picture(draw_chart(AFTER, (700, 525)))
    assert chart.propose(frame, None, {"pigments": "before 2014"}, tools).facts["chart"] == "classic_before_2014"


def test_the_groups_matrix_brings_the_chart_to_its_published_colors() -> None:
    group = _group(_member("chart.jpg", _facts()), _member("a.jpg", {"found": False, "why": "no chart"}))
    frame, tools = picture(packshot())
    proposal = color_matrix.propose(frame, group, {}, tools)
    facts = _facts()
    seen = np.array([each["rgb"] for each in facts["patches"]], np.float32)
    gains = np.array(facts["matrix"]["gains"], np.float32)
    before, after = (
        float(delta_e_2000(lab_from(light, "linear_rec2020"), np.float32(reference_lab(AFTER))).mean())
        for light in (seen * gains, _paint(proposal.params, (seen * gains)[None])[0])
    )
    assert after < 1.0 < 0.4 * before
    assert "chart.jpg" in proposal.reasons[0].text and "on patches left out" in proposal.reasons[0].text
    assert proposal.confidence is not None and proposal.confidence.value > 0.8


def test_whole_also_balances_and_exposes() -> None:
    frame, tools = picture(packshot())
    proposal = color_matrix.propose(frame, _group(_member("c", _facts())), {"whole": True}, tools)
    seen = np.array([[each["rgb"] for each in _facts()["patches"]]], np.float32)
    painted = _paint(proposal.params, seen)[0]
    assert painted == pytest.approx(light_of_lab(reference_lab(AFTER)), abs=0.02)


def test_every_member_gets_the_same_whatever_the_order() -> None:
    members = [_member("c.jpg", _facts()), _member("b.jpg", {}), _member("a.jpg", {"found": False, "why": "no chart"})]
    assert color_matrix.gather is not None
    assert color_matrix.gather(members, {}) == color_matrix.gather(members[::-1], {})


def test_without_a_chart_in_the_light_nothing_is_changed() -> None:
    frame, tools = picture(packshot())
    proposal = color_matrix.propose(frame, _group(_member("a", {"found": False, "why": "no chart"})), {}, tools)
    assert proposal.params == color_matrix.params.defaults()
    rgb = packshot()
    assert _paint(proposal.params, rgb) == pytest.approx(rgb, abs=1e-6)


def test_a_glaring_chart_changes_nothing_and_says_why() -> None:
    frame, tools = picture(packshot())
    proposal = color_matrix.propose(frame, _group(_member("c", _facts(0.06))), {}, tools)
    assert proposal.params == color_matrix.params.defaults()
    assert "glare" in proposal.reasons[0].text and proposal.reasons[0].doubt
    assert proposal.confidence is not None and proposal.confidence.value <= 0.5


def test_a_picture_alone_is_corrected_by_the_chart_in_it() -> None:
    light = photograph(
        draw_chart(AFTER, (700, 525)), np.random.default_rng(2), stops=-1, cast=(1, 1, 1), mix=0.6, fall=0, noise=0.0
    )
    frame, tools = picture(light)
    assert color_matrix.propose(frame, None, {}, tools).params["matrix"] != color_matrix.params.defaults()["matrix"]


def test_no_strength_changes_nothing() -> None:
    params = color_matrix.params.accept(
        {"matrix": [1.3, -0.2, -0.1, 0, 1, 0, 0, 0, 1], "gains": [2, 1, 1], "tone": [0.1, 0.8, 0.0], "strength": 0.0},
        fill=True,
    )
    rgb = packshot()
    assert _paint(params, rgb) == pytest.approx(rgb, abs=1e-6)
