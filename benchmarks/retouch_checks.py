"""Defects of graded strength planted on photographs: what the checks of retouching find at 5 % false alarms.

    python benchmarks/retouch_checks.py [--write]

Pictures are those of ../shared/data (portraits and clean photographs); for `speculars` rendered hard goods of the
sample shoot and watches of the catalog. Untouched: written as JPEG at 92, with and without a tone curve. Each planted
picture goes through the same. Well retouched: twelve specks healed from beside them, a tone curve, sharpened at 0.4.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from safelight.core.check import Subject, judge
from safelight.core.image import Image
from safelight.pixels.detail.unsharp import unsharp_mask
from safelight.plugins import check_named

DATA = Path(__file__).parents[2] / "shared" / "data"
RESULTS = Path(__file__).parent / "results" / "retouch_checks.md"
SIDE = 900
SHOOT = Path(__file__).parents[1] / "samples" / "shoot"


def hard_goods() -> list[np.ndarray]:
    names = ("BOT-02", "GLS-04", "KET-09", "RNG-07", "BWL-08", "THM-03")
    paths = [path for name in names for path in sorted(SHOOT.glob(f"{name}_*.jpg"))]
    return [loaded(each) for each in [*paths, *sorted((DATA / "ecommerce" / "catalogue").glob("[mw]g0*.jpg"))]]


def loaded(path: Path, side: int = SIDE) -> np.ndarray:
    image = cv2.imread(str(path))[..., ::-1]
    scale = side / max(image.shape[:2])
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(image)


def pictures(side: int = SIDE) -> list[np.ndarray]:
    paths = sorted(DATA.glob("portraits-hands/*.jpg")) + sorted(DATA.glob("portraits-hands/*.png"))
    paths += sorted(DATA.glob("denoise/*_clean.png"))
    return [loaded(each, side) for each in paths]


def written(image: np.ndarray, *, curve: bool = False) -> np.ndarray:
    if curve:
        image = np.rint(255 * (image / 255.0) ** 0.85).astype(np.uint8)
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(image[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 92])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def place(image: np.ndarray, rng: np.random.Generator, share: float, rougher_than: float = 70) -> tuple[int, int, int]:
    """A spot with texture: (row, column, radius)."""
    radius = int(share * min(image.shape[:2]))
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    rough = cv2.blur(np.abs(gray - cv2.GaussianBlur(gray, (0, 0), 2)), (2 * radius + 1,) * 2)
    rough[:radius], rough[-radius:], rough[:, :radius], rough[:, -radius:] = 0, 0, 0, 0
    rows, cols = np.nonzero(rough >= np.percentile(rough[rough > 0], rougher_than))
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


def blurred(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Cut off above a share of the highest frequency: what ripples after Gibbs."""
    del rng
    at = np.arange(-12, 13)
    taps = strength * np.sinc(strength * at)
    ideal = cv2.sepFilter2D(image.astype(np.float32), -1, taps / taps.sum(), taps / taps.sum())
    return np.clip(np.rint(ideal), 0, 255).astype(np.uint8)


def pressed(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    del rng
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(image[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, int(strength)])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def dulled(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Take highlights down by a share of their height, in the half of the picture that has most of them."""
    del rng
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (21, 21))
    above = image - cv2.morphologyEx(image, cv2.MORPH_OPEN, disc).astype(np.float32)
    glint = cv2.dilate((above.min(axis=2) > 25).astype(np.uint8), np.ones((3, 3), np.uint8))
    half = image.shape[1] // 2
    left = glint[:, :half].sum() > glint[:, half:].sum()
    glint[:, half:] *= not left
    glint[:, :half] *= left
    return np.rint(image - strength * above * glint[..., None]).astype(np.uint8)


def sparkled(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Glints of 2 px radius and so many levels where the subject is, a dozen of them."""
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    rows, cols = np.nonzero(gray < 150)
    out = image.astype(np.float32)
    ys, xs = np.mgrid[: image.shape[0], : image.shape[1]]
    for at in rng.integers(0, len(rows), 12):
        glow = np.exp(-((ys - rows[at]) ** 2 + (xs - cols[at]) ** 2) / 8.0)[..., None]
        out += glow * np.maximum(0, min(255, strength + 100) - out)
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)


def flattened(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    cover = strength * soft_disc(image.shape, place(image, rng, 0.2))
    flat = cv2.GaussianBlur(image, (0, 0), 8).astype(np.float32)
    return np.rint(image * (1 - cover) + flat * cover).astype(np.uint8)


def softened(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    cover = soft_disc(image.shape, place(image, rng, 0.2, rougher_than=95))
    soft = cv2.GaussianBlur(image, (0, 0), strength).astype(np.float32)
    return np.rint(image * (1 - cover) + soft * cover).astype(np.uint8)


def retouched(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As a careful hand does it: specks healed from beside them, a curve, a little sharpening."""
    out = image.copy()
    for row, col in rng.integers(20, np.array(image.shape[:2]) - 20, (12, 2)):
        cover = soft_disc((9, 9), (4, 4, 4))
        to, of = (out[row - 4 : row + 5, col - 4 + away : col + 5 + away].astype(np.float32) for away in (0, 9))
        of = of + to.mean(axis=(0, 1)) - of.mean(axis=(0, 1))
        out[row - 4 : row + 5, col - 4 : col + 5] = np.clip(np.rint(to * (1 - cover) + of * cover), 0, 255)
    sharp = unsharp_mask((out / 255.0).astype(np.float32) ** np.float32(0.93), amount=0.4, radius_px=0.8)
    return np.rint(255 * np.clip(sharp, 0, 1)).astype(np.uint8)


def score(name: str, after: np.ndarray, before: np.ndarray, measures: tuple[str, ...]) -> tuple[float, str]:
    """How bad, larger is worse, and the verdict by the check's own limits."""
    check = check_named(name)
    findings = check.measure(Subject(Image(after, "srgb"), Image(before, "srgb")))
    values = [each.value for each in findings.measures if each.name in measures and each.value is not None]
    sign = 1 if check.spec(measures[0]).direction == "at_most" else -1
    words = [each.word for each in judge(check, findings).judged if each.measure.name in measures]
    word = next((each for each in ("fail", "warn") if each in words), "pass")
    return max((sign * each for each in values), default=0.0 if sign > 0 else -100.0), word


@dataclass(frozen=True)
class Planted:
    """A check, what of it is asked, how the defect is planted and how strongly, on which pictures."""

    check: str
    measures: tuple[str, ...]
    plant: Callable[..., np.ndarray]
    strengths: tuple[float, ...]
    words: str
    on: str = "photographs"


PLANTED = (
    Planted("over_smoothing", ("skin_kept", "other_kept"), smoothed, (0.7, 1.2, 2.0), "blurred over a disc, sigma px"),
    Planted("warp", ("moved",), warped, (2.0, 4.0, 8.0), "pushed, per mille of the long side"),
    Planted("clone_marks", ("copied",), cloned, (0.04, 0.07, 0.12), "disc copied, radius by the short side", "half"),
    Planted("compression", ("blocking",), pressed, (60, 40, 20), "JPEG of quality", "small"),
    Planted("compression", ("ringing",), pressed, (60, 40, 20), "JPEG of quality", "small"),
    Planted("compression", ("ringing",), blurred, (0.7, 0.5, 0.3), "ideal low-pass, share of Nyquist", "small"),
    Planted("speculars", ("highlights_kept",), dulled, (0.4, 0.6, 0.9), "highlights lower by a share", "hard goods"),
    Planted("speculars", ("highlights_invented",), sparkled, (60, 100, 150), "dozen glints, levels", "hard goods"),
    Planted("speculars", ("contrast_kept",), flattened, (0.3, 0.5, 0.7), "flattened over a disc, by", "hard goods"),
    Planted("speculars", ("edges_kept",), softened, (0.8, 1.2, 2.0), "edges softened, sigma px", "hard goods"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", help="a check")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    whole = pictures()
    sets = {"photographs": whole, "half": whole[::2], "small": pictures(600), "hard goods": hard_goods()}
    heads = ("check", "measure", "planted", "strength", "recall at 5 % false alarms", "recall by the limits",
             "false by the limits", "well retouched, false")  # fmt: skip
    table = [heads, ("---",) * len(heads)]
    for each in PLANTED:
        if not given.only or given.only == each.check:
            table += rows_of(each, sets[each.on])
    about = (
        f"{len(whole)} photographs at 900 px (copies: every second; compression: at 600 px) and "
        f"{len(sets['hard goods'])} pictures of hard goods (`benchmarks/retouch_checks.py`), each defect once on each, "
        "JPEG at 92. False alarms: the same pictures untouched, with and without a tone curve; well retouched: specks "
        "healed, a curve, sharpened."
    )
    text = "\n".join(["# Checks of retouching", "", about, "", *(f"| {' | '.join(each)} |" for each in table)])
    print(text)
    if given.write:
        RESULTS.write_text(text + "\n", "utf-8")


def rows_of(what: Planted, images: list[np.ndarray]) -> list[tuple[str, ...]]:
    def scored(after: np.ndarray, before: np.ndarray) -> tuple[float, str]:
        return score(what.check, after, before, what.measures)

    clean = [scored(written(each, curve=curve), each) for each in images for curve in (False, True)]
    limit = float(np.percentile([value for value, _ in clean], 95))
    false = np.mean([word != "pass" for _, word in clean])
    done = [scored(written(retouched(each, np.random.default_rng(seed))), each) for seed, each in enumerate(images)]
    well = np.mean([word != "pass" for _, word in done])
    rows = []
    for strength in what.strengths:
        planted = [(what.plant(each, np.random.default_rng(seed), strength), each) for seed, each in enumerate(images)]
        seen = [(one, two) for one, two in planted if cv2.absdiff(one, two).max() > 12]  # a mug has no glint to lose
        found = [scored(written(one), two) for one, two in seen]
        recall = np.mean([value > limit for value, _ in found])
        by_limits = np.mean([word != "pass" for _, word in found])
        figures = (f"{each:.2f}" for each in (recall, by_limits, false, well))
        rows.append((what.check, ", ".join(what.measures), what.words, f"{strength:g}", *figures))
    return rows


if __name__ == "__main__":
    main()
