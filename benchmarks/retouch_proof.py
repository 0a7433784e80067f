"""Retouching to look at: before and after at 200 % where most was changed, and the evidence of the checks.

Run from the checkout::

    python benchmarks/retouch_proof.py --out proofs          # retouch.html with its crops, and the table on the screen
    python benchmarks/retouch_proof.py --out proofs --save   # also write benchmarks/results/retouch_proof.md

The page holds crops of ../shared/data, which are not ours to hand on: they are written where they are asked for, and
the table alone is kept.
"""

from __future__ import annotations

import argparse
import html
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from dust import plant
from retouch_checks import PLANTED, SHOOT, Planted, hard_goods, loaded, pictures
from safelight.core.check import Evidence, Findings, Subject, judge
from safelight.core.image import Image
from safelight.plugins import check_named
from safelight.runs.single import apply_step

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
RESULT = Path(__file__).with_name("results") / "retouch_proof.md"
CROP_PX, PLACES, LOUDER = 180, 2, 8  # shown at 200 %; crops of a picture; how much louder a change is shown


@dataclass(frozen=True)
class Work:
    """A step on a picture: its code values before, the settings, and what is to be seen."""

    step: str
    name: str
    before: np.ndarray
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """What the page and the table say of one work: words, and its strips of before, after and change."""

    title: str
    cells: tuple[str, ...]
    strips: tuple[np.ndarray, ...]


def works() -> Iterator[Work]:
    """Steps on real files, at their own size."""
    rng = np.random.default_rng(5)
    for name in ("Giunchedi_Filippo_Myleen_Hollero_CC_BY-SA_3.0.jpg", "wb04-blue_alt1.jpg", "kodim04.png"):
        asked = ("spots=heal", "tone=0.4", "shine=0.3")
        yield Work("skin", name, loaded(DATA / "portraits-hands" / name, 10_000), asked)
    for name in ("BOT-02_front.jpg", "BEN-05_front.jpg"):
        yield Work(
            "dust", f"{name}, 40 specks planted", plant(loaded(SHOOT / name, 10_000), rng)[0], ("surface=everywhere",)
        )
    cloth = loaded(DATA / "portraits-hands" / "mh03-black_main.jpg", 10_000)
    yield Work("fabric", "mh03-black_main.jpg", cloth, ("cloth=0.3 0.45 0.7 0.85", "strength=0.7"))
    for name in ("kodim05_awgn25.png", "kodim04_pg.png"):
        yield Work("denoise", name, loaded(DATA / "denoise" / name, 10_000))
    bag = loaded(SHOOT / "BAG-06_front.jpg", 10_000)
    yield Work("remove_object", "BAG-06_front.jpg, a thing beside it", with_a_thing(bag), ("box=0.03 0.06 0.13 0.18",))
    yield Work("heal", "BOX-10_front.jpg, a spot on the print", spotted_box(), ("spots=0.5 0.62 9",))


def with_a_thing(image: np.ndarray) -> np.ndarray:
    """A dark disc on the backdrop, soft at its rim."""
    out, (height, width) = image.copy(), image.shape[:2]
    center, radius = (round(0.08 * width), round(0.12 * height)), round(0.03 * width)
    cover = np.zeros((height, width), np.uint8)
    cv2.circle(cover, center, radius, 255, -1, cv2.LINE_AA)
    share = cv2.GaussianBlur(cover, (0, 0), 0.8)[..., None] / np.float32(255)
    return np.rint(out * (1 - share) + np.array([70, 40, 45], np.float32) * share).astype(np.uint8)


def spotted_box() -> np.ndarray:
    """A light spot on the print of the sample shoot's box."""
    image = loaded(SHOOT / "BOX-10_front.jpg", 10_000).copy()
    cv2.circle(image, (image.shape[1] // 2, round(0.62 * image.shape[0])), 5, (240, 236, 230), -1, cv2.LINE_AA)
    return image


def done(work: Work) -> Shown:
    """Apply the step as the command does, and cut out where it changed most."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.png", Path(folder) / "out.png"
        cv2.imwrite(str(source), work.before[..., ::-1])
        told = apply_step(work.step, source, out, work.settings)
        after = np.ascontiguousarray(cv2.imread(str(out))[..., ::-1])
    change = cv2.absdiff(after, work.before).max(axis=-1)
    sure = "" if told["confidence"] is None else f"{told['confidence']:.2f}"
    cells = (
        work.step,
        work.name,
        f"{100 * float((change > 1).mean()):.2f} %",
        sure,
        "; ".join(told["reasons"][1:3]),
    )
    strips = tuple(strip(work.before, after, box) for box in where_most(change))
    return Shown(f"{work.step}: {work.name}", cells, strips)


def where_most(change: np.ndarray) -> list[tuple[slice, slice]]:
    """The boxes of `CROP_PX` in which most was changed, apart from one another; none where nothing was."""
    heat, boxes = cv2.boxFilter(change.astype(np.float32), -1, (CROP_PX // 2,) * 2), []
    height, width = change.shape
    for _ in range(PLACES):
        _, most, _, (x, y) = cv2.minMaxLoc(heat)
        if most <= 0:
            break
        top, left = (max(0, min(at - CROP_PX // 2, side - CROP_PX)) for at, side in ((y, height), (x, width)))
        boxes.append((slice(top, top + CROP_PX), slice(left, left + CROP_PX)))
        heat[
            max(0, top - CROP_PX // 2) : top + 3 * CROP_PX // 2, max(0, left - CROP_PX // 2) : left + 3 * CROP_PX // 2
        ] = 0
    return boxes


def strip(before: np.ndarray, after: np.ndarray, box: tuple[slice, slice]) -> np.ndarray:
    """Before, after and the change around gray, at 200 %, side by side: 8-bit RGB."""
    apart = after[box].astype(np.int16) - before[box]
    change = np.clip(128 + LOUDER * apart, 0, 255).astype(np.uint8)
    tiles = (before[box], after[box], change)
    return np.hstack([cv2.resize(each, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST) for each in tiles])


def planted() -> Iterator[Shown]:
    """Each defect at its strongest, on the first picture where the check fails or warns: its evidence, drawn."""
    sets = {"photographs": pictures(), "hard goods": hard_goods()}
    for what in PLANTED:
        if what.check in ("over_smoothing", "warp", "clone_marks", "speculars"):
            yield from shown_evidence(what, sets.get(what.on, sets["photographs"]))


def shown_evidence(what: Planted, images: list[np.ndarray]) -> Iterator[Shown]:
    """The first picture on which the check speaks, with its boxes, its heat and a crop at 200 %."""
    check = check_named(what.check)
    for seed, before in enumerate(images):
        after = what.plant(before, np.random.default_rng(seed), what.strengths[-1])
        findings = check.measure(Subject(Image(after, "srgb"), Image(before, "srgb")))
        own = [each for each in findings.evidence if each.measure in what.measures]
        word = judge(check, findings).word
        if word != "pass" and own:
            value = next(each for each in findings.measures if each.name == own[0].measure)
            cells = (
                what.check,
                f"{what.words} {what.strengths[-1]:g}",
                f"{own[0].measure} {value.value:.2f} {value.unit}",
                word,
                own[0].text,
            )
            yield Shown(
                f"{what.check}: {what.words} {what.strengths[-1]:g}", cells, drawn(before, after, findings, own)
            )
            return


def drawn(
    before: np.ndarray, after: np.ndarray, findings: Findings, own: list[Evidence]
) -> tuple[np.ndarray, np.ndarray]:
    """The whole picture with boxes and heat, and the first box at 200 %."""
    height, width = after.shape[:2]
    seen = after.copy()
    for each in findings.evidence:
        x0, y0, x1, y1 = (round(at * side) for at, side in zip(each.box, (width, height) * 2, strict=True))
        if each.heat is not None and each.heat.any():
            heat = cv2.resize(each.heat, (width, height), interpolation=cv2.INTER_LINEAR)
            red = np.zeros_like(seen)
            red[..., 0] = 255
            share = heat[..., None] / np.float32(510)
            seen = np.rint(seen * (1 - share) + red * share).astype(np.uint8)
        cv2.rectangle(seen, (x0, y0), (x1, y1), (255, 220, 0), 2)
    x0, y0, x1, y1 = own[0].box
    middle = round((y0 + y1) / 2 * height), round((x0 + x1) / 2 * width)
    top, left = (
        max(0, min(at - CROP_PX // 2, side - CROP_PX)) for at, side in zip(middle, (height, width), strict=True)
    )
    return seen, strip(before, after, (slice(top, top + CROP_PX), slice(left, left + CROP_PX)))


HEADS = {
    "Steps on real files": ("step", "picture", "changed", "confidence", "reasons"),
    "Evidence of planted defects": ("check", "planted", "measured", "verdict", "what the evidence says"),
}


def table_of(heads: tuple[str, ...], rows: list[Shown]) -> list[str]:
    """A Markdown table of what is shown."""
    lines = [heads, ("---",) * len(heads), *(each.cells for each in rows)]
    return ["| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines]


def page_of(parts: dict[str, list[Shown]], folder: Path) -> str:
    """The page; its crops are written beside it."""
    body, number = [], 0
    for title, rows in parts.items():
        body.append(f"<h2>{title}</h2>")
        for row in rows:
            told = ", ".join(f"{head}: {cell}" for head, cell in zip(HEADS[title], row.cells, strict=True) if cell)
            body.append(f"<h3>{html.escape(row.title)}</h3><p>{html.escape(told)}</p>")
            for each in row.strips:
                number += 1
                cv2.imwrite(str(folder / f"retouch_{number:02}.png"), each[..., ::-1])
                body.append(f'<img src="retouch_{number:02}.png" alt="{html.escape(row.title)}">')
    style = "body{font:15px sans-serif;margin:24px;background:#777;color:#fff}img{display:block;margin:4px 0 12px}"
    about = f"Before, after, and what changed, {LOUDER} times louder around gray; 200 %."
    head = f'<meta charset="utf-8"><title>Retouching at 200 %</title><style>{style}</style>'
    return f"<!doctype html>{head}<h1>Retouching at 200 %</h1><p>{about}</p>{''.join(body)}\n"


def main() -> None:
    """Write the page and its table."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--out", type=Path, required=True)
    words.add_argument("--save", action="store_true")
    wanted = words.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    titles = list(HEADS)
    parts = {titles[0]: [done(each) for each in works()], titles[1]: list(planted())}
    (wanted.out / "retouch.html").write_text(page_of(parts, wanted.out), "utf-8")
    about = "Made by `python benchmarks/retouch_proof.py --out FOLDER --save`, which writes FOLDER/retouch.html: before, after and the change at 200 %"  # noqa: E501
    text = [
        "# Retouching at 200 %",
        "",
        about,
        "where most was changed, and each check's evidence on a planted defect.",
    ]
    for title, rows in parts.items():
        text += ["", f"## {title}", "", *table_of(HEADS[title], rows)]
    print("\n".join(text))
    if wanted.save:
        RESULT.write_text("\n".join(text) + "\n", "utf-8")


if __name__ == "__main__":
    main()
