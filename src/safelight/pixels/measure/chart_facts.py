"""What a chart says of the picture it stands in, as facts: colors, light, glare, and the corrections it speaks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.errors import ParameterError
from safelight.pixels.color.chart_reference import CHARTS, NAMES, NEUTRALS, reference_lab
from safelight.pixels.color.matrix_fit import Fit, fit_chart, neutral_of
from safelight.pixels.color.spaces import luminance
from safelight.pixels.measure.chart import Chart, find_chart

# A patch with more than this share of clipped pixels, or such a gradient, says nothing of its color.
_MOST_CLIPPED, _MOST_UNEVEN = 0.05, 0.4
_MOST_GLARE = 0.05  # of white, over the black patch: at 0.05 dark patches gain 8 L*
_MOST_SLOPE_STOPS = 1.0  # over the whole chart; beyond, the plane that is allowed for is no longer one


def read_chart(
    rgb: NDArray[np.float32],
    clipped: NDArray[np.bool_] | None = None,
    *,
    charts: Sequence[str] = tuple(CHARTS),
    scene_referred: bool = False,
) -> dict[str, Any]:
    """Find a chart and return facts about it, as JSON data.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020
    clipped : (H, W) bool, optional
        Where the picture's own space is at an end.
    charts : names of `safelight.pixels.color.chart_reference.CHARTS`
        Which published values may hold; the better fit is taken.
    scene_referred : bool
        True for RAW: then no contrast is undone.

    Returns
    -------
    dict
        ``found`` and, where false, ``why``. Else ``kind``, ``chart``, ``corners`` (centers of patches 1, 6, 24, 19) and
        ``places`` in 0..1 of width and height, ``share`` of the frame, ``patches``, ``neutral_rgb`` (light of a perfect
        white; its ratios are the cast), ``exposure_stops`` (how far that white lies from 1.0), ``glare``, ``doubts``,
        and ``matrix`` and ``whole``: corrections after balance, and with the chart's own balance and the camera's
        contrast. A correction with ``doubts`` is not to be used.

    Examples
    --------
    >>> read_chart(np.full((64, 64, 3), 0.5, np.float32))
    {'found': False, 'why': 'no chart'}
    """
    chart = find_chart(rgb, clipped)
    if not chart.found:
        return no_chart(chart.why)
    height, width = rgb.shape[:2]
    usable = is_usable(chart)
    facts = {
        "found": True,
        "kind": chart.kind,
        "corners": _shares(chart.corners, width, height),
        "places": _shares(chart.places, width, height),
        "side": [round(chart.side_px / width, 5), round(chart.side_px / height, 5)],
        "share": round(chart.share, 4),
        "glare": round(chart.glare, 4),
    }
    doubts = list(_doubts(chart, usable))
    try:
        fits = {
            name: fit_chart(chart.rgb, usable=usable, places=_on_chart(), charts=charts, undo_contrast=undo)
            for name, undo in (("matrix", False), ("whole", not scene_referred))
        }
    except ParameterError as error:
        return facts | {"patches": _patches(chart, usable, {}, charts[0]), "doubts": [*doubts, str(error)]}
    name = fits["matrix"].chart
    white = neutral_of(chart.rgb, usable, name)
    across = 2 * float(np.hypot(*fits["matrix"].correction.slope))
    if across > _MOST_SLOPE_STOPS:
        doubts.append(f"the light differs by {across:.1f} stops over the chart; up to {_MOST_SLOPE_STOPS:g} is even")
    level = float(luminance(white.astype(np.float32)))
    return facts | {
        "chart": name,
        "patches": _patches(chart, usable, fits, name),
        "neutral_rgb": [round(float(each), 5) for each in white],
        "exposure_stops": round(float(np.log2(level)), 3),
        "uneven_stops": round(across, 3),
        "doubts": doubts,
        **{key: _correction(fit, doubts) for key, fit in fits.items()},
    }


def no_chart(why: str = "no chart") -> dict[str, Any]:
    """Return the facts of a picture without a chart that could be used."""
    return {"found": False, "why": why}


def is_usable(chart: Chart) -> NDArray[np.bool_]:
    """Say which patches, (24,) bool, tell their color: not clipped, even, and with light in every channel."""
    light = (chart.rgb > 1e-6).all(axis=1)
    return np.asarray((chart.clipped <= _MOST_CLIPPED) & (chart.uneven <= _MOST_UNEVEN) & light)


def _on_chart() -> NDArray[np.float64]:
    return np.array([[(column - 2.5) / 2.5, (row - 1.5) / 2.5] for row in range(4) for column in range(6)])


def _doubts(chart: Chart, usable: NDArray[np.bool_]) -> Iterator[str]:
    """Reasons why no color is taken from this chart."""
    if chart.glare > _MOST_GLARE:
        yield f"glare: {chart.glare:.1%} of white lies over the black patch; up to {_MOST_GLARE:.0%} can be used"
    uneven = [NAMES[each] for each in np.flatnonzero(chart.uneven > _MOST_UNEVEN)]
    if len(uneven) > 2:
        yield f"reflections: the light changes inside {len(uneven)} patches ({', '.join(uneven[:3])}...)"
    grays = [each for each in NEUTRALS if usable[each]]
    if len(grays) < 4:
        yield f"{len(grays)} of 6 gray patches are usable; the others are clipped or uneven"
    if float(np.median(chart.noise)) > 0.1:
        yield f"noise: {float(np.median(chart.noise)):.0%} of the light in the middle patch"


def _shares(points: NDArray[np.float64], width: int, height: int) -> list[list[float]]:
    return [[round(float(x / width), 5), round(float(y / height), 5)] for x, y in points]


def _patches(chart: Chart, usable: NDArray[np.bool_], fits: dict[str, Fit], name: str) -> list[dict[str, Any]]:
    lab = reference_lab(name)
    rows = []
    for each in range(24):
        row: dict[str, Any] = {
            "name": NAMES[each],
            "rgb": [round(float(v), 6) for v in chart.rgb[each]],
            "reference_lab": [round(float(v), 3) for v in lab[each]],
            "usable": bool(usable[each]),
            "clipped": round(float(chart.clipped[each]), 3),
            "noise": round(float(chart.noise[each]), 4),
            "uneven_stops": round(float(chart.uneven[each]), 3),
        }
        for key, fit in fits.items():
            row[key] = {
                when: _number(values[each])
                for when, values in (
                    ("before", fit.before),
                    ("balanced", fit.balanced),
                    ("after", fit.after),
                    ("left_out", fit.left_out),
                )
            }
        rows.append(row)
    return rows


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 2)


def _correction(fit: Fit, doubts: Sequence[str]) -> dict[str, Any]:
    made = fit.correction
    return {
        "model": made.model,
        "rows": [[round(float(each), 6) for each in row] for row in made.rows],
        "gains": [round(float(each), 6) for each in made.gains],
        "tone": [round(float(each), 6) for each in made.tone],
        "condition": round(made.condition, 2),
        "delta_e": {
            when: [round(float(np.nanmean(values)), 2), round(float(np.nanmax(values)), 2)]
            for when, values in (
                ("before", fit.before),
                ("balanced", fit.balanced),
                ("after", fit.after),
                ("left_out", fit.left_out),
            )
        },
        "tried": fit.tried,
        "doubts": [*doubts, *fit.doubts],
    }
