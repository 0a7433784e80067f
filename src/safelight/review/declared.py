"""Declarations of steps and checks as data, for whoever draws forms from them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from safelight.core.check import Check
from safelight.core.params import Param
from safelight.core.step import Step


def step_line(step: Step) -> dict[str, Any]:
    """Return a step's declaration as JSON data."""
    return {
        "name": step.name,
        "version": step.version,
        "purpose": step.purpose,
        "automation": step.automation,
        "stage": step.stage.name.lower(),
        "order": int(step.stage),
        "kind": step.kind,
        "scale": step.scale,
        "parameters": [_parameter(each) for each in step.params],
    }


def check_line(check: Check) -> dict[str, Any]:
    """Return a check's declaration as JSON data."""
    return {
        "name": check.name,
        "version": check.version,
        "purpose": check.purpose,
        "measures": [asdict(each) for each in check.specs],
    }


def _parameter(each: Param) -> dict[str, Any]:
    return {
        "name": each.name,
        "kind": each.kind,
        "widget": each.shown_as,
        "default": list(each.default) if isinstance(each.default, tuple) else each.default,
        "meaning": each.meaning,
        "unit": each.unit,
        "least": each.least,
        "most": each.most,
        "resolution": each.resolution,
        "choices": list(each.choices),
        "length": each.length,
        "allowed": each.allowed(),
    }
