"""Find a ColorChecker Classic in a picture and read the light of its patches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.chart_reference import COLUMNS, NEUTRALS, ROWS, reference_lab
from safelight.pixels.color.light import codes_table_of
from safelight.pixels.color.spaces import luminance
from safelight.pixels.measure.afar import finite, shrunk
from safelight.pixels.measure.ranked import percentiles

Floats = NDArray[np.float64]

_LONG_SIDE = 900  # what the finder looks at; charts down to a tenth of the frame's width are found there
_SHORT_SIDE = 700  # smaller pictures are enlarged for it: it needs contours of some length
_LEAST_PATCH_PX = 8.0
_PITCH = 40  # px from patch to patch once the chart is laid straight
_INNER = 0.5  # share of a patch's side that is read: beside it lie its edge, its shadow and the lens's blur
# Charts as photographed show 19 to 45 even patches, also cut off; three in five catalogue pictures stay below 14.
_EVEN_STEPS, _LEAST_EVEN = (12, 24), 12
_LEAST_HINTED = 9  # at half the size, of colors: some patches of a chart in shade look alike
_ANOTHER_COLOR = 12  # code values
_MOST_LOOKED_AT = 200
_SOME_SQUARES = 8  # with fewer, stripes or a window were taken for a chart, and nobody needs to hear of it
_LEAST_SQUARES = 15  # patches that must show as squares where they belong
# The finder's own model: patches of 2.5 with 0.25 between and around them.
_MODEL = (16.75, 11.25, 1.5, 2.75)
# How far 24 colors may lie from the published ones (rms of Lab after any linear change of cube roots): right
# charts under phone cameras stay under 9, any wrong order of patches is beyond 25.
_MOST_OFF = 14.0


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart in a picture, or why there is none that could be used.

    Parameters
    ----------
    found : bool
    why : str
        In a few words, where it is not found: "no chart", or what was seen and is wrong with it.
    corners : (4, 2) float64
        x, y of the centers of patches 1, 6, 24, 19, pixels of the picture, centers at half. Empty without a chart.
    places : (24, 2) float64
        The patches' centers.
    side_px : float
        Side of a patch.
    side : float
        The same as a share of the way from patch to patch: 0.85 on a Classic, 0.75 on a Passport.
    rgb : (24, 3) float64
        Median light of the inner part of each patch, in reading order, the neutrals last.
    clipped : (24,) float64
        Share of each patch's pixels that the caller called clipped.
    noise : (24,) float64
        Standard deviation, robust, of luminance inside each patch, as a share of it.
    uneven : (24,) float64
        Difference of luminance between the halves of a patch, in stops: a reflection's edge or a gradient.
    share : float
        Of the picture that the chart takes, edge to edge.
    """

    found: bool
    why: str = ""
    corners: Floats = field(default_factory=lambda: np.empty((0, 2)))
    places: Floats = field(default_factory=lambda: np.empty((0, 2)))
    side_px: float = 0.0
    side: float = 0.0
    rgb: Floats = field(default_factory=lambda: np.empty((0, 3)))
    clipped: Floats = field(default_factory=lambda: np.empty(0))
    noise: Floats = field(default_factory=lambda: np.empty(0))
    uneven: Floats = field(default_factory=lambda: np.empty(0))
    share: float = 0.0

    @property
    def kind(self) -> str:
        """``"passport"`` or ``"classic"``, by how far apart the patches stand."""
        return "passport" if self.side < 0.8 else "classic"

    @property
    def glare(self) -> float:
        """Light that lies over the black patch beyond its own, as a share of white; 0 for charts darker than that.

        Published black is 3.5 % of white.
        """
        white, black = (float(luminance(self.rgb[each].astype(np.float32))) for each in (18, 23))
        return max(0.0, (black / max(white, 1e-9) - 0.035) / (1 - 0.035))


def find_chart(rgb: NDArray[np.float32], clipped: NDArray[np.bool_] | None = None) -> Chart:
    """Find a ColorChecker Classic (also the Passport's page of it) and read its patches.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020
        Of any exposure. NaN counts as 0.
    clipped : (H, W) bool, optional
        Where the picture holds no light but an end of its scale.

    Returns
    -------
    Chart
        Refused, with the reason, if patches do not lie on a straight grid, the order of colors is another chart's or
        a mirror's, the chart is cut off by the frame, or its patches are smaller than 8 px.

    References
    ----------
    OpenCV contrib, module mcc, proposes the place; the grid is then fitted to the patches' own centers.
    """
    finite = bool(np.isfinite(rgb.sum(dtype=np.float64)))
    light = rgb if finite else np.nan_to_num(rgb, nan=0.0, posinf=65504.0, neginf=0.0)
    if min(light.shape[:2]) < 32:
        return Chart(found=False, why="the picture is smaller than 32 px")
    gain = _gain(light)
    quads = list(_propose(light, gain))
    if not quads:
        return Chart(found=False, why="no chart")
    levels, refusals = _levels(light, gain), []
    for quad in quads:
        made = _read(light, levels, quad, clipped)
        if made.found:
            return made
        refusals.append(made)
    return next((each for each in refusals if each.why != "no chart"), refusals[0])


def _gain(light: NDArray[np.float32]) -> float:
    """How much a picture is lifted, or held back, to be looked at."""
    most = float(percentiles(light[::4, ::4], (99.5,))[0])
    return 0.9 / most if 0 < most < 0.6 or most > 1.5 else 1.0


def _levels(light: NDArray[np.float32], gain: float) -> NDArray[np.uint8]:
    """The picture as 8-bit BGR code values of the working primaries, with its light lifted where it is dark."""
    whole = cv2.addWeighted(light, 65535.0 * gain, light, 0.0, 0.0, dtype=cv2.CV_16U)
    return np.asarray(cv2.cvtColor(cv2.LUT(whole, codes_table_of("srgb")), cv2.COLOR_RGB2BGR), np.uint8)


def may_hold_chart(rgb: NDArray[np.float32]) -> bool:
    """Tell whether a chart could be in a picture at all: even patches, of several colors.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020
        300 to 800 px; NaN counts as 0.

    Notes
    -----
    Costs a tenth of `find_chart`, which begins with the same question.

    Examples
    --------
    >>> may_hold_chart(np.full((600, 800, 3), 0.18, np.float32))
    False
    """
    light = finite(rgb)
    if min(light.shape[:2]) < 32:
        return True  # find_chart says what is wrong with it
    levels = _levels(shrunk(light, _LONG_SIDE // 2), _gain(light))
    scale = max(levels.shape[:2]) / _LONG_SIDE
    return _most_colors(levels, min(0.25, scale * scale)) >= _LEAST_HINTED


def _most_colors(levels: NDArray[np.uint8], area_scale: float) -> int:
    """How many colors the even patches of about one size have: a chart 18 and more, grain and cloth a few."""
    most = 0
    for places, areas in _patches(levels, area_scale):
        order = np.argsort(areas, kind="stable")
        alike = np.searchsorted(areas[order], 2.5 * areas[order]) - np.arange(len(order))
        if not len(order) or int(alike.max()) < _LEAST_HINTED:
            continue
        first = int(np.argmax(alike))
        chosen = places[order[first : first + int(alike[first])]]
        different: list[NDArray[np.int16]] = []
        for color in levels[chosen[:, 1], chosen[:, 0]].astype(np.int16)[:_MOST_LOOKED_AT]:
            if all(int(np.abs(color - each).max()) > _ANOTHER_COLOR for each in different):
                different.append(color)
        most = max(most, len(different))
    return most


def _even_patches(levels: NDArray[np.uint8]) -> int:
    """How many compact, even patches of about one size a picture holds: a chart has 24, most pictures a handful."""
    most = 0
    for _, areas in _patches(levels, 1.0):
        sizes = np.sort(areas)
        most = max(most, int((np.searchsorted(sizes, 2.5 * sizes) - np.arange(len(sizes))).max(initial=0)))
    return most


def _patches(levels: NDArray[np.uint8], area_scale: float) -> Iterator[tuple[NDArray[np.intp], Floats]]:
    """Compact, even patches at each strictness: their middles (x, y) and areas."""
    blue, green, red = cv2.split(cv2.morphologyEx(levels, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)))
    steep = cv2.max(cv2.max(blue, green), red)
    for step in _EVEN_STEPS:
        _, _, stats, middles = cv2.connectedComponentsWithStats((steep < step).astype(np.uint8), connectivity=4)
        wide, high, area = (stats[1:, each].astype(np.float64) for each in (2, 3, 4))
        compact = (area >= 25 * area_scale) & (area < 0.03 * steep.size) & (area > 0.42 * wide * high)
        kept = compact & (wide < 2.2 * high) & (high < 2.2 * wide)
        yield np.asarray(middles)[1:][kept].astype(np.intp), area[kept]


def _finder_levels(light: NDArray[np.float32], gain: float) -> NDArray[np.uint8]:
    """The picture as 8-bit levels at the size that the finder looks at."""
    height, width = light.shape[:2]
    scale = min(1.0, _LONG_SIDE / max(height, width))
    scale = max(scale, min(3.0, _SHORT_SIDE / max(height, width)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    size = max(1, round(width * scale)), max(1, round(height * scale))
    reduced = light if scale == 1 else np.asarray(cv2.resize(light, size, interpolation=how), np.float32)
    return _levels(reduced, gain)


def _propose(light: NDArray[np.float32], gain: float) -> Iterator[Floats]:
    """Quads (corners of the grid in reading order of the finder), most likely first."""
    height, width = light.shape[:2]
    small = _finder_levels(light, gain)
    if _even_patches(small) < _LEAST_EVEN:
        return  # OpenCV's finder takes ten times as long to say so
    mcc: Any = cv2.mcc  # its stubs lack what it has
    parameters = mcc.DetectorParameters_create()
    parameters.maxError = 1.0  # a mirrored or glaring chart shall be found too, and be told why it is refused
    parameters.minContoursAreaRate = 0.0004
    finder = mcc.CCheckerDetector_create()
    if not finder.process(np.ascontiguousarray(small), mcc.MCC24, 3, params=parameters):
        return
    found = sorted(finder.getListColorChecker(), key=lambda each: each.getCost())
    for each in found:
        quad = np.asarray(each.getBox(), np.float64)
        if quad.shape == (4, 2) and np.isfinite(quad).all():
            yield quad * (width / small.shape[1], height / small.shape[0])


def _read(
    light: NDArray[np.float32], levels: NDArray[np.uint8], quad: Floats, clipped: NDArray[np.bool_] | None
) -> Chart:
    height, width = light.shape[:2]
    wide, high, first, pitch = _MODEL
    # From patch coordinates (column, row) to the picture.
    ends = [((0 - first) / pitch, (0 - first) / pitch), ((wide - first) / pitch, (0 - first) / pitch)]
    ends += [((wide - first) / pitch, (high - first) / pitch), ((0 - first) / pitch, (high - first) / pitch)]
    place = cv2.getPerspectiveTransform(np.array(ends, np.float32), quad.astype(np.float32)).astype(np.float64)
    squares, side = 0, 0.8
    for _ in range(3):
        better, squares, side, off = _settled(levels, place)
        if better is None:
            break
        place = better
    inside = np.array([[-0.5, -0.5], [5.5, -0.5], [5.5, 3.5], [-0.5, 3.5]])
    outline = _carried(inside, place)
    outside = (outline < -2).any() or (outline > np.array([width + 2, height + 2])).any()
    at_edge = outside or (outline < 2).any() or (outline > np.array([width - 2, height - 2])).any()
    centers = _carried(_grid(), place)
    side_px = side * float(np.sqrt(cv2.contourArea(centers[[0, 5, 23, 18]].astype(np.float32)) / 15))
    if squares < _SOME_SQUARES:
        return Chart(found=False, why="no chart")
    if squares < _LEAST_SQUARES or off > 0.08:
        near = (outline < 0.03 * max(width, height)).any() or (
            outline > np.array([width, height]) - 0.03 * max(width, height)
        ).any()
        said = "a chart that the frame cuts off" if near else "something like a chart"
        return Chart(found=False, why=f"{said}: {squares} of 24 patches lie where a chart has them")
    if at_edge and outside:
        return Chart(found=False, why="a chart that the frame cuts off")
    if side_px < _LEAST_PATCH_PX:
        said = f"its patches are {side_px:.0f} px wide; {_LEAST_PATCH_PX:.0f} are needed"
        return Chart(found=False, why=f"a chart too small to read: {said}")
    read = [_patch(light, clipped, place, row, column, side) for row in range(ROWS) for column in range(COLUMNS)]
    values = np.array([each[0] for each in read])
    turn, rms = _orientation(values)
    if rms > _MOST_OFF:
        said = f"its colors are {rms:.0f} Lab off in the best order; up to {_MOST_OFF:.0f} is a ColorChecker Classic"
        return Chart(found=False, why=f"another chart, or glare: {said}")
    # The finder names the corners by color, so that a mirror's order runs the other way round in the picture.
    if (turn >= 2) != (_winding(centers) < 0):
        return Chart(found=False, why="the chart is mirrored: the picture was flipped")
    order = _orders()[turn]
    read, centers = [read[each] for each in order], centers[order]
    return Chart(
        found=True,
        corners=centers[[0, 5, 23, 18]],
        places=centers,
        side_px=side_px,
        side=side,
        rgb=values[order],
        clipped=np.array([each[1] for each in read]),
        noise=np.array([each[2] for each in read]),
        uneven=np.array([each[3] for each in read]),
        share=float(cv2.contourArea(outline.astype(np.float32)) / (width * height)),
    )


def _winding(centers: Floats) -> float:
    """Positive where the chart's rows follow its columns clockwise in the picture, as printed."""
    across, down = centers[5] - centers[0], centers[18] - centers[0]
    return float(across[0] * down[1] - across[1] * down[0])


def _grid() -> Floats:
    """Column and row of each patch, (24, 2)."""
    return np.array([[column, row] for row in range(ROWS) for column in range(COLUMNS)], np.float64)


def _carried(points: Floats, place: Floats) -> Floats:
    return np.asarray(cv2.perspectiveTransform(points[None], place)[0], np.float64)


def _settled(levels: NDArray[np.uint8], place: Floats) -> tuple[Floats | None, int, float, float]:
    """Lay the chart straight, find its squares, and fit the grid to their centers.

    Returns the better place (None if too few squares), the number of squares, their side in pitches, and how far
    their centers lie off the grid, in pitches.
    """
    to_canvas = np.array([[_PITCH, 0, _PITCH], [0, _PITCH, _PITCH], [0, 0, 1.0]])
    size = (_PITCH * (COLUMNS + 1), _PITCH * (ROWS + 1))
    straight = cv2.warpPerspective(levels, to_canvas @ np.linalg.inv(place), size, flags=cv2.INTER_LINEAR)
    lab = cv2.cvtColor(cv2.medianBlur(straight, 3), cv2.COLOR_BGR2LAB).astype(np.int16)
    ideal, seen, sides = [], [], []
    for column, row in _grid():
        center, side = _square(lab, _PITCH * (column + 1), _PITCH * (row + 1))
        if center is not None:
            ideal.append((column, row))
            seen.append(((center[0] - _PITCH) / _PITCH, (center[1] - _PITCH) / _PITCH))
            sides.append(side / _PITCH)
    if len(seen) < 8:
        return None, len(seen), 0.8, 1.0
    fitted, _ = cv2.findHomography(np.array(ideal, np.float64), np.array(seen, np.float64), cv2.RANSAC, 0.06)
    if fitted is None:
        return None, len(seen), 0.8, 1.0
    off = np.hypot(*(_carried(np.array(ideal, np.float64), fitted) - np.array(seen)).T)
    return place @ fitted, int((off < 0.1).sum()), float(np.median(sides)), float(np.median(off))


def _square(lab: NDArray[np.int16], x: float, y: float) -> tuple[tuple[float, float] | None, float]:
    """Center and side of the evenly colored square around (x, y); None where there is none."""
    reach, middle = int(0.62 * _PITCH), _PITCH // 6
    x, y = round(x), round(y)
    part = lab[y - reach : y + reach + 1, x - reach : x + reach + 1]
    core = part[reach - middle : reach + middle + 1, reach - middle : reach + middle + 1].reshape(-1, 3)
    color = np.median(core, axis=0)
    if np.median(np.abs(core - color).max(axis=1)) > 10:
        return None, 0.0
    alike = (np.abs(part - color).max(axis=2) <= 14).astype(np.uint8)
    alike = cv2.morphologyEx(alike, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, labels, stats, centers = cv2.connectedComponentsWithStats(alike, connectivity=4)
    mine = int(labels[reach, reach])
    if mine == 0:
        return None, 0.0
    _, _, wide, high, area = (int(each) for each in stats[mine])
    good = min(wide, high) >= 0.45 * _PITCH and max(wide, high) <= 1.02 * _PITCH and area >= 0.8 * wide * high
    if not good:
        return None, 0.0
    return (x - reach + float(centers[mine][0]), y - reach + float(centers[mine][1])), float(np.sqrt(area))


def _patch(
    light: NDArray[np.float32], clipped: NDArray[np.bool_] | None, place: Floats, row: int, column: int, side: float
) -> tuple[Floats, float, float, float]:
    """Median light, clipped share, noise and unevenness inside one patch."""
    half = 0.5 * side * _INNER
    corners = _carried(np.array([[column - half, row - half], [column + half, row + half]]), place)
    count = int(np.clip(np.abs(corners[1] - corners[0]).max(), 5, 64))
    steps = np.linspace(-half, half, count)
    points = _carried(np.array([[column + dx, row + dy] for dy in steps for dx in steps]), place)
    x = np.clip(np.floor(points[:, 0]).astype(int), 0, light.shape[1] - 1)
    y = np.clip(np.floor(points[:, 1]).astype(int), 0, light.shape[0] - 1)
    values = light[y, x].astype(np.float64)
    median = np.median(values, axis=0)
    weights = np.maximum(median, 1e-6)
    y_values = (values / weights).mean(axis=1).reshape(count, count)
    steps_between = np.abs(np.diff(y_values, axis=1))
    # Nineteen in twenty: a scratch or a speck of dust is no noise.
    noise = float(np.sqrt((np.minimum(steps_between, np.percentile(steps_between, 95)) ** 2).mean() / 2))
    half_count = count // 2
    halves = [y_values[:half_count], y_values[-half_count:], y_values[:, :half_count], y_values[:, -half_count:]]
    means = [max(1e-6, float(np.median(each))) for each in halves]
    uneven = max(abs(np.log2(means[0] / means[1])), abs(np.log2(means[2] / means[3])))
    lost = 0.0 if clipped is None else float(clipped[y, x].mean())
    return median, lost, noise, uneven


def _orders() -> tuple[NDArray[Any], ...]:
    """For each turn, which read patch is patch 1, 2, 3..."""
    grid = np.arange(24).reshape(ROWS, COLUMNS)
    return tuple(each.ravel() for each in (grid, grid[::-1, ::-1], grid[:, ::-1], grid[::-1]))


def _orientation(values: Floats) -> tuple[int, float]:
    """The turn whose colors lie nearest to the published ones, and their distance (rms of Lab).

    Any linear change of cube roots is allowed first, so that neither cast nor exposure nor contrast decides.
    """
    lab = reference_lab("classic_after_2014")
    roots = np.cbrt(np.maximum(values, 0.0))
    distances = []
    for order in _orders():
        design = np.column_stack([roots[order], np.ones(24)])
        solution, *_ = np.linalg.lstsq(design, lab, rcond=None)
        lightness = float(np.corrcoef(roots[order].mean(axis=1), lab[:, 0])[0, 1])
        # A negative of a chart fits as well: the grays must fall from white to black.
        falling = np.diff(roots[order][list(NEUTRALS)].mean(axis=1)).max() < 0.02
        rms = float(np.sqrt(((design @ solution - lab) ** 2).sum(axis=1).mean()))
        distances.append(rms if falling and lightness > 0.5 else rms + 50.0)
    turn = int(np.argmin(distances))
    return turn, distances[turn]
