"""How likely a reviewer passes retouched skin unchanged, and what speaks against it."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.core.doubts import Doubt, left_of, ramp
from safelight.core.edit import Confidence, Reason
from safelight.pixels.skin.blemishes import Blemish, told_apart
from safelight.pixels.skin.evening import burnt_share
from safelight.steps.skin.face import Face

_MOST = 0.9  # what skin may look like is a matter of taste: a person differs one time in ten whatever was done


def judge_face(face: Face, healed: Sequence[Blemish], number: int, strength: float) -> tuple[Doubt, ...]:
    """Return what speaks against one face: each doubt with the share of approval that it takes."""
    many = face.misgivings
    against: list[Doubt] = []

    def add(weight: float, code: str, text: str, **values: float) -> None:
        if weight > 0:
            against.append((weight, Reason(code, f"face {number}: {text}", values, doubt=True)))

    add(
        0.7 * ramp(many.beard, 0.35, 0.7),
        "beard",
        f"{many.beard:.0%} of chin and jaw is no skin color: a beard",
        share=many.beard,
    )
    rims = f"a dark line runs along {many.glasses:.0%} of the way under an eye: glasses"
    add(0.6 * ramp(many.glasses, 0.45, 0.75), "glasses", rims, share=many.glasses)
    paint = f"lips are {many.lipstick:.1f} stops redder than skin: make-up, which is meant to be seen"
    add(0.4 * ramp(many.lipstick, 0.75, 1.3), "make_up", paint, stops=many.lipstick)
    covered = f"{many.covered:.0%} of the face has another color than its skin: hair, shade, a hand or ink"
    add(0.6 * ramp(many.covered, 0.2, 0.5), "covered", covered, share=many.covered)
    small = f"a millimeter of skin is {face.px_per_mm:.1f} px: small spots can't be told"
    add(0.4 * ramp(face.px_per_mm, 1.6, 0.9), "small_face", small, px_per_mm=face.px_per_mm)
    burnt = burnt_share(face.light, face.skin)
    add(0.5 * ramp(burnt, 0.002, 0.03), "burnt_skin", f"{burnt:.1%} of the skin is burnt out", share=burnt)
    unsure = [each for each in healed if each.likely < 0.9 or told_apart(each.share_red) < 0.4]
    if unsure:
        worst = min(0.8, 0.12 * len(unsure))
        add(worst, "unsure_spots", f"{len(unsure)} healed spots may be freckles or shade", spots=float(len(unsure)))
    add(0.25 * ramp(strength, 0.5, 1.0), "strong", f"evened at {strength:.2f} of full strength", strength=strength)
    return tuple(against)


def confidence_of(doubts: Sequence[Doubt], *, left: int) -> Confidence:
    """Return what all doubts leave; `left` likely blemishes that were not healed each take a little."""
    return Confidence(round(max(0.03, left_of(_MOST, doubts) * 0.97 ** min(left, 20)), 3))
