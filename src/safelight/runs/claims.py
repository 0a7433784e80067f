"""How sure culling is of a class: the probability that a competent reviewer keeps it unchanged.

Each measure says how likely a reviewer is to hold it against the frame; what is far from its limit is hardly doubted,
what is near it is. A pick stands if nothing is held against it, a reject if anything is. "Can't tell" is no class that
could be right: it leaves the frame to a person and claims nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from safelight.core.facts import CullClass
from safelight.pixels.measure.eyes import main_face
from safelight.runs.frame_faults import WHOLE, strictness
from safelight.workflows.guide import Culling

Intake = Mapping[str, Any]

# Taste, cropping, a stray hair: what no measure here sees speaks against one frame in twenty.
_UNSEEN = 0.05
# Where no subject was found before its backdrop, nobody has measured its margins or whether the frame cuts it off.
_UNJUDGED = 0.1
_EXACT_COPY, _KEPT_ASIDE = 0.99, 0.96
_SAME_GROUP = 0.95
# Of two frames of the same one is taken for what nobody measured: a fold, with a face its expression.
_TASTE, _EXPRESSION, _UNCOMPARED = 0.03, 0.15, 0.25
# Blur is measured to 4.5 %; people see a difference of a seventh.
_MEASURED, _NOTICED = 0.045, 0.15
# Where reviewers draw the line differs by a fifth in blur and a third of a stop in light; with what the measures err
# this is the slope of a logistic curve over ln(blur) and its width in stops.
_BLUR_SLOPE, _STOPS = 9.0, 0.2
# Before paper that is clipped anyway, light goods and lifted dark ones clip alike. Where something of the goods clips
# and their darkest hundredth is lighter than 3 stops under middle gray, up to one in five were lifted.
_LIFTED, _LIFTED_FROM_STOPS, _LIFTED_SHARE = 0.2, -3.0, 0.01
_WHITE_STOPS = 2.474
# Limits as `faults` has them, by the guide's sensitivity; a reviewer's own lie a little beyond.
_BEYOND = 1.15


def held_against(found: Intake, culling: Culling, category: str = "unknown") -> dict[str, float]:
    """Return by measure how likely a reviewer is to hold it against the frame, 0..1.

    Parameters
    ----------
    found : mapping
        What intake measured.
    culling : Culling
        The guide's sensitivities; what is off is held against nobody.
    category : str
    """
    facts = {name: each["facts"] for name, each in found["facts"].items()}
    told = dict(_by_focus(facts["focus"], culling.blur, main_face(facts.get("people", {}))))
    told |= dict(_by_light(facts["metering"], culling, raw=bool(found["scene_referred"])))
    told |= dict(_by_content(facts, culling, category))
    side = max(found["width"], found["height"])
    return told | {"size": 0.95 if side < 500 else 0.35 if side < 1000 else 0.0}


def claim_of(cull: CullClass, held: Mapping[str, float]) -> float | None:
    """Return the probability that a reviewer keeps the class of one frame unchanged; None where nothing is claimed.

    Parameters
    ----------
    cull : {"pick", "reject", "cant_tell"}
    held : mapping of measure to probability
        From `held_against`.

    Examples
    --------
    >>> round(claim_of("pick", {"blur": 0.02}), 2), round(claim_of("reject", {"blur": 0.9}), 2)
    (0.93, 0.9)
    >>> claim_of("cant_tell", {"blur": 0.5}) is None
    True
    """
    clean = math.prod(1.0 - each for each in held.values())
    if cull == "reject":
        return round(1.0 - clean, 4)
    if cull == "pick":
        return round((1.0 - _UNSEEN) * clean, 4)
    return None


def claim_of_best(best: Intake, others: Sequence[Intake]) -> float:
    """Return the probability that a reviewer takes no other of a group before `best`: each one more is a doubt more.

    Examples
    --------
    >>> claim_of_best({}, [])
    1.0
    """
    return round(math.prod((_stays_first(best, each) for each in others), start=1.0), 4)


def claim_of_alternate(best: Intake | None, own: Intake | None, held: Mapping[str, float] | None = None) -> float:
    """Return the probability that a frame stays an alternate of `best`; of a copy or a chart without both.

    What is `held` against it makes it a reject rather than an alternate for every second reviewer who minds.
    """
    if best is None or own is None:
        return _KEPT_ASIDE
    if best["asset"] == own["asset"]:
        return _EXACT_COPY
    clean = math.prod(1.0 - each for each in (held or {}).values())
    return round(_SAME_GROUP * _stays_first(best, own) * (1.0 - 0.5 * (1.0 - clean)), 4)


def _by_focus(
    focus: Mapping[str, Any], sensitivity: float, face: Mapping[str, Any] | None
) -> Iterator[tuple[str, float]]:
    if sensitivity <= 0:
        return
    blur, edges = focus.get("blur_px"), focus.get("edges", 400)
    if face is not None and focus.get("kind") in ("sharp", "defocus"):  # its nearest eye is what has to be sharp
        blur, edges = face["eye_blur_px"], face.get("eye_edges", 400)
    elif focus.get("kind") == "cant_tell" or blur is None:
        yield "blur", 0.35
        return
    limit = _BEYOND * 1.2 * strictness(sensitivity)
    # With few edges the number is worth less, and the judgement moves toward even.
    sure = min(1.0, 0.4 + edges / 400.0)
    yield "blur", 0.5 + sure * (_logistic(_BLUR_SLOPE * math.log(max(blur, 0.05) / limit)) - 0.5)


def _by_light(metering: Mapping[str, Any], culling: Culling, *, raw: bool) -> Iterator[tuple[str, float]]:
    light = metering["percentiles_stops"].get("99")
    if culling.underexposed > 0 and light is not None:
        limit = 1.8 * strictness(culling.underexposed) + (1.5 if raw else 0.0)
        yield "underexposed", _logistic((_WHITE_STOPS - light - _BEYOND * limit) / _STOPS)
    if culling.overexposed > 0:
        limit = 0.15 * strictness(culling.overexposed)
        share = max(metering["subject_clipped_all"], 1e-3)
        yield "overexposed", _logistic(2.5 * math.log(share / (1.5 * limit)))
        colored = max(0.0, metering.get("subject_clipped", 0.0) - metering["subject_clipped_all"])
        limit = 0.3 * strictness(culling.overexposed)
        yield "channel", 0.6 * _logistic(3.0 * math.log(max(colored, 1e-3) / limit))
        yield "lifted", _lifted(metering)
        lost = metering.get("pale_clipped", 0.0)
        yield "pale", 0.6 * _logistic(2.0 * math.log(max(lost, 1e-4) / (0.03 * strictness(culling.overexposed))))


def _by_content(facts: Mapping[str, Mapping[str, Any]], culling: Culling, category: str) -> Iterator[tuple[str, float]]:
    blank = facts.get("slate", {}).get("kind")
    yield "blank", {"black": 0.97, "even": 0.5}.get(str(blank), 0.0)
    framing = facts.get("framing", {})
    if category in WHOLE and culling.touches_frame > 0:
        widest = max(framing.get("touching", {}).values(), default=0.0)
        yield "cut_off", 0.55 * _logistic(2.0 * math.log(max(widest, 1e-3) / 0.03))
    if framing.get("subject_by") == "none" and culling.touches_frame > 0:
        yield "framing_unknown", _UNJUDGED
    if culling.closed_eyes > 0:
        openness = [
            max(eye["openness"] for eye in face["eyes"])
            for face in facts.get("people", {}).get("faces", ())
            if face["eyes"] and face["state"] != "cant_tell"
        ]
        # Between -2, shut, and +2, open.
        yield "eyes", _logistic(-3.0 * (min(openness) + 0.6)) if openness else 0.0


def _lifted(metering: Mapping[str, Any]) -> float:
    """How likely goods before clipped paper were lifted without its showing in what clips."""
    dark = metering.get("subject_percentiles_stops", {}).get("1")
    if dark is None or not _is_clipped(metering.get("backdrop", {})):
        return 0.0
    share = max(float(metering.get("subject_clipped", 0.0)), 1e-4)
    return _LIFTED * _logistic((dark - _LIFTED_FROM_STOPS) / 0.5) * _logistic(2.0 * math.log(share / _LIFTED_SHARE))


def _is_clipped(backdrop: Mapping[str, Any]) -> bool:
    return bool(backdrop.get("found")) and max(backdrop.get("clipped", (0.0,))) > 0.3


def _stays_first(best: Intake, other: Intake) -> float:
    """The probability that a reviewer leaves one frame before another of the same group.

    They take the other if it is noticeably sharper in truth though it was measured softer, or for what was not
    measured, unless it is noticeably softer.
    """
    taste = _EXPRESSION if all(_shows_a_face(each) for each in (best, other)) else _TASTE
    blurs = [each["facts"]["focus"]["facts"].get("blur_px") for each in (best, other)]
    if None in blurs:
        return 1.0 - max(taste, _UNCOMPARED)
    # Beneath 0.6 px frames differ by noise and JPEG.
    lead = math.log(max(blurs[1], 0.6) / max(blurs[0], 0.6))
    # Two frames, so sqrt(2) of what one is measured to; the other sqrt(2) is erfc's.
    sharper, softer = (0.5 * math.erfc((_NOTICED + side * lead) / (2.0 * _MEASURED)) for side in (1.0, -1.0))
    return (1.0 - taste * (1.0 - softer)) * (1.0 - sharper)


def _shows_a_face(found: Intake) -> bool:
    return bool(found["facts"].get("people", {}).get("facts", {}).get("faces"))


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, value))))
