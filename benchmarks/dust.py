"""Dust planted on backdrops and photographs: recall by strength, false finds, how well confidence tells them apart.

    python benchmarks/dust.py [--write]

Photographs are those of ../shared/data/ecommerce, left out where absent. They bring specks of their own, which count as
false: the figures are a lower bound.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np

from repairs import backdrop, codes
from safelight.pixels.repair.dust import Speck, find_dust

PHOTOS = Path(__file__).parents[2] / "shared" / "data" / "ecommerce"
RESULTS = Path(__file__).parent / "results" / "dust.md"
STRENGTHS = (4, 8, 16, 32)
ENDLESS = (1 << 30, 1 << 30)


def plant(image: np.ndarray, rng: np.random.Generator, count: int = 40) -> tuple[np.ndarray, list[tuple]]:
    """Add dots, hairs and scratches with soft edges; returns the picture and (strength, box) of each."""
    out, truth = image.astype(np.float32), []
    height, width = image.shape[:2]
    for number in range(count):
        strength = STRENGTHS[number % len(STRENGTHS)]
        x, y = rng.uniform(30, width - 30), rng.uniform(30, height - 30)
        kind, angle = ("dot", "dot", "hair", "scratch")[rng.integers(4)], rng.uniform(0, 2 * np.pi)
        ahead, aside = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        if kind == "dot":
            points, radius = np.array([[x, y]]), rng.uniform(1.5, 8)
        else:
            length, bend = (rng.uniform(30, 100), 0.3) if kind == "hair" else (rng.uniform(60, 200), 0.0)
            along = np.linspace(0, 1, 12)[:, None]
            points = np.array([x, y]) + length * (along * ahead + bend * along**2 * aside)
            radius = rng.uniform(0.7, 1.6)
        x0, y0 = np.floor(points.min(axis=0) - radius - 6).astype(int)
        x1, y1 = np.ceil(points.max(axis=0) + radius + 6).astype(int)
        if x0 < 0 or y0 < 0 or x1 > width or y1 > height:
            continue
        fine = np.zeros(((y1 - y0) * 4, (x1 - x0) * 4), np.uint8)
        line = np.int32((points - [x0, y0]) * 4)
        if kind == "dot":
            cv2.circle(fine, line[0].tolist(), int(radius * 4), 255, -1)
        else:
            cv2.polylines(fine, [line], isClosed=False, color=255, thickness=max(1, int(8 * radius)))
        cover = cv2.resize(fine, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        mean = out[y0:y1, x0:x1].mean()
        sign = -1 if mean + strength > 250 else (1 if mean - strength < 5 else rng.choice([-1, 1]))
        out[y0:y1, x0:x1] += sign * strength * cv2.GaussianBlur(cover, (0, 0), 0.7)[..., None]
        truth.append((strength, (x0 + 5, y0 + 5, x1 - 5, y1 - 5)))
    return np.clip(out + 0.5, 0, 255).astype(np.uint8), truth


def meets(speck: Speck, box: tuple) -> bool:
    x0, y0, x1, y1 = speck.spot.box(ENDLESS)
    return x0 < box[2] and box[0] < x1 and y0 < box[3] and box[1] < y1


def auc(good: list[float], bad: list[float]) -> float:
    if not good or not bad:
        return float("nan")
    one, two = np.array(good)[:, None], np.array(bad)[None]
    return float((one > two).mean() + 0.5 * (one == two).mean())


def measure(pictures: list[np.ndarray]) -> dict[str, object]:
    found: dict[int, list[float]] = {each: [] for each in STRENGTHS}
    true, false, on_backdrop, seconds = [], [], 0, 0.0
    for seed, picture in enumerate(pictures):
        planted, truth = plant(picture, np.random.default_rng(seed))
        begun = time.process_time()
        specks = find_dust(planted)
        seconds += time.process_time() - begun
        for strength, box in truth:
            own = [each.likely for each in specks if meets(each, box)]
            found[strength].append(max(own, default=0.0))
            true += own
        wrong = [each for each in specks if not any(meets(each, box) for _, box in truth)]
        false += [each.likely for each in wrong]
        on_backdrop += sum(each.likely >= 0.5 and each.on_backdrop for each in wrong)
    return {
        "recall": {each: float(np.mean([value >= 0.5 for value in found[each]])) for each in STRENGTHS},
        "false": sum(each >= 0.5 for each in false) / len(pictures), "auc": auc(true, false),
        "on_backdrop": on_backdrop / len(pictures), "seconds": seconds / len(pictures),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    noisy = [np.clip(backdrop(seed) + np.random.default_rng(seed).normal(size=(1, 1, 3)), 0, 255) for seed in range(2)]
    sets = {"shaded backdrop with grain, 24 megapixels": [codes(each) for each in noisy]}
    photos = sorted(PHOTOS.glob("catalogue/*.jpg"))[::4]
    if photos:
        sets[f"{len(photos)} catalogue photographs of 1 to 2 megapixels, product and all"] = [
            np.ascontiguousarray(cv2.imread(str(each))[..., ::-1]) for each in photos
        ]
    about = (
        "Dots, hairs and scratches with soft edges, 4 to 32 code values strong, planted anywhere, product and texture "
        "too (`benchmarks/dust.py`). Found: likely 0.5 and more. AUC: how well that number tells planted specks from "
        "all else that was looked at; a photograph's own specks count as false. Seconds of one core a picture."
    )
    heads = (
        "",
        *(f"recall {each}" for each in STRENGTHS),
        "false a picture",
        "of them on the backdrop",
        "AUC",
        "seconds",
    )
    table = [heads, ("---",) * len(heads)]
    for name, pictures in sets.items():
        got = measure(pictures)
        recall = (f"{got['recall'][each]:.2f}" for each in STRENGTHS)
        table.append(
            (
                name,
                *recall,
                f"{got['false']:.1f}",
                f"{got['on_backdrop']:.1f}",
                f"{got['auc']:.2f}",
                f"{got['seconds']:.2f}",
            )
        )
    text = "\n".join(["# Dust", "", about, "", *(f"| {' | '.join(each)} |" for each in table)])
    print(text)
    if given.write:
        RESULTS.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
