"""Who must look at a file: one pure function of what is known about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from safelight.core.check import Judged
from safelight.core.edit import Confidence, Reason
from safelight.core.facts import ROUTES, Route
from safelight.routing.inputs import Flag, Routed, RouteInputs, Use
from safelight.routing.reliability import Zone

EDGE_FAILURES_TO_SPECIALIST = 2  # R4: an edge that failed twice goes to a specialist
EDGE_QUEUE = "edge_repair"

# What stops automation, where the file goes then, and what is said of it (R40, R74, R171 to R173).
_FLAGS: dict[Flag, tuple[Route, str, str]] = {
    "mixed_light": ("review", "color", "light of more than one color falls on the subject"),
    "reflective": ("review", "reflections", "the material is highly reflective"),
    "translucent": ("specialist", EDGE_QUEUE, "the edge is translucent or an open weave: it is repaired by hand"),
    "touches_frame": ("review", "crop", "the subject touches the frame"),
    "outside_group": ("review", "color", "the frame does not fit the group it was taken with"),
    "busy_background": ("review", EDGE_QUEUE, "the background is busy"),
    "stale": ("review", "retouch", "a person's amendment rests on an input that has changed since"),
}


@dataclass(frozen=True)
class _Finding:
    """One rule that spoke: no looser than `route`."""

    route: Route
    queue: str
    reason: Reason


def route(inputs: RouteInputs) -> Routed:
    """Say who must look at a file.

    Parameters
    ----------
    inputs : RouteInputs
        Nothing else is looked at: no clock, no store, no chance.

    Returns
    -------
    Routed
        The strictest of all findings; every finding is kept as a reason.

    Notes
    -----
    Laws, each tested: more confidence never makes the route stricter; one more
    failure never looser; high stakes are never ``auto`` or ``spot_check``.
    They hold because each rule names the loosest route it can live with, and
    the strictest of them wins.

    Examples
    --------
    >>> routed = route(RouteInputs(category="packshot"))
    >>> routed.route, routed.reasons[0].text
    ('review', 'no check has judged this version: nothing is delivered without a quality pass')
    """
    findings = [found for rule in _RULES for found in rule(inputs)]
    findings.sort(key=lambda each: -ROUTES.index(each.route))  # stable: rules of one route stay in order
    zone: Zone = max((each.placed.zone for each in inputs.uses), default=1)
    return Routed(
        route=findings[0].route,
        queue=findings[0].queue,
        reasons=tuple(each.reason for each in findings),
        zone=zone,
        checklists=tuple(each.checklist for each in inputs.uses if each.checklist is not None),
        confidence=_confidence([each.confidence for each in inputs.uses if each.confidence is not None]),
        uses=inputs.uses,
        asked=inputs.asked,
    )


def _confidence(sure: Sequence[Confidence]) -> Confidence | None:
    """Return the least of them: a version is approved unchanged at most as often as its least sure step."""
    if not sure:
        return None
    return Confidence(min(each.value for each in sure), all(each.calibrated for each in sure))


def _cull(inputs: RouteInputs) -> Iterator[_Finding]:
    if inputs.cull == "cant_tell":
        yield _found("review", "cull", "cull_cant_tell", "culling cannot tell whether this frame is usable")
    elif inputs.cull in ("reject", "alternate", "unreadable"):
        said = {"reject": "rejected in culling", "alternate": "kept as an alternate", "unreadable": "unreadable"}
        yield _found("hold", "cull", f"cull_{inputs.cull}", f"{said[inputs.cull]}; it can be called back at any time")


def _workflow(inputs: RouteInputs) -> Iterator[_Finding]:
    if inputs.held:
        yield _found(
            "hold", "hold", "workflow_holds", f"category {_spoken(inputs.category)} is held for people: {inputs.held}"
        )
    if inputs.reviewed:
        yield _found("review", "review", "workflow_reviews", f"category {_spoken(inputs.category)}: {inputs.reviewed}")
    if inputs.category == "unknown":
        said = "no shot list, folder or file name says what category this is"
        yield _found("review", "category", "unknown_category", said)


def _watched(inputs: RouteInputs) -> Iterator[_Finding]:
    if inputs.watched:
        yield _found("review", "review", "category_watched", f"each file gets a look of its own: {inputs.watched}")


def _sent_back(inputs: RouteInputs) -> Iterator[_Finding]:
    if inputs.sent_back:
        yield _found("review", inputs.sent_back_to or "review", "sent_back", inputs.sent_back)


def _stakes(inputs: RouteInputs) -> Iterator[_Finding]:
    if inputs.stakes == "high":
        said = "high stakes: 2 people must approve it, the second other than the first"
        yield _found("review", "review", "high_stakes", said)


def _zones(inputs: RouteInputs) -> Iterator[_Finding]:
    for each in inputs.uses:
        placed = each.placed
        if placed.zone in (3, 4):
            where: Route = "specialist" if placed.zone == 3 else "review"
            said = f"{_spoken(each.step)} is {placed.why}"
            yield _found(where, each.queue, f"zone_{placed.zone}", said, step=each.step)
        elif placed.zone == 2:
            yield _found("spot_check", each.queue, "zone_2", f"{_spoken(each.step)} is {placed.why}", step=each.step)
        if each.draft:
            said = f"{_spoken(each.step)} made a draft: scaffolding that a person finishes, never delivered as it is"
            yield _found("specialist", each.queue, "draft", said, step=each.step)
        if placed.stance == "resist":
            said = f"{_spoken(each.step)} works on {_spoken(placed.task)}, which is set to resist: a person decides"
            yield _found("review", each.queue, "stance_resist", said, step=each.step)
        elif placed.stance == "calibrate":
            said = f"{_spoken(each.step)} works on {_spoken(placed.task)}, which is set to calibrate: a person oversees"
            yield _found("spot_check", each.queue, "stance_calibrate", said, step=each.step)


def _checklists(inputs: RouteInputs) -> Iterator[_Finding]:
    for each in inputs.uses:
        if each.checklist is None or each.checklist.advice == "automate":
            continue
        least: Route = "spot_check" if each.checklist.advice == "sampled" else "review"
        code = f"checklist_{each.checklist.advice}"
        yield _found(least, each.queue, code, each.checklist.told, step=each.step)


def _flags(inputs: RouteInputs) -> Iterator[_Finding]:
    for flag in sorted(inputs.flags):
        least, queue, said = _FLAGS[flag]
        told = "; ".join(text for code, text in inputs.measured if code == flag)
        said = f"{said}: {told}" if told else said
        yield _found(least, queue, flag, said)


def _verdicts(inputs: RouteInputs) -> Iterator[_Finding]:
    if not inputs.verdicts:
        said = "no check has judged this version: nothing is delivered without a quality pass"
        yield _found("review", "review", "unchecked", said)
    queues = dict(inputs.queues)
    order = {"fail": 0, "warn": 1, "pass": 2}
    for each in sorted(inputs.verdicts, key=lambda v: (order[v.word], v.check)):
        if each.word != "pass":
            told = "; ".join(_told(one) for one in each.judged if one.word == each.word)
            code, queue = f"{each.check}_{each.word}", queues.get(each.check, each.check)
            said = f"check {_spoken(each.check)} says {each.word}: {told}"
            yield _found("review", queue, code, said, check=each.check)
    if inputs.edge_failures >= EDGE_FAILURES_TO_SPECIALIST:
        said = (
            f"the edge failed {inputs.edge_failures} times; from {EDGE_FAILURES_TO_SPECIALIST} on a specialist cuts it"
        )
        yield _found("specialist", EDGE_QUEUE, "edge_failed_again", said, failures=float(inputs.edge_failures))


def _lane(inputs: RouteInputs) -> Iterator[_Finding]:
    lane = inputs.lane
    sure = [(each.confidence, each) for each in inputs.uses if each.confidence is not None]
    if lane.route == "review":
        yield _found(
            "review", "review", "lane_review", f"lane {lane.name}: each file waits for a look of its own{_least(sure)}"
        )
        return
    if not sure:
        said = f"no step says how sure it is; lane {lane.name} asks at least {lane.confidence:.2f}"
        yield _found("review", "review", "no_confidence", said)
        return
    for value, use in sure:
        if value.value < inputs.asked:
            name = _spoken(use.step)
            said = f"{name} is {value.value:.2f} sure; lane {lane.name} asks at least {inputs.asked:.2f}"
            yield _found("review", use.queue, "low_confidence", said, step=use.step, confidence=value.value)
    unknown = [_spoken(use.step) for value, use in sure if not value.calibrated]
    if unknown:
        said = f"the confidence of {', '.join(unknown)} is not yet calibrated in category {_spoken(inputs.category)}"
        yield _found("spot_check", "review", "uncalibrated", said)
    if lane.route == "auto" and (inputs.stratum is None or not inputs.stratum.allows_auto):
        told = inputs.stratum.told() if inputs.stratum is not None else "no audited label yet"
        yield _found("spot_check", "release", "stratum_unproven", f"no auto among files like this one: {told}")
    elif lane.route == "spot_check" and inputs.stratum is not None and inputs.stratum.look_share > 0:
        said = f"{inputs.stratum.look_share:.0%} of files like this one are looked at: {inputs.stratum.told()}"
        yield _found("spot_check", "release", "stratum_looks", said)
    passed = sum(each.word == "pass" for each in inputs.verdicts)
    said = (
        f"lane {lane.name} allows {_spoken(lane.route)}: {passed} of {len(inputs.verdicts)} checks pass{_least(sure)}"
    )
    yield _found(lane.route, "release", f"lane_{lane.route}", said)


_RULES = (_sent_back, _verdicts, _flags, _workflow, _watched, _zones, _cull, _stakes, _checklists, _lane)


def _least(sure: Iterable[tuple[Confidence, Use]]) -> str:
    """Name the least sure step: `", least sure is cutout with 0.82"`."""
    ranked = sorted((value.value, use.step) for value, use in sure)
    return f", least sure is {_spoken(ranked[0][1])} with {ranked[0][0]:.2f}" if ranked else ""


def _spoken(name: str) -> str:
    """A name of the code as a person reads it."""
    return name.replace("_", " ")


def _told(one: Judged) -> str:
    name, unit = _spoken(one.measure.name), f" {one.measure.unit}" if one.measure.unit else ""
    if one.measure.value is None:
        return f"{name} could not be measured" + (f": {one.measure.why}" if one.measure.why else "")
    limit = "" if one.limit is None else f", limit {_spoken(one.direction)} {one.limit:g}{unit}"
    return f"{name} {one.measure.value:.4g}{unit}{limit}"


def _found(least: Route, queue: str, code: str, text: str, **values: float | str) -> _Finding:
    doubt = least not in ("auto", "spot_check")
    return _Finding(least, queue, Reason(code, text, MappingProxyType(values), doubt))
