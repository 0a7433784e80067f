"""The whole decision about one version, told again from what was recorded when it was routed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from safelight.routing.checklist import Outcomes, ask
from safelight.routing.reliability import ZONE_NAMES, ReliabilityMap


def explain(routed: Mapping[str, Any], known: ReliabilityMap) -> list[str]:
    """Return every sentence behind a route, the strictest first, then each task with both checklists.

    Parameters
    ----------
    routed : mapping
        The body of ``version.routed``.
    known : ReliabilityMap
        For the words of the tasks; zones, stances and counts are those of the moment, as recorded.

    Examples
    --------
    >>> from safelight.routing.reliability import reliability_map
    >>> body = {"route": "review", "queue": "review", "reasons": [{"text": "lane standard: each file waits"}]}
    >>> explain(body, reliability_map())
    ['review, queue review: lane standard: each file waits']
    """
    head, *rest = [each["text"] for each in routed.get("reasons", ())] or ["no reason was recorded"]
    lines = [f"{routed.get('route', '')}, queue {routed.get('queue', '')}: {head}", *(f"also: {each}" for each in rest)]
    for use in routed.get("uses", ()):
        zone = use["zone"]
        lines.append(
            f"{use['step']} works on {use['task']}: zone {zone} ({ZONE_NAMES[zone]}), complexity {use['complexity']}, "
            f"risk {use['risk']}, set to {use['stance']}"
        )
        if use["task"] not in known.tasks:
            continue
        answers = ask(known.tasks[use["task"]], Outcomes(use["seen"], use["approved"]))
        lines += [f"  {each.list}: {each.asked} {each.answer}: {each.told}" for each in answers.questions]
        lines.append(f"  so {use['advice'].replace('_', ' ') or 'nothing'} was advised")
    return lines
