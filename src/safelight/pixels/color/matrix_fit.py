"""From measured chart patches to a color matrix, chosen by what it does to patches it has not seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from safelight.errors import ParameterError
from safelight.pixels.color.chart_reference import NEUTRALS, lab_of_light, light_of_lab, reference_lab
from safelight.pixels.color.difference import delta_e_2000
from safelight.pixels.color.spaces import WORKING, matrix_to_xyz

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Model = Literal["identity", "linear_white", "linear_free", "root_polynomial"]
ToneKind = Literal["", "power", "bend"]

Tone = tuple[float, float, float]

NO_TONE: Tone = (0.0, 1.0, 0.0)
LEAST_PATCHES = 18
# The light in which a bend is known: from under the black patch to just above white, in natural logarithms.
_DARKEST, _LIGHTEST = -4.0, 0.05
_BENDS = (0.25, 3.2)  # slopes of a tone that are believed, at either end
# A sound camera matrix in wide primaries stays well inside: 11 cameras' matrices to Rec.2020 have conditions of 2 to 5.
MOST_CONDITION, MOST_COEFFICIENT, MOST_GAIN_STOPS = 8.0, 4.0, 3.5
_RIDGE = 0.02  # pull toward doing nothing: a chart's noise must not become a matrix
# What a more free model must win by, in mean ΔE00 on patches left out, before it is taken for the plainer one.
_LEAST_WIN, _LEAST_RATIO = 0.15, 0.93
_TONES: tuple[ToneKind, ...] = ("", "power", "bend")
_PAIRS = ((0, 1), (1, 2), (2, 0))


@dataclass(frozen=True)
class Correction:
    """A correction of light in linear Rec.2020.

    ``light -> rows @ [r', g', b', sqrt(r'g'), sqrt(g'b'), sqrt(b'r')]`` with ``x' = undo_tone(gains * x, tone)``; the
    last three columns are 0 but for a root polynomial.

    Parameters
    ----------
    model : str
    rows : (3, 6) float64
        What acts on balanced light; in all but ``linear_free`` each row sums to 1, so that gray stays gray.
    gains : (3,) float64
        What balances the chart's neutrals and brings them to their published luminance.
    tone : (level, exponent, bend)
        What undoes a camera's contrast, see `undo_tone`; (0, 1, 0) for RAW.
    slope : (2,) float64
        How the light falls over the chart: stops from its middle to its right and to its lower end.
    """

    model: Model
    rows: Floats
    gains: Floats
    tone: Tone = NO_TONE
    slope: tuple[float, float] = (0.0, 0.0)

    @property
    def matrix(self) -> Floats:
        """The linear part, (3, 3)."""
        return self.rows[:, :3]

    @property
    def condition(self) -> float:
        """How much more an error of the camera may grow in one direction than in another, at the worst of 24 colors."""
        light = light_of_lab(reference_lab("classic_after_2014"))
        return float(np.linalg.cond(self.rows[:, :3] + self.rows[:, 3:] @ _root_slopes(light)).max())

    def balanced(self, light: Floats) -> Floats:
        """Return `light`, (..., 3), with the chart's neutrals neutral and at their luminance."""
        return undo_tone(light * self.gains, self.tone)

    def apply(self, light: Floats) -> Floats:
        """Return corrected `light`, (..., 3) linear Rec.2020."""
        return np.asarray(features(self.balanced(light)) @ self.rows.T)


@dataclass(frozen=True)
class Fit:
    """A correction with what it is worth: ΔE00 by patch, NaN where a patch was not usable.

    `before` is the chart as it was photographed, at the luminance of its neutrals; `balanced` with neutrals neutral;
    `after` with the correction; `left_out` where each patch was predicted by a fit that had not seen it; `tried` the
    mean of `left_out` by model. `doubts` are reasons why it should not be used.
    """

    correction: Correction
    chart: str
    usable: Bools
    before: Floats
    balanced: Floats
    after: Floats
    left_out: Floats
    tried: dict[str, float]
    doubts: tuple[str, ...] = ()


def undo_tone(light: Floats, tone: Tone) -> Floats:
    """Undo a camera's contrast: ``exp(level + exponent u + bend u²)`` with ``u = log(light)``.

    Beyond the light of the patches the curve goes on with the slope of its end; 0 and less stay 0.

    Examples
    --------
    >>> undo_tone(np.array([0.0, 0.25]), (0.0, 0.5, 0.0)).tolist()
    [0.0, 0.5]
    """
    if tone == NO_TONE:
        return light
    level, exponent, bend = tone
    u = np.log(np.maximum(light, 1e-12))
    held = np.clip(u, _DARKEST, _LIGHTEST)
    out = np.exp(level + exponent * held + bend * held**2 + (exponent + 2 * bend * held) * (u - held))
    return np.asarray(np.where(light > 0, out, 0.0))


def neutral_of(measured: Floats, usable: Bools, chart: str) -> Floats:
    """Return the light, (3,), that a perfectly white and neutral patch would have sent, by the usable grays.

    Examples
    --------
    >>> seen = 0.5 * light_of_lab(reference_lab("classic_after_2014"))
    >>> neutral_of(seen, np.ones(24, bool), "classic_after_2014").round(3).tolist()
    [0.5, 0.5, 0.5]
    """
    gains, _ = _balance(measured, light_of_lab(reference_lab(chart)), usable, tone="")
    return np.asarray(1 / gains)


def features(light: Floats) -> Floats:
    """Return r, g, b and the roots of their products, (..., 6): root-polynomial features of degree 2.

    All six double with the light, so that a correction made of them holds at any exposure.

    References
    ----------
    Finlayson, Mackiewicz and Hurlbert, "Color correction using root-polynomial regression" (2015).
    """
    held = np.maximum(light, 0.0)
    roots = [np.sqrt(held[..., i] * held[..., j]) for i, j in _PAIRS]
    return np.concatenate([light, np.stack(roots, axis=-1)], axis=-1)


def fit_chart(
    measured: Floats,
    *,
    usable: Bools | None = None,
    places: Floats | None = None,
    charts: Sequence[str] = ("classic_after_2014", "classic_before_2014"),
    undo_contrast: bool = False,
) -> Fit:
    """Find the correction that brings a photographed chart to its published colors.

    Parameters
    ----------
    measured : (24, 3) float64, linear Rec.2020
        Patches in reading order, neutrals last.
    usable : (24,) bool, optional
        False for patches that are clipped or glare.
    places : (24, 2) float64, optional
        Where the patches lie on the chart, -1 to 1 in x and y: with them light that falls off is allowed for.
    charts : names of `chart_reference.CHARTS`
        The one with the smaller error after correction is taken.
    undo_contrast : bool
        Whether a camera's contrast is looked for too; a RAW has none.

    Returns
    -------
    Fit

    Raises
    ------
    ParameterError
        If fewer than 18 patches or fewer than three grays are usable, or light is not positive.

    Notes
    -----
    Least squares in the metric of ΔE00: errors of light are weighed by the derivative of Lab at the published color
    and by CIEDE2000's own weights, so that a fit is one linear solution. The model is the plainest that wins on
    patches left out: balance, gray-preserving matrix, free matrix, root polynomial.
    """
    measured = np.asarray(measured, np.float64)
    known = np.ones(24, bool) if usable is None else np.asarray(usable, bool).copy()
    if measured.shape != (24, 3) or not np.isfinite(measured[known]).all() or (measured[known] <= 0).any():
        raise ParameterError("a chart has 24 patches of three positive, finite numbers of light")
    grays = [each for each in NEUTRALS if known[each]]
    if known.sum() < LEAST_PATCHES or len(grays) < 3:
        raise ParameterError(
            f"{int(known.sum())} of 24 patches and {len(grays)} of 6 grays are usable; "
            f"{LEAST_PATCHES} and 3 are needed: photograph the chart again without glare and clipping"
        )
    fits = [_fit_reference(measured, known, places, name, tone=undo_contrast) for name in charts]
    return min(fits, key=lambda each: float(np.nanmean(each.left_out)))


def _fit_reference(measured: Floats, known: Bools, places: Floats | None, chart: str, *, tone: bool) -> Fit:
    lab = reference_lab(chart)
    target = light_of_lab(lab)
    best: tuple[float, Correction, Floats] | None = None
    tried: dict[str, float] = {}
    for model, with_tone, with_slope in _candidates(places is not None, tone):
        made = _solve(measured, target, lab, known, model, places if with_slope else None, tone=with_tone)
        if not _is_tame(made):
            continue
        errors = np.full(24, np.nan)
        for each in np.flatnonzero(known):
            without = known.copy()
            without[each] = False
            solved = _solve(measured, target, lab, without, model, places if with_slope else None, tone=with_tone)
            errors[each] = _errors(solved, measured, lab, places)[each]
        mean = float(np.nanmean(errors))
        name = model + (f"+{with_tone}" if with_tone else "") + ("+slope" if with_slope else "")
        tried[name] = round(mean, 3)
        if best is None or mean < best[0] * _LEAST_RATIO - _LEAST_WIN * (best[1].model != model):
            best = mean, made, errors
    assert best is not None  # the first candidate, a bare balance, is always tame or refused below
    made, left_out = best[1], best[2]
    plain = _level(measured, target, known)
    only = replace(made, model="identity", rows=_identity_rows())
    found = [_errors(each, measured, lab, places) for each in (plain, only, made)]
    before, balanced, after = (np.where(known, each, np.nan) for each in found)
    return Fit(made, chart, known, before, balanced, after, left_out, tried, tuple(_doubts(made, left_out)))


def _candidates(has_places: bool, has_tone: bool) -> Iterator[tuple[Model, ToneKind, bool]]:  # noqa: FBT001
    models: tuple[Model, ...] = ("identity", "linear_white", "linear_free", "root_polynomial")
    for model in models:
        for tone in _TONES if has_tone else _TONES[:1]:
            for slope in (False, True) if has_places else (False,):
                yield model, tone, slope


def _solve(
    measured: Floats, target: Floats, lab: Floats, known: Bools, model: Model, places: Floats | None, *, tone: ToneKind
) -> Correction:
    """Fit balance, then rows, then the fall of light over the chart, and all again once it is known."""
    slope = np.zeros(2)
    made = Correction(model, _identity_rows(), np.ones(3))
    for _ in range(1 if places is None else 3):
        flat = measured if places is None else measured / 2.0 ** (places @ slope)[:, None]
        gains, curve = _balance(flat, target, known, tone=tone)
        made = Correction(model, _identity_rows(), gains, curve, (float(slope[0]), float(slope[1])))
        made = replace(made, rows=_rows(made.balanced(flat), target, lab, known, model))
        if places is not None:
            slope = slope + _slope_left(made, flat, target, known, places)
    return made


def _balance(light: Floats, target: Floats, known: Bools, *, tone: ToneKind) -> tuple[Floats, Tone]:
    """Gains, and a tone, that bring the grays to their published light: least squares of logarithms."""
    grays = np.array([each for each in NEUTRALS if known[each]])
    if len(grays) < 2:
        grays = np.flatnonzero(known)
    x, y = np.log(light[grays]), np.log(target[grays])
    # A logarithm makes much of the dark ones, where flare and noise are; L* makes as little of them as the eye.
    weights = np.cbrt(target[grays].mean(axis=1))[:, None]
    gains = (weights * (y - x)).sum(axis=0) / weights.sum()
    if not tone or len(grays) < 4:
        return np.asarray(np.exp(gains)), NO_TONE
    # What a gain is worth depends on the slope: the channels' ratios are right where they are equal after the curve.
    trust = np.repeat(weights, 3, axis=1).ravel()
    return np.asarray(np.exp(gains)), _curve((x + gains).ravel(), y.ravel(), trust, bent=tone != "power")


def _curve(u: Floats, y: Floats, trust: Floats, *, bent: bool) -> Tone:
    """The tone that carries logarithms `u` to `y`, with a pull toward none: there are few patches."""
    design = np.column_stack([np.ones_like(u), u, u * u])
    pull = np.diag([0.0, 0.005, 0.01]) * trust.sum()
    normal = design.T @ (trust[:, None] * design) + pull
    wanted = design.T @ (trust * y) + pull @ np.array(NO_TONE)
    size = 3 if bent else 2
    level, exponent, bend = (*np.linalg.solve(normal[:size, :size], wanted[:size]), 0.0)[:3]
    ends = [exponent + 2 * bend * each for each in (_DARKEST, _LIGHTEST)]
    if min(ends) < _BENDS[0] or max(ends) > _BENDS[1]:
        bend, exponent = 0.0, float(np.clip(exponent, *_BENDS))
        level = float((trust * (y - exponent * u)).sum() / trust.sum())
    return float(level), float(exponent), float(bend)


def _rows(light: Floats, target: Floats, lab: Floats, known: Bools, model: Model) -> Floats:
    """The rows that bring balanced `light` to `target`, by weighted least squares with a pull toward the identity."""
    if model == "identity":
        return _identity_rows()
    used = features(light)[:, : 6 if model == "root_polynomial" else 3]
    size = used.shape[1]
    # Rows that sum to 1 are the identity plus differences to the last of the features that gray makes equal.
    basis = np.eye(size) if model == "linear_free" else np.delete(np.eye(size) - np.eye(size)[2], 2, axis=0)
    inputs = used @ basis.T
    weigh = _weights(lab.tobytes())[known]
    design = np.einsum("pij,pk->pijk", weigh, inputs[known]).reshape(-1, 3 * inputs.shape[1])
    wanted = np.einsum("pij,pj->pi", weigh, (target - used[:, :3])[known]).ravel()
    # In units of the design's own size, so that the pull means the same for every chart and exposure.
    ridge = _RIDGE * np.sqrt((design**2).sum(axis=0).mean())
    design = np.vstack([design, ridge * np.eye(design.shape[1])])
    solution, *_ = np.linalg.lstsq(design, np.concatenate([wanted, np.zeros(design.shape[1])]), rcond=None)
    rows = np.zeros((3, 6))
    rows[:, :size] = np.eye(3, size) + solution.reshape(3, -1) @ basis
    return rows


@cache
def _weights(lab_bytes: bytes) -> Floats:
    """(24, 3, 3): from a small error of light at each published color to ΔL/S_L, ΔC/S_C, ΔH/S_H."""
    lab = np.frombuffer(lab_bytes, np.float64).reshape(-1, 3)
    light = light_of_lab(lab)
    step = 1e-4
    moved = [lab_of_light(light + step * each) - lab_of_light(light - step * each) for each in np.eye(3)]
    jacobian = np.stack(moved, axis=-1) / (2 * step)
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    cos, sin = lab[:, 1] / np.maximum(chroma, 1e-9), lab[:, 2] / np.maximum(chroma, 1e-9)
    turn = np.zeros((len(lab), 3, 3))
    turn[:, 0, 0] = 1 / (1 + 0.015 * (lab[:, 0] - 50) ** 2 / np.sqrt(20 + (lab[:, 0] - 50) ** 2))
    turn[:, 1, 1], turn[:, 1, 2] = cos / (1 + 0.045 * chroma), sin / (1 + 0.045 * chroma)
    turn[:, 2, 1], turn[:, 2, 2] = -sin / (1 + 0.015 * chroma), cos / (1 + 0.015 * chroma)
    return np.asarray(turn @ jacobian)


def _slope_left(made: Correction, flat: Floats, target: Floats, known: Bools, places: Floats) -> Floats:
    """The plane, in stops, that is left between measured and published luminance."""
    y = matrix_to_xyz(WORKING)[1]
    seen = np.maximum(made.apply(flat) @ y, 1e-6)
    left = np.log2(seen / (target @ y))[known] / made.tone[1]
    weights = np.sqrt(np.cbrt((target @ y)[known]))
    # Twice: what is far off the first plane is a color that the matrix misses, not light.
    plane = np.zeros(3)
    for _ in range(2):
        design = np.column_stack([places[known], np.ones(known.sum())])
        off = np.abs(left - design @ plane)
        trust = weights / np.maximum(1.0, off / max(1e-3, 1.5 * float(np.median(off))))
        plane, *_ = np.linalg.lstsq(design * trust[:, None], left * trust, rcond=None)
    return np.asarray(plane[:2])


def _errors(made: Correction, measured: Floats, lab: Floats, places: Floats | None) -> Floats:
    flat = measured
    if places is not None and any(made.slope):
        flat = measured / 2.0 ** (places @ np.array(made.slope))[:, None]
    return np.asarray(delta_e_2000(lab_of_light(made.apply(flat)), lab), np.float64)


def _level(measured: Floats, target: Floats, known: Bools) -> Correction:
    """The chart as photographed, but for one gain for all channels: what a cast and a camera did is still there."""
    gains, _ = _balance(measured, target, known, tone="")
    return Correction("identity", _identity_rows(), np.full(3, float(np.exp(np.log(gains).mean()))))


def _identity_rows() -> Floats:
    return np.eye(3, 6)


def _root_slopes(light: Floats) -> Floats:
    """How the three roots change with r, g, b: (..., 3, 3)."""
    slopes = np.zeros((*light.shape[:-1], 3, 3))
    held = np.maximum(light, 1e-4)
    for row, (i, j) in enumerate(_PAIRS):
        slopes[..., row, i] = 0.5 * np.sqrt(held[..., j] / held[..., i])
        slopes[..., row, j] = 0.5 * np.sqrt(held[..., i] / held[..., j])
    return slopes


def _is_tame(made: Correction) -> bool:
    """Say whether a correction stays within what a sound camera needs."""
    gains = np.log2(made.gains)
    spread = float(np.ptp(gains))
    return bool(
        made.model == "identity"
        or (
            np.abs(made.rows).max() <= MOST_COEFFICIENT
            and made.condition <= MOST_CONDITION
            and spread <= MOST_GAIN_STOPS
        )
    )


def _doubts(made: Correction, left_out: Floats) -> Iterator[str]:
    spread = float(np.ptp(np.log2(made.gains)))
    if spread > MOST_GAIN_STOPS:
        yield f"its channels differ by {spread:.1f} stops on gray; up to {MOST_GAIN_STOPS} can be told from a fault"
    mean, worst = float(np.nanmean(left_out)), float(np.nanmax(left_out))
    if mean > 6.0:
        yield f"patches left out are still {mean:.1f} ΔE00 off in the mean (worst {worst:.1f}); up to 6 is a chart's"
