"""Whether two frames show the same subject the same way: near-duplicates, told from recolors and look-alikes."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.measure.laid_over import Ground, lay_over
from safelight.pixels.measure.likely import candidates

THUMBNAIL_PX = 256
USUAL_SIMILARITY = 0.9
_LIES_ON_PX = 1.5  # of 256: what features find for frames that did not move
_GRID = 4
# Measured on bursts, hand-held second frames, recolors and look-alikes (see the README of step similarity).
_LEAST_INLIERS = 18
_LEAST_INLIER_SHARE = 0.3
_LEAST_CORRELATION = 0.8


@dataclass(frozen=True, eq=False)
class Descriptor:
    """What is kept of a frame to compare it by.

    `thumbnail` is a JPEG of at most 256 px in sRGB; `layout` (48) the mean CIE Lab of 4 x 4 fields, light relative to
    the frame's mean; `colors` (144) the root of a Lab histogram; `aspect` the base-2 logarithm of width / height.
    """

    thumbnail: bytes
    layout: NDArray[np.float32]
    colors: NDArray[np.float32]
    aspect: float

    def to_data(self) -> dict[str, str | float]:
        """Return JSON data, 8 to 20 kB."""
        signature = np.concatenate([self.layout, self.colors]).astype("<f2")
        return {
            "thumbnail": base64.b64encode(self.thumbnail).decode("ascii"),
            "signature": base64.b64encode(signature.tobytes()).decode("ascii"),
            "aspect": round(self.aspect, 4),
        }

    @staticmethod
    def from_data(data: dict[str, str | float]) -> Descriptor:
        """Read what `to_data` wrote."""
        signature = np.frombuffer(base64.b64decode(str(data["signature"])), "<f2").astype(np.float32)
        thumbnail = base64.b64decode(str(data["thumbnail"]))
        return Descriptor(thumbnail, signature[: 3 * _GRID**2], signature[3 * _GRID**2 :], float(data["aspect"]))

    @cached_property
    def ground(self) -> Ground:
        """The thumbnail with what is asked of it each time another is laid over it: some 0.9 MB, so see `forget`."""
        return Ground(self.rgb)

    def forget(self) -> None:
        """Let go of `ground`."""
        self.__dict__.pop("ground", None)

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """The thumbnail's pixels, (H, W, 3) sRGB."""
        found = cv2.imdecode(np.frombuffer(self.thumbnail, np.uint8), cv2.IMREAD_COLOR)
        return np.ascontiguousarray(np.asarray(found, np.uint8)[..., ::-1])

    @cached_property
    def features(self) -> tuple[NDArray[np.float32], NDArray[np.float16]]:
        """Places (N, 2) and descriptors (N, 128) of up to 400 SIFT features, as their Hellinger kernel.

        Half floats: thousands of frames are held at once, at about 60 kB each.
        """
        gray = cv2.cvtColor(self.rgb, cv2.COLOR_RGB2GRAY)
        places, found = cv2.SIFT.create(nfeatures=400, contrastThreshold=0.015).detectAndCompute(gray, None)
        if found is None or not len(places):
            return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float16)
        root = np.sqrt(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-6))
        return np.array([each.pt for each in places], np.float32), root.astype(np.float16)


@dataclass(frozen=True)
class Likeness:
    """How alike two frames are.

    `inliers` features agree on one shift, turn and scale, as `inlier_share` of those that matched; after moving one
    onto the other, `correlation` is that of lightness over the subject, `color_middle` and `color_high` the median and
    the 90th percentile of the difference of a*, b* there (exposure evened out). NaN where nothing could be aligned.
    """

    near: bool
    inliers: int
    inlier_share: float
    correlation: float
    color_middle: float
    color_high: float


_UNLIKE = Likeness(near=False, inliers=0, inlier_share=0.0, correlation=np.nan, color_middle=np.nan, color_high=np.nan)


def describe(srgb: NDArray[np.uint8]) -> Descriptor:
    """Describe a frame for comparison.

    Parameters
    ----------
    srgb : (H, W, 3) uint8, sRGB code values
        At any size; it is reduced to 256 px.

    Notes
    -----
    Deterministic: the same pixels give the same bytes.
    """
    height, width = srgb.shape[:2]
    scale = min(1.0, THUMBNAIL_PX / max(height, width))
    # Features need a few pixels on the short side of even the longest strip.
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = np.ascontiguousarray(cv2.resize(srgb, size, interpolation=cv2.INTER_AREA)[..., ::-1])
    _, coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 85])
    lab = cv2.cvtColor(small[..., ::-1].astype(np.float32) / 255.0, cv2.COLOR_RGB2Lab)
    fields = np.asarray(cv2.resize(lab, (_GRID, _GRID), interpolation=cv2.INTER_AREA), np.float32)
    fields[..., 0] = (fields[..., 0] - fields[..., 0].mean()) / 2.0
    ranges = [0.0, 100.001, -60.0, 60.0, -60.0, 60.0]
    low, high = np.array([0, -59, -59], np.float32), np.array([100, 59, 59], np.float32)
    held = np.clip(lab, low, high)
    counts: NDArray[np.float32] = np.asarray(cv2.calcHist([held], [0, 1, 2], None, [4, 6, 6], ranges))
    colors = np.sqrt(counts.ravel() / max(1.0, float(counts.sum()))).astype(np.float32)
    return Descriptor(
        coded.tobytes(), (fields.ravel() / 4.0).astype(np.float32), colors, float(np.log2(width / height))
    )


def count_corners(srgb: NDArray[np.uint8]) -> int:
    """Return how many corners a small picture holds: what features need, found in a fiftieth of their time."""
    return len(cv2.FastFeatureDetector.create(threshold=20).detect(cv2.cvtColor(srgb, cv2.COLOR_RGB2GRAY)))


def compare(first: Descriptor, second: Descriptor, similarity: float = USUAL_SIMILARITY) -> Likeness:
    """Tell whether two frames are near-duplicates.

    They are, if enough SIFT features agree on one shift, turn and scale within
    a third, lightness then correlates, and colors agree. The better two frames
    lie on each other, the less their colors may differ: a recolor of the same
    shot lies perfectly, a second frame by hand does not.

    `similarity`, 0 to 1, says how alike: at 0.9 limits are those that tell near-duplicates from look-alikes best, at
    1 only what lies on each other exactly counts, and from 0.8 down they are as wide as they get.

    References
    ----------
    D. Lowe, Distinctive image features from scale-invariant keypoints, IJCV 60 (2004); R. Arandjelovic and A.
    Zisserman, Three things everyone should know to improve object retrieval, CVPR 2012.
    """
    matrix, inliers, matched = _align(first.features, second.features)
    share = inliers / max(1, matched)
    if matrix is None or inliers < _LEAST_INLIERS or share < _LEAST_INLIER_SHARE:
        if not _is_featureless(first, second):
            return replace(_UNLIKE, inliers=inliers, inlier_share=share)
        matrix = _centered(first, second)
    elif not 0.75 <= float(np.hypot(matrix[0, 0], matrix[1, 0])) <= 1.33:
        return _UNLIKE
    wide = min(2.0, max(0.0, (1.0 - similarity) / (1.0 - USUAL_SIMILARITY)))
    if wide < 1 and _moved(matrix, first.ground.codes.shape) > max(_LIES_ON_PX, THUMBNAIL_PX / 4 * wide):
        return _UNLIKE
    apart = lay_over(first.ground, second.rgb, matrix)
    most = (9.0 if apart.correlation >= 0.97 else 28.0) * max(0.2, wide)
    least = 1.0 - (1.0 - _LEAST_CORRELATION) * max(0.05, wide) if inliers >= _LEAST_INLIERS else 0.97
    near = bool(apart.correlation >= least and apart.color_middle <= 6.0 * max(0.2, wide) and apart.color_high <= most)
    return Likeness(near, inliers, share, apart.correlation, apart.color_middle, apart.color_high)


def group_alike(
    frames: Sequence[Descriptor],
    *,
    most: int = 10,
    similarity: float = USUAL_SIMILARITY,
    times: Sequence[float | None] = (),
    time_gap_s: float = math.inf,
) -> list[list[int]]:
    """Sort frames into groups of near-duplicates.

    Parameters
    ----------
    frames : sequence of Descriptor
        In the order they were taken.
    most : int
        As `candidates` takes it.
    similarity : float, 0..1
        As `compare` takes it.
    times : sequence of float or None, seconds
        When each was taken; a frame without a time may join any other.
    time_gap_s : float, seconds
        Frames taken farther apart are not held against each other.

    Returns
    -------
    list of lists of int
        Places in `frames`, each in one group, groups of one included; both in order. Pairs that already share a group
        through others are not compared again.
    """
    pairs = candidates(frames, most=most, times=times, time_gap_s=time_gap_s)
    return joined(len(frames), near_pairs(frames, pairs, similarity))


def near_pairs(
    frames: Sequence[Descriptor], pairs: Sequence[tuple[int, int]], similarity: float = USUAL_SIMILARITY
) -> list[tuple[int, int]]:
    """Return those of `pairs` that are near-duplicates; pairs that share a group through others are not compared."""
    groups, near = _Groups(len(frames)), []
    held = -1
    # By their first frame, so that what is kept of it is kept for one frame at a time; groups come out the same.
    for one, other in sorted(pairs, key=lambda pair: pair[0]):
        if held != one and held >= 0:
            frames[held].forget()
        held = one
        if groups.root(one) != groups.root(other) and compare(frames[one], frames[other], similarity).near:
            groups.join(one, other)
            near.append((one, other))
    return near


def joined(count: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Return groups of `count` places that `pairs` join, groups of one included; both in order.

    Examples
    --------
    >>> joined(4, [(3, 1)])
    [[0], [1, 3], [2]]
    """
    groups = _Groups(count)
    for one, other in pairs:
        groups.join(one, other)
    found: dict[int, list[int]] = {}
    for place in range(count):
        found.setdefault(groups.root(place), []).append(place)
    return list(found.values())


class _Groups:
    """Places that belong together: each knows one before it, the first knows itself."""

    def __init__(self, count: int) -> None:
        self._before = list(range(count))

    def root(self, place: int) -> int:
        before = self._before
        while before[place] != place:
            before[place] = before[before[place]]
            place = before[place]
        return place

    def join(self, one: int, other: int) -> None:
        a, b = self.root(one), self.root(other)
        self._before[max(a, b)] = min(a, b)


def _align(
    first: tuple[NDArray[np.float32], NDArray[np.float16]], second: tuple[NDArray[np.float32], NDArray[np.float16]]
) -> tuple[NDArray[np.float64] | None, int, int]:
    """The 2x3 matrix from the second frame to the first, how many matches it explains, how many there were."""
    (here, these), (there, those) = first, second
    if len(here) < 6 or len(there) < 6:
        return None, 0, 0
    # Both sets are unit vectors: the nearest has the largest product, and distance² is 2 - 2 times it.
    # OpenCV's product, since numpy's would wake a thread a core for a fifth of a millisecond of work.
    left, right = these.astype(np.float32), those.astype(np.float32)
    product = np.asarray(cv2.gemm(left, right, 1.0, None, 0.0, flags=cv2.GEMM_2_T), np.float32)
    best = np.argpartition(-product, 1, axis=1)[:, :2]
    order = np.take_along_axis(product, best, axis=1)
    nearest = np.where(order[:, 0] >= order[:, 1], best[:, 0], best[:, 1])
    closest, next_closest = order.max(axis=1), order.min(axis=1)
    mutual = product.argmax(axis=0)[nearest] == np.arange(len(here))
    # Lowe's ratio test at 0.85, on squared distances.
    keep = np.flatnonzero(mutual & (1.0 - closest < 0.85**2 * (1.0 - next_closest) + 1e-6))
    if len(keep) < _LEAST_INLIERS:
        return None, 0, len(keep)  # too few, even if all agreed
    cv2.setRNGSeed(7)  # RANSAC draws: the same pair must give the same answer
    matrix, chosen = cv2.estimateAffinePartial2D(
        there[nearest[keep]], here[keep], method=cv2.RANSAC, ransacReprojThreshold=3.0, maxIters=1000
    )
    if matrix is None or chosen is None:
        return None, 0, len(keep)
    return np.asarray(matrix, np.float64), int(chosen.sum()), len(keep)


def _is_featureless(first: Descriptor, second: Descriptor) -> bool:
    """Whether both show too little to match (a plain bowl on white): then only an exact overlay may speak."""
    return max(len(first.features[0]), len(second.features[0])) < 2 * _LEAST_INLIERS


def _centered(first: Descriptor, second: Descriptor) -> NDArray[np.float64]:
    (height, width, _), (other_height, other_width, _) = first.ground.codes.shape, second.rgb.shape
    across, down = width / other_width, height / other_height
    return np.array([[across, 0.0, 0.0], [0.0, down, 0.0]])


def _moved(matrix: NDArray[np.float64], shape: tuple[int, ...]) -> float:
    """How far the corner that moves most moves, in px of the thumbnail."""
    height, width = shape[:2]
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float64)
    return float(np.linalg.norm(corners @ matrix.T - corners[:, :2], axis=1).max())
