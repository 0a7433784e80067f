"""Whether a file's color is judged: always against a swatch, and against what else there is where it is promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from safelight.workflows.guide import Guide
from safelight.workflows.plan import Plan

COLOR_CHECK = "color_difference"


def with_color(plan: Plan, guide: Guide, expected: Mapping[str, Any]) -> Plan:
    """Return the plan, without color_difference where no swatch speaks for the color and nobody promised any.

    A guide with ``[tolerance]`` promises a color: its files warn, and so wait, while nothing speaks for theirs. A
    swatch is a promise too: it holds a color to ΔE00 3 where the guide says no number.
    """
    if guide.promises_color or "reference_lab" in expected:
        return plan
    return replace(plan, checks=tuple(use for use in plan.checks if use.check != COLOR_CHECK))
