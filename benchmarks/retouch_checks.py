"""Defects of graded strength planted on photographs: what the checks of retouching find at 5 % false alarms.

    python benchmarks/retouch_checks.py [--write]

Pictures are those of ../shared/data (portraits and clean photographs). Untouched: written as JPEG at 92, with and
without a tone curve. Each planted picture goes through the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from safelight.core.check import Subject, judge
from safelight.core.image import Image
from safelight.plugins import check_named

DATA = Path(__file__).parents[2] / "shared" / "data"
RESULTS = Path(__file__).parent / "results" / "retouch_checks.md"
SIDE = 900


def pictures() -> list[np.ndarray]:
    paths = sorted(DATA.glob("portraits-hands/*.jpg")) + sorted(DATA.glob("portraits-hands/*.png"))
    paths += sorted(DATA.glob("denoise/*_clean.png"))
    found = []
    for path in paths:
        image = cv2.imread(str(path))[..., ::-1]
        scale = SIDE / max(image.shape[:2])
        if scale < 1:
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        found.append(np.ascontiguousarray(image))
    return found


def written(image: np.ndarray, *, curve: bool = False) -> np.ndarray:
    if curve:
        image = np.rint(255 * (image / 255.0) ** 0.85).astype(np.uint8)
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(image[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 92])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def place(image: np.ndarray, rng: np.random.Generator, share: float) -> tuple[int, int, int]:
    """A spot with texture: (row, column, radius)."""
    radius = int(share * min(image.shape[:2]))
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    rough = cv2.blur(np.abs(gray - cv2.GaussianBlur(gray, (0, 0), 2)), (2 * radius + 1,) * 2)
    rough[:radius], rough[-radius:], rough[:, :radius], rough[:, -radius:] = 0, 0, 0, 0
    rows, cols = np.nonzero(rough >= np.percentile(rough[rough > 0], 70))
    at = int(rng.integers(len(rows)))
    return int(rows[at]), int(cols[at]), radius


def soft_disc(shape: tuple[int, ...], at: tuple[int, int, int]) -> np.ndarray:
    rows, cols = np.mgrid[: shape[0], : shape[1]]
    return np.clip((at[2] - np.hypot(rows - at[0], cols - at[1])) / (0.25 * at[2]), 0, 1).astype(np.float32)[..., None]


def smoothed(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    cover = soft_disc(image.shape, place(image, rng, 0.25))
    blurred = cv2.GaussianBlur(image, (0, 0), strength).astype(np.float32)
    return np.rint(image * (1 - cover) + blurred * cover).astype(np.uint8)


def warped(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    row, col, radius = place(image, rng, 0.2)
    cover = soft_disc(image.shape, (row, col, radius))[..., 0]
    cover = cv2.GaussianBlur(cover, (0, 0), radius / 4)
    rows, cols = np.mgrid[: image.shape[0], : image.shape[1]].astype(np.float32)
    moved = strength / 1000 * max(image.shape[:2])
    angle = rng.uniform(0, 2 * np.pi)
    away_x, away_y = (cols + moved * cover * np.cos(angle)), (rows + moved * cover * np.sin(angle))
    return cv2.remap(image, away_x.astype(np.float32), away_y.astype(np.float32), cv2.INTER_CUBIC)


def cloned(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    row, col, radius = place(image, rng, strength)
    height, width = image.shape[:2]
    shift_y = int(rng.integers(radius, height - radius)) - row
    shift_x = int(rng.integers(radius, width - radius)) - col
    if np.hypot(shift_y, shift_x) < 2.2 * radius:
        shift_x += int(2.5 * radius) if col + shift_x + 3.5 * radius < width else -int(2.5 * radius)
    shift_x = int(np.clip(shift_x, radius - col, width - radius - col))
    out = image.copy()
    cover = soft_disc((2 * radius, 2 * radius), (radius, radius, radius))
    to = out[row + shift_y - radius : row + shift_y + radius, col + shift_x - radius : col + shift_x + radius]
    of = image[row - radius : row + radius, col - radius : col + radius]
    cover = cover[: to.shape[0], : to.shape[1]]
    to[:] = np.rint(to * (1 - cover) + of[: to.shape[0], : to.shape[1]] * cover).astype(np.uint8)
    return out


def score(name: str, after: np.ndarray, before: np.ndarray, measures: tuple[str, ...]) -> tuple[float, str]:
    """How bad, larger is worse, and the verdict by the check's own limits."""
    check = check_named(name)
    findings = check.measure(Subject(Image(after, "srgb"), Image(before, "srgb")))
    values = [each.value for each in findings.measures if each.name in measures and each.value is not None]
    sign = 1 if check.spec(measures[0]).direction == "at_most" else -1
    word = judge(check, findings).word if values else "pass"
    return max((sign * each for each in values), default=0.0 if sign > 0 else -100.0), word


PLANTED: dict[str, tuple[tuple[str, ...], Callable[..., np.ndarray], tuple[float, ...], str]] = {
    "over_smoothing": (("skin_kept", "other_kept"), smoothed, (0.7, 1.2, 2.0), "blurred over a disc, sigma px"),
    "warp": (("moved",), warped, (2.0, 4.0, 8.0), "pushed, per mille of the long side"),
    "clone_marks": (("copied",), cloned, (0.04, 0.07, 0.12), "disc copied, radius as share of the short side"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    whole = pictures()
    heads = (
        "check",
        "planted",
        "strength",
        "recall at 5 % false alarms",
        "recall by the limits",
        "false by the limits",
    )
    table = [heads, ("---",) * len(heads)]
    for name, (measures, plant, strengths, words) in PLANTED.items():
        images = whole[::3] if name == "clone_marks" else whole  # two seconds a picture
        clean = [score(name, written(each, curve=curve), each, measures) for each in images for curve in (False, True)]
        limit = float(np.percentile([value for value, _ in clean], 95))
        false = np.mean([word != "pass" for _, word in clean])
        for strength in strengths:
            found = [
                score(name, written(plant(each, np.random.default_rng(seed), strength)), each, measures)
                for seed, each in enumerate(images)
            ]
            recall = np.mean([value > limit for value, _ in found])
            by_limits = np.mean([word != "pass" for _, word in found])
            table.append((name, words, f"{strength:g}", f"{recall:.2f}", f"{by_limits:.2f}", f"{false:.2f}"))
    about = (
        f"{len(whole)} photographs (copies: every third) at 900 px (`benchmarks/retouch_checks.py`), each defect once "
        "on each, JPEG at 92. False alarms: the same photographs untouched, with and without a tone curve."
    )
    text = "\n".join(["# Checks of retouching", "", about, "", *(f"| {' | '.join(each)} |" for each in table)])
    print(text)
    if given.write:
        RESULTS.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
