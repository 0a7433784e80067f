"""What a run would do, by names and guide alone; no file is opened."""

from __future__ import annotations

from typing import Any

from safelight.media.names import display_name
from safelight.runs.color_asked import with_color
from safelight.runs.shoot import Shoot
from safelight.workflows.guide import Guide
from safelight.workflows.shot_list import ShotList


def foresee(shoot: Shoot, guide: Guide, shots: ShotList, category: str = "") -> list[dict[str, Any]]:
    """Return one line a file: its category, steps, checks, and whether people hold it."""
    lines = []
    for path in shoot.files:
        identity = guide.identify(path, shots)
        plan = with_color(guide.plan(category or identity.category), guide, identity.expected())
        would = f"{len(plan.steps)} steps of workflow {plan.workflow}"
        if plan.people != "route":
            would += f", then {plan.people}: {plan.because}"
        lines.append(
            {
                "file": display_name(path),
                "sku": identity.sku,
                "view": identity.view,
                "category": plan.category,
                "workflow": plan.workflow,
                "steps": [each.step for each in plan.steps],
                "checks": [each.check for each in plan.checks],
                "would": would,
            }
        )
    lines += [{"file": display_name(p), "category": "none", "would": f"passed over: {w}"} for p, w in shoot.passed_over]
    return lines
