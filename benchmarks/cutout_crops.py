"""A page of the hardest edges of cut-outs at 200 %: ours beside picture, truth and peers, on white and on magenta.

Run from the checkout; composites need ../shared/data, the sample shoot its truth in samples/truth::

    python benchmarks/cutout_crops.py FOLDER                  # FOLDER/index.html, one file that holds all pictures
    python benchmarks/cutout_crops.py FOLDER --only samples   # or: composites
    python benchmarks/cutout_crops.py FOLDER --names BOX-10_front mug

Each picture gives the two places where ours strays most from the truth. Rows are sorted by that error, worst first;
each is a PNG too, for looking at one by one.
"""

from __future__ import annotations

import argparse
import base64
import html
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from cutout import PRODUCTS, auc, closed_form, decode_srgb, encode_srgb, errors, grab_cut, make_case, selfie, working
from safelight.pixels.color.spaces import convert

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
SIDE, PLACES = 140, 2
WORK_PX = 1600  # long side at which a run proposes
# Name, sRGB uint8 for peers and for looking, linear Rec.2020, true alpha.
Look = tuple[str, NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]
GROUNDS = (np.float32([1, 1, 1]), np.float32([0.6, 0.02, 0.6]))
BACKDROPS = ("white", "white shadow", "studio white", "hard shadow", "dark", "mid gray")
PEERS = {"closed form in our band": closed_form, "GrabCut": grab_cut, "selfie model": selfie}


@dataclass(frozen=True)
class Row:
    """One place of one picture: the mean error there, words for it, and its strip as PNG."""

    off: float
    name: str
    said: str
    png: bytes


def samples(asked: tuple[str, ...]) -> Iterator[Look]:
    """Frames of the rendered sample shoot with their truth, reduced in light as a run does it."""
    from safelight.media.sandbox import Decoder
    from safelight.render.views import work_image
    from safelight.steps.cutout.step import _at_work_size  # the very reduction of the step

    with Decoder() as decoder:
        for file in sorted((SAMPLES / "truth").glob("*.png")):
            found = sorted((SAMPLES / "shoot").rglob(f"{file.stem}.jpg"))
            if not found or (asked and not any(each in file.stem for each in asked)):
                continue
            light = _at_work_size(work_image(decoder.decode(str(found[0])).image, WORK_PX))
            true = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
            true = (true if true.ndim == 2 else true[..., -1]) / np.float32(np.iinfo(true.dtype).max)
            code = encode_srgb(convert(light, "linear_rec2020", "linear_srgb"))
            yield file.stem, code, light, cv2.resize(true, code.shape[1::-1], interpolation=cv2.INTER_AREA)


def composites(asked: tuple[str, ...]) -> Iterator[Look]:
    """Products before made backdrops, and fur."""
    for kind in BACKDROPS:
        for subject in (*PRODUCTS, "lemur"):
            name = f"{subject}, {kind}"
            if not asked or any(each in name for each in asked):
                case = make_case(subject, kind)
                yield name, case.code, working(case.code), case.alpha


def solved(light: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Our alpha and what our confidence says of it."""
    from safelight.pixels.matte.edge_classes import classify_edges
    from safelight.pixels.matte.solve import solve_matte
    from safelight.pixels.matte.survey import survey_matte
    from safelight.steps.cutout.confidence import judge_matte

    matte = solve_matte(light)
    return matte.alpha, judge_matte(survey_matte(matte), classify_edges(light, matte).shares)[0].value


def hardest_places(off: NDArray[np.float32]) -> list[tuple[slice, slice]]:
    """Boxes of `SIDE` px where a matte strays most, that do not overlap."""
    left, found = off.copy(), []
    for _ in range(PLACES):
        mean = cv2.boxFilter(left, -1, (SIDE, SIDE), borderType=cv2.BORDER_CONSTANT)
        y, x = np.unravel_index(int(np.argmax(mean)), mean.shape)
        top, edge = (
            int(np.clip(at - SIDE // 2, 0, max(0, full - SIDE))) for at, full in zip((y, x), off.shape, strict=True)
        )
        box = slice(top, top + SIDE), slice(edge, edge + SIDE)
        found.append(box)
        left[box] = 0
    return found


def strip(code: NDArray[np.uint8], mattes: list[NDArray[np.float32]], box: tuple[slice, slice]) -> bytes:
    """The picture, then each matte's cut-out; on white above, on magenta below; twice the size."""
    light, rows = decode_srgb(code[box]), []
    for ground in GROUNDS:
        panels = [code[box]]
        for alpha in mattes:
            share = alpha[box][..., None]
            panels.append(encode_srgb(light * share + (1 - share) * ground))
        rows.append(np.hstack([np.pad(each, ((1, 1), (1, 1), (0, 0)), constant_values=128) for each in panels]))
    twice = cv2.resize(np.vstack(rows), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    return cv2.imencode(".png", twice[..., ::-1])[1].tobytes()


def rows_of(look: Look, peers: dict) -> tuple[list[Row], float, str]:
    """Both places of a picture, its mean error, and a line of the table."""
    name, code, light, true = look
    mine, sure = solved(light)
    mattes = {"ours": mine, "truth": true}
    for peer, solve in peers.items():
        try:
            mattes[peer] = solve(code)
        except (ValueError, OSError) as error:  # a peer that refuses a picture says so on the page
            print(f"{name}: {peer}: {error}", flush=True)
            mattes[peer] = np.zeros_like(true)
    off = np.abs(mine - true)
    mad, iou, steep, loose = errors(mine, true)
    rows = []
    for nth, box in enumerate(hardest_places(off), 1):
        here = {peer: float(np.abs(alpha - true)[box].mean()) for peer, alpha in mattes.items() if peer != "truth"}
        told = ", ".join(f"{peer} {value:.3f}" for peer, value in here.items())
        said = f"{name}, place {nth}, confidence {sure:.2f}. Picture, {', '.join(mattes)}. Error here: {told}"
        plain = "".join(c if c.isalnum() else "_" for c in f"{name}_{nth}")
        rows.append(Row(here["ours"], plain, said, strip(code, list(mattes.values()), box)))
    line = f"| {name} | {mad:.4f} | {iou:.4f} | {steep:.3f} | {loose:.3f} | {sure:.2f} |"
    return rows, mad, line


def write_page(folder: Path, rows: list[Row], table: list[str]) -> None:
    """One HTML file with all strips inside, and each strip as a PNG beside it."""
    style = "body{font:14px sans-serif;background:#ddd}img{display:block}pre{background:#fff;padding:1em}"
    page = [f"<!doctype html><meta charset=utf-8><title>Cut-outs at 200 %</title><style>{style}</style>"]
    page.append("<h1>Hardest edges at 200 %, worst first</h1>")
    for each in sorted(rows, key=lambda row: -row.off):
        (folder / f"{each.name}.png").write_bytes(each.png)
        data = base64.b64encode(each.png).decode()
        page.append(f"<p>{html.escape(each.said)}<img src='data:image/png;base64,{data}' alt='{each.name}'>")
    page.append("<pre>" + html.escape("\n".join(table)) + "</pre>")
    (folder / "index.html").write_text("\n".join(page))


def main() -> None:
    """Write the page, and print the table of all pictures on it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=("samples", "composites"))
    parser.add_argument("--names", nargs="*", default=(), help="parts of names")
    parser.add_argument("--alone", action="store_true", help="without the peers, in a fifth of the time")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    asked.folder.mkdir(parents=True, exist_ok=True)
    names, peers = tuple(asked.names), {} if asked.alone else PEERS
    sets = {"samples": samples, "composites": composites}
    rows: list[Row] = []
    table = ["| picture | MAD | IoU | gradient | connectivity | confidence |", "|---|---|---|---|---|---|"]
    sure, off = [], []
    for kind in [asked.only] if asked.only else sets:
        for look in sets[kind](names):
            more, mad, line = rows_of(look, peers)
            rows += more
            table.append(line)
            off.append(mad)
            sure.append(float(line.split("|")[-2]))
            print(line, flush=True)
    bad = np.array(off) > 0.004
    if bad.any() and not bad.all():
        table.append(f"\nAUC of confidence against an error above 0.004: {auc(np.array(sure), bad):.3f}")
        print(table[-1])
    write_page(asked.folder, rows, table)


if __name__ == "__main__":
    main()
