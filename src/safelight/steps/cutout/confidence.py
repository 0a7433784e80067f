"""How likely a reviewer would pass a cutout unchanged, and why not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from safelight.core.doubts import Doubt, left_of, ramp
from safelight.core.edit import Confidence, Reason

if TYPE_CHECKING:
    from safelight.pixels.matte.guess import GuessFacts
    from safelight.pixels.matte.survey import MatteFacts

# Of the regression in `judge_guess`: slope and offset of what colors moved in pieces, with a second opinion and alone.
_PIECES, _PIECES_ALONE = (10.46, 4.75), (13.15, 3.61)
_BEYOND = 8.69  # slope of what a second model does not see as body
# Truth was our own matte on white and no hand's; without a second model, or before products, it was not measured.
_MOST_OF_TWO, _MOST_ALONE = 0.85, 0.5


def judge_matte(facts: MatteFacts, edges: Mapping[str, float] | None = None) -> tuple[Confidence, tuple[Reason, ...]]:
    """Turn the measures of a matte into a probability and sentences.

    Parameters
    ----------
    facts : MatteFacts
    edges : mapping of class to share of the contour, optional
        From `classify_edges`; what asks for a hand is a doubt of its own.

    Returns
    -------
    confidence : Confidence
        Uncalibrated: 0.97 times the share that each doubt leaves.
    reasons : tuple of Reason
        Each doubt that takes more than a fiftieth, worst first, then what speaks for the matte.
    """
    doubts = sorted([*_doubts(facts), *_hand_edges(edges or {})], key=lambda each: -each[0])
    value = left_of(0.97, doubts)
    told = [reason for weight, reason in doubts if weight > 0.02]
    clear = Reason(
        "edge_contrast",
        f"subject and backdrop differ by {facts.edge_contrast:.0f} (L*a*b*) across the contour; "
        f"the backdrop covers {100 * facts.border_share:.0f} % of the frame's rim",
        {"edge_contrast": facts.edge_contrast, "border_share": facts.border_share},
    )
    return Confidence(round(min(max(value, 0.01), 0.97), 3)), (*told, clear)


def judge_guess(
    facts: MatteFacts, guess: GuessFacts, edges: Mapping[str, float], model: str, beyond_body: float | None = None
) -> tuple[Confidence, tuple[Reason, ...]]:
    """Turn a matte that began with a model's guess into a probability and sentences.

    Parameters
    ----------
    facts : MatteFacts
        Its backdrop is whatever lies around the subject, so that what is said of an even one does not count.
    guess : GuessFacts
    edges : mapping of class to share of the contour
        They go to a hand by their own route, and take nothing off here.
    model : str
        Whose guess it was.
    beyond_body : float or None, 0..1
        Of the cut-out, what a second model does not see as the person's body; None where it was not asked.

    Notes
    -----
    A model that takes a thing behind a shoulder for part of the person is as sure as ever; but colors part the two in
    pieces, and another model seldom takes the same thing. ``p = 1 / (1 + exp(a sqrt(pieces) + b sqrt(beyond) - c))``:
    a logistic regression on 96 composites, other people, clothes and places than those it is measured on.
    """
    pieces = _PIECES_ALONE if beyond_body is None else _PIECES
    weight = pieces[0] * guess.pieces_share**0.5 - pieces[1] + _BEYOND * (beyond_body or 0.0) ** 0.5
    most = _MOST_ALONE if beyond_body is None else _MOST_OF_TWO
    small = [each for each in _doubts(facts) if each[1].code == "no_subject"]
    value = left_of(most / (1 + math.exp(weight)), small)
    alone = "" if beyond_body is not None else "; no second model was asked"
    text = f"found by the model {model}{alone}: look at what stands beside the subject and at what it holds"
    told = [Reason("by_model", text, {"most": most}, doubt=True), *_said_of_guess(guess, beyond_body)]
    told += [each for share, each in (*small, *_hand_edges(edges)) if share > 0.02]
    return Confidence(round(max(value, 0.01), 3)), tuple(told)


def _said_of_guess(guess: GuessFacts, beyond_body: float | None) -> Iterator[Reason]:
    if guess.pieces_share > 0.01:
        text = f"colors put {100 * guess.pieces_share:.1f} % of the cut-out elsewhere than the model, in pieces"
        yield Reason("overruled_guess", text, {"pieces_share": guess.pieces_share}, doubt=True)
    if beyond_body is not None and beyond_body > 0.02:
        text = f"{100 * beyond_body:.0f} % of the cut-out is no body to a second model: a thing beside or behind?"
        yield Reason("beyond_body", text, {"beyond_body": beyond_body}, doubt=True)
    if guess.unsure_share > 0.2:
        text = f"the model's looks differ or are unsure over {100 * guess.unsure_share:.0f} % of the subject"
        yield Reason("unsure_guess", text, {"unsure_share": guess.unsure_share}, doubt=True)


_BY_HAND = ("hair", "open_weave", "translucent", "reflective")


def _hand_edges(shares: Mapping[str, float]) -> Iterator[Doubt]:
    """Say which parts of the contour are a start for a hand, not an end (R74, R75, R173)."""
    found = {name: shares.get(name, 0.0) for name in _BY_HAND}
    told = [f"{100 * share:.0f} % {name.replace('_', ' ')}" for name, share in found.items() if share >= 0.02]
    if told:
        text = f"of the contour {', '.join(told)}: repaired by hand, at the places marked"
        weight = max(0.021, 0.3 * ramp(sum(found.values()), 0.05, 0.5))
        yield weight, Reason("hand_edges", text, found, doubt=True)


def _doubts(f: MatteFacts) -> Iterator[Doubt]:
    """Each doubt: the share of the probability that it takes, and its reason."""

    def doubt(weight: float, code: str, text: str, **values: float) -> Doubt:
        return weight, Reason(code, text, values, doubt=True)

    yield doubt(
        0.97 * ramp(f.area_share, 0.004, 0.0005),
        "no_subject",
        f"only {100 * f.area_share:.2f} % of the frame differs from the backdrop",
        area_share=f.area_share,
    )
    yield doubt(
        0.9 * ramp(f.area_share, 0.7, 0.92),
        "fills_frame",
        f"the subject takes {100 * f.area_share:.0f} % of the frame; little backdrop is left to know it by",
        area_share=f.area_share,
    )
    yield doubt(
        0.95 * ramp(f.border_share + 0.5 * f.frame_share, 0.85, 0.45),
        "busy_background",
        f"one even backdrop explains {100 * f.border_share:.0f} % of the frame's rim",
        border_share=f.border_share,
    )
    yield doubt(
        0.85 * ramp(f.misfit, 0.8, 2.2),
        "uneven_backdrop",
        f"the backdrop strays {f.misfit:.1f} (L*a*b*) from an even one: wrinkles, texture or a second light",
        misfit=f.misfit,
    )
    yield doubt(
        0.3 * ramp(f.sides_touched, 0, 1) + 0.6 * ramp(f.sides_touched, 1, 4) * ramp(f.frame_share, 0.1, 0.5),
        "touches_frame",
        f"the subject runs into {f.sides_touched} side{'s' * (f.sides_touched != 1)} of the frame "
        f"({100 * f.frame_share:.0f} % of the rim)",
        sides=float(f.sides_touched),
        frame_share=f.frame_share,
    )
    yield doubt(
        0.5 * ramp(f.parts, 1, 4),
        "several_subjects",
        f"{f.parts} separate pieces",
        parts=float(f.parts),
    )
    yield doubt(
        0.75 * ramp(f.low_contrast_share, 0.04, 0.4),
        "low_contrast_edge",
        f"{100 * f.low_contrast_share:.0f} % of the contour differs from the backdrop by less than 6 (L*a*b*)",
        low_contrast_share=f.low_contrast_share,
    )
    yield doubt(
        0.6 * ramp(f.soft_share, 0.08, 0.5),
        "soft_edge",
        f"{100 * f.soft_share:.0f} % of the contour is soft: hair, fur, mesh or blur",
        soft_share=f.soft_share,
    )
    yield doubt(
        0.6 * ramp(f.ragged_foot_share, 0.25, 0.6),
        "ragged_foot",
        f"the foot is ragged along {100 * f.ragged_foot_share:.0f} % of its shadow: crumbs of shadow or a sole",
        share=f.ragged_foot_share,
    )
    # On 74 frames and composites: clean contours 0.01 to 0.13, with corners and knit to 0.25; broken ones 0.12 to 0.5.
    yield doubt(
        0.5 * ramp(f.ragged_share, 0.15, 0.4),
        "ragged_contour",
        f"the contour is ragged: {100 * f.ragged_share:.0f} % of it would go or come if it were smoothed over 11 px",
        share=f.ragged_share,
    )
    yield doubt(
        0.7 * ramp(f.shaded_rim_share, 0.05, 0.12),
        "shaded_rim",
        f"{100 * f.shaded_rim_share:.0f} % of the rim is as gray as shaded backdrop and the middle is not: "
        "a shadow may have been cut out with the subject",
        share=f.shaded_rim_share,
    )
    yield doubt(
        0.4 * ramp(f.hole_or_print_share, 0.002, 0.08),
        "hole_or_print",
        f"patches of {100 * f.hole_or_print_share:.1f} % of the subject look like backdrop: holes or white print",
        share=f.hole_or_print_share,
    )
    yield doubt(
        0.5 * ramp(f.shadow_or_subject_share, 0.01, 0.3),
        "shadow_or_subject",
        f"gray pieces of {100 * f.shadow_or_subject_share:.0f} % of the subject could be a hard shadow",
        share=f.shadow_or_subject_share,
    )
    # On 115 frames and composites: 0.05 to 30 where a product was bitten or its colored shade cut, nothing elsewhere.
    yield doubt(
        0.75 * ramp(1000 * f.colored_ground_share, 0.1, 4),
        "colored_ground",
        f"colored pixels beside the subject, {1000 * f.colored_ground_share:.1f} per mille of it, were taken for "
        "ground: a bitten print, or a colored shade",
        share=f.colored_ground_share,
    )
    yield doubt(
        0.25 * ramp(1000 * f.ground_share, 0.05, 5),
        "ground_or_subject",
        f"no edge parts {1000 * f.ground_share:.1f} per mille of the subject from the ground: it is as pale, or "
        "ground was kept",
        share=f.ground_share,
    )
    yield doubt(
        0.6 * ramp(f.like_backdrop_share, 0.05, 0.6),
        "translucent_or_alike",
        f"{100 * f.like_backdrop_share:.0f} % of the subject looks like the backdrop: glass, gloss or thin cloth",
        share=f.like_backdrop_share,
    )
    yield doubt(
        0.8 * ramp(f.steadiness, 0.93, 0.6),
        "unsteady",
        f"a slightly other threshold keeps only {100 * f.steadiness:.0f} % of the same outline",
        steadiness=f.steadiness,
    )
