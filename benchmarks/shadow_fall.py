"""Where shadows fall: the direction that is read off a capture, against the one it was lit from.

Run from the checkout, with the measurement pictures in ../shared/data::

    python benchmarks/shadow_fall.py          # the table
    python benchmarks/shadow_fall.py --save   # write benchmarks/results/shadow_fall.md

Ten products with true alpha are lit in linear light by shadows on the floor (sheared about the foot), on the wall
(moved) and around the foot on all sides, at random directions, lengths, depths and softness; subject and shadow are
then told apart as the cut-out does it, and the direction is read three ways. The rendered sample shoot is the test that
shares nothing with the method: three softboxes and path tracing; its key light stands front left.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from cutout import PRODUCTS, decode_srgb, foreground
from safelight.pixels.matte.made_shadow import contact_density
from safelight.pixels.matte.shadow_layer import shadow_density
from safelight.pixels.matte.solve import solve_matte
from safelight.pixels.measure.cast import angle_between
from safelight.pixels.measure.shadow_fall import Fall, measure_fall

HERE = Path(__file__).resolve().parent
HEIGHT, WIDTH = 640, 800
RIGHT_DEG = 20.0
KEY_DEG = (-45.0, -15.0)  # where the sample studio's key light, front left, lays shadows on its floor


def placed(name: str) -> tuple[NDArray, NDArray]:
    """A product in the middle of a frame, half as tall."""
    rgb, alpha = foreground(name, side=600)
    rows, columns = (np.flatnonzero((alpha > 0.5).any(axis=each)) for each in (1, 0))
    cut = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = 0.45 * min(HEIGHT / len(rows), WIDTH / len(columns))
    rgb, alpha = (
        cv2.resize(each[cut], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for each in (rgb, alpha)
    )
    picture, cover = np.zeros((HEIGHT, WIDTH, 3), np.float32), np.zeros((HEIGHT, WIDTH), np.float32)
    y, x = (HEIGHT - alpha.shape[0]) // 2, (WIDTH - alpha.shape[1]) // 2
    picture[y : y + alpha.shape[0], x : x + alpha.shape[1]] = rgb
    cover[y : y + alpha.shape[0], x : x + alpha.shape[1]] = alpha
    return picture, cover


def shade(cover: NDArray, on: str, angle: float, reach: float, soft: float) -> NDArray:
    """The shadow's density at full depth."""
    rows = np.flatnonzero((cover > 0.5).any(axis=1))
    base, tall = float(rows[-1]), float(rows[-1] - rows[0] + 1)
    across, down = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    if on == "around":
        return contact_density(cover, 2 * soft)
    if on == "wall":
        move = np.float32([[1, 0, reach * tall * across], [0, 1, reach * tall * down]])
    else:
        move = np.float32([[1, -reach * across, base * reach * across], [0, -reach * down, base + base * reach * down]])
    return cv2.GaussianBlur(cv2.warpAffine(cover, move, cover.shape[::-1]), (0, 0), soft * tall)


def lit(picture: NDArray, cover: NDArray, density: NDArray, rng: np.random.Generator) -> NDArray[np.float32]:
    """The product on paper under its shadow, in linear light, with noise."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    paper = 0.75 * (1 - 0.2 * ((x / WIDTH - 0.5) ** 2 + (y / HEIGHT - 0.5) ** 2)) * (1 - density)
    mixed = cover[..., None] * picture + (1 - cover[..., None]) * paper[..., None]
    return np.clip(mixed + rng.normal(0, 0.003, mixed.shape), 0, 1).astype(np.float32)


def middles(density: NDArray, subject: NDArray, *, from_foot: bool) -> float:
    """The line from the subject's middle, or its foot's, to the shadow's middle."""
    y, x = np.mgrid[0 : density.shape[0], 0 : density.shape[1]]
    solid = subject > 0.5
    weight = density * ~solid
    if weight.sum() == 0:
        return float("nan")
    rows = np.flatnonzero(solid.any(axis=1))
    low = solid & (y > rows[-1] - max(1, len(rows) // 12))
    start = (x[low].mean(), rows[-1]) if from_foot else (x[solid].mean(), y[solid].mean())
    to = (x * weight).sum() / weight.sum() - start[0], (y * weight).sum() / weight.sum() - start[1]
    return float(np.rad2deg(np.arctan2(to[1], to[0])))


def read(picture: NDArray[np.float32]) -> tuple[dict[str, float], Fall | None, float]:
    """The direction three ways, and the seconds that the last takes besides the matte."""
    matte = solve_matte(picture)
    density = shadow_density(matte)
    begun = time.process_time()
    fall = measure_fall(density, matte.alpha)
    spent = time.process_time() - begun
    ways = {"middle to middle": middles(density, matte.alpha, from_foot=False)}
    ways["foot to middle"] = middles(density, matte.alpha, from_foot=True)
    ways["laid beside it"] = float("nan") if fall is None else fall.direction_deg
    return ways, fall, spent


def made() -> tuple[list[str], list[tuple[float, bool]], float]:
    """The table of made scenes; how sure each reading was and whether it was right; seconds a reading."""
    rng = np.random.default_rng(31)
    off: dict[tuple[str, str], list[float]] = {}
    sure: list[tuple[float, bool]] = []
    around, seconds = [], []
    for name in PRODUCTS:
        picture, cover = placed(name)
        for on in ("floor",) * 5 + ("wall",) * 4 + ("around",):
            angle = float(rng.uniform(-180, 180))
            reach = float(rng.uniform(0.25, 0.95) if on == "floor" else rng.uniform(0.06, 0.3))
            density = rng.uniform(0.15, 0.45) * shade(cover, on, angle, reach, float(rng.uniform(0.02, 0.07)))
            ways, fall, spent = read(lit(picture, cover, density, rng))
            seconds.append(spent)
            if on == "around":
                around.append(0.0 if fall is None else fall.sure)
                continue
            for way, found in ways.items():
                off.setdefault((way, on), []).append(180.0 if np.isnan(found) else angle_between(found, angle))
            right = angle_between(ways["laid beside it"], angle) <= RIGHT_DEG
            sure.append((0.0 if fall is None else fall.sure, bool(right)))
    lines = ["| read by | on | median off, ° | mean off, ° | within 20° |", "| --- | --- | --- | --- | --- |"]
    for (way, on), each in off.items():
        got = np.array(each)
        lines.append(f"| {way} | {on} | {np.median(got):.1f} | {got.mean():.1f} | {(got <= RIGHT_DEG).mean():.0%} |")
    lines += [
        "",
        f"Around the foot on all sides: {sum(each < 0.3 for each in around)} of {len(around)} are rightly called "
        "without direction (sure below 0.3).",
    ]
    return lines, sure, float(np.median(seconds))


def sample() -> tuple[list[str], list[tuple[float, bool]]]:
    """The rendered shoot: packshots on the floor under one set of lights."""
    lines = ["| frame | falls to | on | fit | margin | sure |", "| --- | --- | --- | --- | --- | --- |"]
    sure = []
    for path in sorted((HERE.parent / "samples" / "shoot").glob("*.jpg")):
        code = cv2.imread(str(path))[..., ::-1]
        scale = 800 / max(code.shape)
        _, fall, _ = read(decode_srgb(cv2.resize(code, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)))
        if fall is None:
            lines.append(f"| {path.stem} | no shadow | | | | 0 |")
            continue
        values = f"{fall.direction_deg:.0f}° | {fall.on} | {fall.fit:.2f} | {fall.margin:.2f} | {fall.sure}"
        lines.append(f"| {path.stem} | {values} |")
        if not path.stem.startswith("GLS"):  # lit from behind, between black cards
            sure.append((fall.sure, fall.on == "floor" and KEY_DEG[0] - 5 <= fall.direction_deg <= KEY_DEG[1] + 5))
    return lines, sure


def auc(sure: list[tuple[float, bool]]) -> float:
    """The chance that a right reading is surer than a wrong one."""
    right, wrong = ([value for value, good in sure if good is kind] for kind in (True, False))
    if not right or not wrong:
        return float("nan")
    return float(np.mean([(a > b) + 0.5 * (a == b) for a in right for b in wrong]))


def told(sure: list[tuple[float, bool]]) -> str:
    """How many are sure, and right."""
    counted = [good for value, good in sure if value >= 0.3]
    return (
        f"{len(counted)} of {len(sure)} are sure (0.3 and more), {sum(counted)} of them right; AUC of `sure` against "
        f"right: {auc(sure):.2f}."
    )


def main() -> None:
    """Print the tables; --save writes them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/shadow_fall.md")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    table, sure, seconds = made()
    rendered, sure_rendered = sample()
    text = "\n".join(
        [
            "# Where shadows fall",
            "",
            "By `python benchmarks/shadow_fall.py --save`. Ten products of true alpha, lit in linear light by one "
            "shadow each (5 on the floor, 4 on the wall at random directions, reaches, depths and softness), told "
            "from their backdrop by the cut-out itself.",
            "",
            *table,
            "",
            told(sure),
            "",
            f"{1000 * seconds:.0f} ms of processor time a reading, beside the matte's.",
            "",
            "## The rendered sample shoot",
            "",
            "Three softboxes and path tracing, nothing of it made for this. Its key light stands front left: shadows "
            "lie to the right and back, -20 to -40° in the picture; the fill from the right and the top light soften "
            "them away, so that many frames rightly tell nothing. Right: -50 to -10° on the floor.",
            "",
            *rendered,
            "",
            told(sure_rendered),
            "",
        ]
    )
    print(text)
    if args.save:
        (HERE / "results" / "shadow_fall.md").write_text(text)


if __name__ == "__main__":
    main()
