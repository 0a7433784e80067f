"""How sure culling is of a class: the probability that a competent reviewer would leave it as it is.

Each measure says how likely a reviewer is to hold it against the frame; what is far from its limit is hardly doubted,
what is near it is. A pick stands if nothing is held against it, a reject if anything is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from safelight.core.facts import CullClass
from safelight.runs.frame_faults import WHOLE, strictness
from safelight.workflows.guide import Culling

Intake = Mapping[str, Any]

# Taste, cropping, a stray hair: what no measure here sees speaks against one frame in twenty.
_UNSEEN = 0.05
# Where no subject was found before its backdrop, nobody has measured its margins or whether the frame cuts it off.
_UNJUDGED = 0.1
_EXACT_COPY, _KEPT_ASIDE = 0.99, 0.96
_SAME_GROUP = 0.95
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
    told = dict(_by_focus(facts["focus"], culling.blur))
    told |= dict(_by_light(facts["metering"], culling, raw=bool(found["scene_referred"])))
    told |= dict(_by_content(facts, culling, category))
    side = max(found["width"], found["height"])
    return told | {"size": 0.95 if side < 500 else 0.35 if side < 1000 else 0.0}


def claim_of(cull: CullClass, held: Mapping[str, float]) -> float:
    """Return the probability that a reviewer leaves a class of one frame as it is.

    Parameters
    ----------
    cull : {"pick", "reject", "cant_tell"}
    held : mapping of measure to probability
        From `held_against`.

    Examples
    --------
    >>> round(claim_of("pick", {"blur": 0.02}), 2), round(claim_of("reject", {"blur": 0.9}), 2)
    (0.93, 0.9)
    >>> claim_of("cant_tell", {"blur": 0.5}) > claim_of("cant_tell", {"blur": 0.1})
    True
    """
    clean = math.prod(1.0 - each for each in held.values())
    if cull == "reject":
        return round(1.0 - clean, 4)
    if cull == "pick":
        return round((1.0 - _UNSEEN) * clean, 4)
    # A reviewer who looks mostly decides; the nearer to even, the likelier they leave it open too.
    return round(2.0 * clean * (1.0 - clean), 4)


def claim_of_best(best: Intake, others: Sequence[Intake]) -> float:
    """Return the probability that a reviewer would take `best` of a group and no other."""
    if not others:
        return 1.0
    return round(_SAME_GROUP * min(_better(best, each) for each in others), 4)


def claim_of_alternate(best: Intake | None, own: Intake | None) -> float:
    """Return the probability that a frame stays an alternate of `best`; of a copy or a chart without both."""
    if best is None or own is None:
        return _KEPT_ASIDE
    if best["asset"] == own["asset"]:
        return _EXACT_COPY
    return round(_SAME_GROUP * _better(best, own), 4)


def _by_focus(focus: Mapping[str, Any], sensitivity: float) -> Iterator[tuple[str, float]]:
    if sensitivity <= 0:
        return
    blur = focus.get("blur_px")
    if focus.get("kind") == "cant_tell" or blur is None:
        yield "blur", 0.35
        return
    limit = _BEYOND * 1.2 * strictness(sensitivity)
    # With few edges the number is worth less, and the judgement moves toward even.
    sure = min(1.0, 0.4 + focus.get("edges", 400) / 400.0)
    yield "blur", 0.5 + sure * (_logistic(5.0 * math.log(max(blur, 0.05) / limit)) - 0.5)


def _by_light(metering: Mapping[str, Any], culling: Culling, *, raw: bool) -> Iterator[tuple[str, float]]:
    light = metering["percentiles_stops"].get("99")
    if culling.underexposed > 0 and light is not None:
        limit = 1.8 * strictness(culling.underexposed) + (1.5 if raw else 0.0)
        yield "underexposed", _logistic((_WHITE_STOPS - light - _BEYOND * limit) / 0.3)
    if culling.overexposed > 0:
        limit = 0.15 * strictness(culling.overexposed)
        share = max(metering["subject_clipped_all"], 1e-3)
        yield "overexposed", _logistic(2.5 * math.log(share / (1.5 * limit)))
        colored = max(0.0, metering.get("subject_clipped", 0.0) - metering["subject_clipped_all"])
        limit = 0.3 * strictness(culling.overexposed)
        yield "channel", 0.6 * _logistic(3.0 * math.log(max(colored, 1e-3) / limit))
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


def _better(best: Intake, other: Intake) -> float:
    """The probability that one frame is taken before another of the same group: by focus, then a little by chance."""
    blurs = [each["facts"]["focus"]["facts"].get("blur_px") for each in (best, other)]
    if None in blurs:
        return 0.6
    # Beneath 0.6 px frames differ by noise and JPEG.
    ratio = math.log(max(blurs[1], 0.6) / max(blurs[0], 0.6))
    return 0.5 + 0.48 * math.tanh(3.0 * max(0.0, ratio) + 0.35)


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, value))))
