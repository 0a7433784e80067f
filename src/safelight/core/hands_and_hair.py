"""Pixels that a machine changed on a hand or in hair: a person looks at those, at the place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from safelight.core.doubts import left_of
from safelight.core.edit import Confidence, Reason

Box = tuple[float, float, float, float]

_TAKES = 0.8  # of the probability: fused fingers and muddy hair are what clients send back
# A palm's box holds the palm; with fingers and wrist it is 2.6 times as wide, as MediaPipe's hand crop is.
_HAND = 1.3
# Of a face's box (brow to chin, ear to ear): how far hair reaches above, beside and below it.
_ABOVE, _BESIDE, _BELOW = 0.9, 0.7, 0.8
_FACE = 0.85  # inside of this share of the box lies skin, not hair


def look_at_people(
    confidence: Confidence,
    reasons: tuple[Reason, ...],
    changed: Sequence[tuple[int, int, int, int]],
    size: tuple[int, int],
    facts: Mapping[str, Any],
) -> tuple[Confidence, tuple[Reason, ...]]:
    """Send a repair to a person where it touches a hand or hair.

    Parameters
    ----------
    confidence, reasons
        What the step would say.
    changed : sequence of (x0, y0, x1, y1), px
        The boxes of what is changed, in the upright original.
    size : (width, height), px
    facts : mapping of step name to facts
        Of a picture: ``people`` says where hands and faces are. Where nobody looked for people, or found none,
        nothing is said.

    Returns
    -------
    (Confidence, tuple of Reason)
        With a reason each for hands and for hair, whose values are the place to look at: x0, y0, x1, y1 in 0..1.

    Notes
    -----
    Hair is not segmented: it is taken to lie within nine tenths of a face's height above it and seven tenths of its
    width beside it. A repair on the forehead is none of hair.

    Examples
    --------
    >>> people = {"people": {"hands": [{"box": [0.4, 0.4, 0.5, 0.5]}], "faces": []}}
    >>> sure, why = look_at_people(Confidence(0.9), (), [(460, 460, 470, 470)], (1000, 1000), people)
    >>> round(sure.value, 2), why[0].code
    (0.18, 'on_hand')
    """
    people = facts.get("people", {})
    told = [
        *_told("on_hand", "on a hand", changed, size, [(_around_palm(each), None) for each in _boxes(people, "hands")]),
        *_told("in_hair", "in hair", changed, size, [_around_face(each) for each in _boxes(people, "faces")]),
    ]
    if not told:
        return confidence, reasons
    value = left_of(confidence.value, [(_TAKES, each) for each in told])
    return Confidence(round(value, 3), confidence.calibrated), (*told, *reasons)


def _boxes(people: Mapping[str, Any], name: str) -> Iterator[Box]:
    for each in people.get(name) or ():
        x0, y0, x1, y1 = (float(side) for side in each["box"])
        yield x0, y0, x1, y1


def _around_palm(box: Box) -> Box:
    middle, half = _middle(box), (_HAND * (box[2] - box[0]), _HAND * (box[3] - box[1]))
    return middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1]


def _around_face(box: Box) -> tuple[Box, Box | None]:
    wide, high = box[2] - box[0], box[3] - box[1]
    around = (box[0] - _BESIDE * wide, box[1] - _ABOVE * high, box[2] + _BESIDE * wide, box[3] + _BELOW * high)
    (x, y), inset = _middle(box), _FACE / 2
    return around, (x - inset * wide, y - inset * high, x + inset * wide, y + (0.5 + _BELOW) * high)


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _told(
    code: str,
    where: str,
    changed: Sequence[tuple[int, int, int, int]],
    size: tuple[int, int],
    zones: Sequence[tuple[Box, Box | None]],
) -> list[Reason]:
    """One reason for all places in the zones (a box, and what inside of it does not count), or none."""
    found = []
    for each in changed:
        box = (each[0] / size[0], each[1] / size[1], each[2] / size[0], each[3] / size[1])
        if any(_meet(box, zone) and not (kept and _within(box, kept)) for zone, kept in zones):
            found.append(box)
    if not found:
        return []
    x0, y0 = (min(each[at] for each in found) for at in (0, 1))
    x1, y1 = (max(each[at] for each in found) for at in (2, 3))
    many = f"{len(found)} place{'s' * (len(found) != 1)}"
    text = f"{many} changed {where}, around {(x0 + x1) / 2:.3f}, {(y0 + y1) / 2:.3f}: a person looks there at 200 %"
    sides = zip(("x0", "y0", "x1", "y1"), (x0, y0, x1, y1), strict=True)
    values: dict[str, float | str] = {name: round(min(max(side, 0.0), 1.0), 5) for name, side in sides}
    return [Reason(code, text, values | {"places": float(len(found))}, doubt=True)]


def _meet(one: Box, two: Box) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def _within(inner: Box, outer: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]
