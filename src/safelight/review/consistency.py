"""Do the views and colorways of a product belong together? Told from what gate 1 measured, before gate 2 looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from safelight.core.batch import FileState
from safelight.core.canonical import to_json
from safelight.core.step import Stage
from safelight.pixels.color.difference import delta_e_2000
from safelight.pixels.measure.cast import angle_between
from safelight.plugins import step_named, step_names
from safelight.workflows.product_board import ProductState

# From where on two views are told to differ: a guide allows a range of fill, so that its middle may wander this far.
FILL_POINTS = 5.0  # of the frame's side, in percent
CENTER_POINTS = 4.0
NEUTRAL_DELTA_E = 3.0  # ΔE00 between the neutrals of two views
STOPS = 0.5  # between two views under one light
SHADOW_STRENGTH, SHADOW_DEG = 10.0, 25.0  # percent of light, and degrees, between the shadows of two views


@dataclass(frozen=True)
class Inconsistent:
    """Two views that do not belong together in one way: what, how far, the limit, and a sentence."""

    kind: str
    files: tuple[str, str]
    value: float
    limit: float
    text: str


def inconsistencies(product: ProductState) -> list[Inconsistent]:
    """Return what does not belong together in a product, by kind; empty where all does or nothing was measured.

    Views of one colorway are held against each other by neutrals, light, exposure and grade; one view in several
    colorways by size and place too.
    """
    shown = [(slot.view, slot.color, file) for slot in product.slots for file in slot.frames if file.version]
    found: list[Inconsistent] = []
    for (view, color, one), (other_view, other_color, other) in combinations(shown, 2):
        if one.asset == other.asset:
            continue
        if color == other_color:
            found += [*_neutrals(one, other), *_light(one, other), *_exposure(one, other)]
        if view and view == other_view and color != other_color:
            found += _framing(one, other)
        found += [*_grade(one, other), *_shadow(one, other)]
    return sorted(found, key=lambda each: (each.kind, each.files))


def _neutrals(one: FileState, other: FileState) -> Iterator[Inconsistent]:
    first, second = (_neutral(each) for each in (one, other))
    if first is not None and second is not None:
        apart = float(delta_e_2000(np.asarray(first), np.asarray(second)))
        if apart > NEUTRAL_DELTA_E:
            said = f"what is nearly gray in the two lies ΔE00 {apart:.1f} apart"
            yield _told("color", one, other, apart, NEUTRAL_DELTA_E, said)


def _light(one: FileState, other: FileState) -> Iterator[Inconsistent]:
    lights = {str(each.sorted.get("lighting", "")) for each in (one, other)} - {""}
    if len(lights) > 1:
        said = f"taken in different light ({' and '.join(sorted(lights))})"
        yield _told("light", one, other, float(len(lights)), 1.0, said)


def _exposure(one: FileState, other: FileState) -> Iterator[Inconsistent]:
    first, second = (_param(each, "exposure", "stops") for each in (one, other))
    same_light = one.sorted.get("lighting") == other.sorted.get("lighting")
    if same_light and first is not None and second is not None and abs(first - second) > STOPS:
        said = f"corrected by {first:+.2f} and {second:+.2f} stops in one light"
        yield _told("exposure", one, other, abs(first - second), STOPS, said)


def _framing(one: FileState, other: FileState) -> Iterator[Inconsistent]:
    for name, limit, said in (
        ("fill", FILL_POINTS, "fills the frame"),
        ("off_center_x", CENTER_POINTS, "stands off the middle, across,"),
        ("off_center_y", CENTER_POINTS, "stands off the middle, up and down,"),
    ):
        first, second = (_measure(each, "margins", name) for each in (one, other))
        if first is not None and second is not None and abs(first - second) > limit:
            text = f"one {said} by {first:.1f} %, the other by {second:.1f} %"
            yield _told("framing", one, other, abs(first - second), limit, text)


def _grade(one: FileState, other: FileState) -> Iterator[Inconsistent]:
    first, second = (_grades(each) for each in (one, other))
    if first and second and first != second:
        names = sorted({*first, *second})
        different = [each for each in names if first.get(each) != second.get(each)]
        yield _told("grade", one, other, float(len(different)), 0.0, f"graded apart: {', '.join(different)}")


def _shadow(one: FileState, other: FileState) -> Iterator[Inconsistent]:
    """Shadows of one product fall one way, as deep in one view as in the other."""
    first, second = (_shadow_of(each) for each in (one, other))
    if not first or not second:
        return
    strength = abs(first["strength"] - second["strength"])
    if strength > SHADOW_STRENGTH:
        said = f"shadows take {first['strength']:.0f} and {second['strength']:.0f} % of the light"
        yield _told("shadow", one, other, strength, SHADOW_STRENGTH, said)
    if "direction" in first and "direction" in second:
        apart = angle_between(first["direction"], second["direction"])
        if apart > SHADOW_DEG:
            said = f"shadows fall {apart:.0f}° apart"
            yield _told("shadow", one, other, apart, SHADOW_DEG, said)


def _shadow_of(file: FileState) -> dict[str, float]:
    names = ("strength", "direction", "softness")
    found = {name: _measure(file, "shadow_consistency", name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _told(kind: str, one: FileState, other: FileState, value: float, limit: float, said: str) -> Inconsistent:
    names = tuple(sorted((one.path, other.path)))
    return Inconsistent(kind, (names[0], names[1]), round(value, 3), limit, f"{names[0]} and {names[1]}: {said}")


def _verdict(file: FileState, check: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next((v for v in file.judged.get("verdicts") or () if v["check"] == check), {})
    return found


def _measure(file: FileState, check: str, name: str) -> float | None:
    measures = _verdict(file, check).get("measures") or ()
    return next((each["value"] for each in measures if each["name"] == name), None)


def _neutral(file: FileState) -> tuple[float, float, float] | None:
    """Return the Lab color of what is nearly gray, as gate 1 measured it; None where nothing is."""
    lightness, a, b = (_measure(file, "color_drift", f"neutrals_{axis}") for axis in "Lab")
    return None if lightness is None or a is None or b is None else (lightness, a, b)


def _steps(file: FileState) -> Sequence[Mapping[str, Any]]:
    steps: Sequence[Mapping[str, Any]] = file.made.get("edit", {}).get("steps", ())
    return steps


def _param(file: FileState, step: str, name: str) -> float | None:
    own = next((each for each in _steps(file) if each["step"] == step), {})
    value = own.get("params", {}).get(name)
    return float(value) if isinstance(value, (int, float)) else None


def _grades(file: FileState) -> dict[str, str]:
    """Return what the grade of a version is set to, by step; its seed of grain is its own."""
    found = {}
    for each in _steps(file):
        name = each["step"]
        if name in step_names() and step_named(name).stage == Stage.GRADE and name != "grain":
            found[name] = to_json(each["params"])
    return found
