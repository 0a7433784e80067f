"""How good the cutout is, on pictures whose alpha is known: a table by backdrop.

Run from the checkout, with the measurement pictures in ../shared/data::

    python benchmarks/cutout.py            # the table at about 1 MP, and how well the confidence tells
    python benchmarks/cutout.py --large    # also 24 MP: quality, time and memory
    python benchmarks/cutout.py --others   # also closed-form matting and GrabCut, on a part of the pictures
    python benchmarks/cutout.py --band     # alone: alpha in the band beside pymatting's, 700 px and 4 MP, with times
    python benchmarks/cutout.py --crops F  # a page of crops at 200 % where ours is worst, beside truth and peers
    python benchmarks/cutout.py --save     # write benchmarks/results/cutout.md

The composites are made here, in linear light, from true foregrounds and alphas: what is measured is
the distance to that alpha, never to another program's opinion.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the product sets it, before numpy is loaded

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from safelight.pixels.matte.trimap import Trimap

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
PRODUCTS = (
    "apple-drink",
    "battle-tested-book",
    "beanie-1",
    "cushion-blue",
    "dark-polygon-tee-back",
    "dash-tee-front",
    "digital-product",
    "grey-hoodie",
    "pauls-blanace-420-1",
    "white-cubes-tee-front",
)
STUDIO = ("white", "white shadow", "studio gray", "studio white", "hard shadow", "sweep", "dark", "mid gray", "blue")
BUSY = ("photo a", "photo b", "snapshot")


@dataclass(frozen=True)
class Case:
    """A picture with its truth; `code` is sRGB uint8, `alpha` 0..1."""

    subject: str
    backdrop: str
    code: NDArray[np.uint8]
    alpha: NDArray[np.float32]


def decode_srgb(code: NDArray) -> NDArray[np.float32]:
    """IEC 61966-2-1, code values to linear."""
    x = np.asarray(code, np.float32) / 255
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4).astype(np.float32)


def encode_srgb(linear: NDArray) -> NDArray[np.uint8]:
    """IEC 61966-2-1, linear to 8-bit code values."""
    x = np.clip(linear, 0, 1)
    return np.rint(255 * np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)).astype(np.uint8)


def foreground(name: str, side: int = 960) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Linear sRGB foreground and alpha, `side` px; larger ones keep an edge about 2 px wide and get grain."""
    if name == "lemur":
        folder = DATA / "matting" / "lemur"
        rgb = cv2.imread(str(folder / "lemur_foreground.png"), cv2.IMREAD_UNCHANGED)
        alpha = cv2.imread(str(folder / "lemur_alpha.png"), cv2.IMREAD_UNCHANGED)
        alpha = (alpha if alpha.ndim == 2 else alpha[..., 0]).astype(np.float32) / 255
        rgb = decode_srgb(rgb[..., 2::-1])
    else:
        rgba = cv2.imread(str(DATA / "matting" / "products" / f"{name}_fg_rgba.png"), cv2.IMREAD_UNCHANGED)
        true = cv2.imread(str(DATA / "matting" / "products" / f"{name}_alpha.png"), cv2.IMREAD_UNCHANGED)
        alpha = true.astype(np.float32) / 255
        rgb = decode_srgb(rgba[..., 2::-1])
    scale = side / max(alpha.shape)
    if scale > 1:
        # Colors are carried outward first, so that enlarging mixes no black into the edge.
        hidden = (alpha < 0.02).astype(np.uint8)
        _, nearest = cv2.distanceTransformWithLabels(hidden, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
        index = np.zeros(nearest.max() + 1, np.int64)
        index[nearest[hidden == 0]] = np.flatnonzero(hidden.ravel() == 0)
        rgb = rgb.reshape(-1, 3)[index[nearest]].reshape(rgb.shape)
        rgb = np.maximum(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), 0)
        alpha = cv2.resize(alpha, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        if scale > 2:
            alpha = (alpha - 0.5) * (scale / 2) + 0.5
        alpha = np.clip(alpha, 0, 1)
    return rgb, alpha


def cast_shadow(alpha: NDArray[np.float32], depth: float, blur: float, shift: tuple[float, float]) -> NDArray:
    """Share of light left on the backdrop."""
    side = max(alpha.shape)
    move = np.float32([[1, 0, shift[0] * side], [0, 1, shift[1] * side]])
    moved = cv2.warpAffine(alpha, move, alpha.shape[::-1])
    return (1 - depth * cv2.GaussianBlur(moved, (0, 0), blur * side))[..., None]


def backdrop(kind: str, alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """A linear backdrop with the light that falls on it."""
    height, width = alpha.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width, y / height
    vignette = (1 - 0.25 * ((x - 0.5) ** 2 + (y - 0.5) ** 2) / 0.5)[..., None]
    slope = (1 - 0.18 * x)[..., None]
    soft = cast_shadow(alpha, 0.35, 0.02, (0.01, 0.035))
    flat = np.ones((height, width, 3), np.float32)
    tint = np.float32([0.99, 1.0, 1.015])
    if kind in ("white", "white shadow"):
        return flat * (soft if kind == "white shadow" else 1)
    if kind == "studio gray":
        return flat * 0.55 * tint * vignette * slope * soft
    if kind == "studio white":
        return np.minimum(flat * 0.93 * tint * vignette * soft, 1)
    if kind == "hard shadow":
        return flat * 0.7 * tint * vignette * cast_shadow(alpha, 0.5, 0.002, (0.03, 0.03))
    if kind == "sweep":
        fold = 1 / (1 + np.exp(-(y - 0.72) / 0.02))
        return flat * (0.5 + 0.18 * fold[..., None]) * vignette * tint * soft
    if kind == "dark":
        return flat * 0.012 * tint * vignette
    if kind == "mid gray":
        return flat * 0.2 * vignette * slope * soft
    if kind == "blue":
        return flat * np.float32([0.12, 0.3, 0.55]) * vignette * soft
    if kind == "snapshot":
        source = sorted((DATA / "ecommerce" / "snapshots").glob("*.jpg"))[int(alpha.sum()) % 60]
    else:
        named = {"photo a": "beanie-1_bg3.jpg", "photo b": "cushion-blue_bg2.jpg"}
        source = DATA / "matting" / "products" / named[kind]
    photo = decode_srgb(cv2.imread(str(source))[..., ::-1])
    # Mirrored: the product that stands in the source picture lies beside or behind ours.
    return cv2.resize(np.ascontiguousarray(photo[:, ::-1]), (width, height), interpolation=cv2.INTER_AREA)


def make_case(subject: str, kind: str, side: int = 960, seed: int = 1) -> Case:
    """Composite in linear light, add sensor-like noise, encode to 8-bit sRGB."""
    rgb, alpha = foreground(subject, side)
    behind = backdrop(kind, alpha)
    light = alpha[..., None] * rgb + (1 - alpha[..., None]) * behind
    if not kind.startswith("white"):
        chance = np.random.default_rng(seed)
        noise = chance.standard_normal(light.shape, dtype=np.float32)
        light = light + noise * np.sqrt(2e-5 * np.maximum(light, 0) + 2e-7)
    code = encode_srgb(light)
    _, packed = cv2.imencode(".jpg", code[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    return Case(subject, kind, cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1].copy(), alpha)


Solve = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def working(code: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Code values to the working space."""
    from safelight.pixels.color.spaces import convert, to_float

    return convert(to_float(code), "srgb", "linear_rec2020")


def ours(code: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The product's own matte."""
    from safelight.pixels.matte.solve import solve_matte

    return solve_matte(working(code)).alpha


def closed_form(code: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Closed-form matting (Levin et al. 2008) in the product's own band, in linear light."""
    from pymatting import estimate_alpha_cf

    from safelight.pixels.matte.solve import solve_matte

    light = working(code)
    trimap = solve_matte(light).trimap.as_gray() / 255.0
    return np.asarray(estimate_alpha_cf(light.astype(np.float64), trimap), np.float32)


def grab_cut(code: NDArray[np.uint8]) -> NDArray[np.float32]:
    """GrabCut from the subject's box at a third of the size, then a guided filter at full size."""
    small = cv2.resize(code, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA)
    mask = np.zeros(small.shape[:2], np.uint8)
    box = (8, 8, small.shape[1] - 16, small.shape[0] - 16)
    cv2.setRNGSeed(1)
    cv2.grabCut(small, mask, box, np.zeros((1, 65)), np.zeros((1, 65)), 5, cv2.GC_INIT_WITH_RECT)
    found = np.isin(mask, (1, 3)).astype(np.float32)
    wide = cv2.resize(found, code.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    guided = cv2.ximgproc.guidedFilter(code.astype(np.float32) / 255, wide, 4, 1e-4)
    return np.clip(guided, 0, 1)


def selfie(code: NDArray[np.uint8]) -> NDArray[np.float32]:
    """MediaPipe's selfie segmentation, general: made for people, asked about products."""
    from safelight.steps.cutout.networks import guess_subject

    return guess_subject(working(code), "person")[0]


def selfie_landscape(code: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The same maker's landscape model, of ../shared/data/models."""
    from people_cutout import Tensor

    return Tensor("selfie_segmentation_landscape.onnx").share(code)


def gradient_error(found: NDArray[np.float32], true: NDArray[np.float32]) -> float:
    """Gradient error (Rhemann et al. 2009), in thousands: squared difference of smoothed gradients, sigma 1.4 px."""

    def steep(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
        soft = cv2.GaussianBlur(alpha, (0, 0), 1.4)
        across = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8)
        along = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8)
        return np.hypot(across, along)

    return float(((steep(found) - steep(true)) ** 2).sum() / 1000)


def connectivity_error(found: NDArray[np.float32], true: NDArray[np.float32]) -> float:
    """Connectivity error (Rhemann et al. 2009), in thousands: coverage that hangs on nothing that both agree on."""
    held = np.full(true.shape, -1.0, np.float32)
    before = 0.0
    for level in np.arange(0.1, 1.01, 0.1):
        both = ((found >= level) & (true >= level)).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(both, connectivity=4)
        largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if count > 1 else -1
        held[(held < 0) & (labels != largest)] = before
        before = float(level)
    held[held < 0] = 1.0
    loose = [each - held for each in (found, true)]
    one, other = (1 - each * (each >= 0.15) for each in loose)
    return float(np.abs(one - other).sum() / 1000)


def errors(found: NDArray[np.float32], true: NDArray[np.float32]) -> tuple[float, float, float, float]:
    """Mean absolute difference, IoU at one half, gradient and connectivity error."""
    one, other = found > 0.5, true > 0.5
    return (
        float(np.abs(found - true).mean()),
        float((one & other).sum() / (one | other).sum()),
        gradient_error(found, true),
        connectivity_error(found, true),
    )


def quality_table(solve: Solve, kinds: tuple[str, ...], subjects: tuple[str, ...]) -> list[str]:
    """A row a backdrop: mean and worst over the subjects."""
    lines = [
        "| backdrop | MAD mean | MAD worst | IoU mean | IoU worst | gradient mean | connectivity mean | CPU s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind in kinds:
        rows = []
        for subject in subjects:
            case = make_case(subject, kind)
            start = time.process_time()
            alpha = solve(case.code)
            rows.append((*errors(alpha, case.alpha), time.process_time() - start))
        mad, iou, steep, loose, cpu = np.array(rows).T
        lines.append(
            f"| {kind} | {mad.mean():.4f} | {mad.max():.4f} | {iou.mean():.4f} | {iou.min():.4f} "
            f"| {steep.mean():.3f} | {loose.mean():.3f} | {cpu.mean():.2f} |"
        )
        print(lines[-1], flush=True)
    return lines


def band_case(subject: str, kind: str, side: int) -> tuple[NDArray[np.float32], Trimap, NDArray[np.float32]]:
    """Code values, the true trimap 4 px wide on both sides of what is mixed, and the true alpha."""
    from safelight.pixels.matte.trimap import Trimap

    case = make_case(subject, kind, side)
    band = (case.alpha > 0.02) & (case.alpha < 0.98)
    band = cv2.dilate(band.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    known = Trimap((case.alpha > 0.5) & ~band, (case.alpha <= 0.5) & ~band)
    return case.code.astype(np.float32) / 255, known, case.alpha


def band_table(subjects: tuple[str, ...], side: int, rounds: int) -> list[str]:
    """Given the same true trimap: difference in the band and time, ours beside pymatting's closed form.

    Both take turns, `rounds` times, and the least time of each counts; pymatting's first call, which loads what numba
    compiled, counts for nothing.
    """
    from pymatting import estimate_alpha_cf

    from safelight.pixels.matte.closed_form import closed_form as in_band

    lines = [
        "| picture | band px | ours | pymatting's | to theirs | ours, CPU s | wall s | pymatting's, CPU s | wall s "
        "| times as fast, CPU | wall |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    warm = False
    for subject, kind in ((subject, kind) for subject in subjects for kind in ("studio gray", "photo b")):
        codes, known, true = band_case(subject, kind, side)
        gray = np.where(known.subject, 1.0, np.where(known.background, 0.0, 0.5))
        half, exact = np.full(true.shape, 0.5, np.float32), codes.astype(np.float64)
        if not warm:
            warm = estimate_alpha_cf(exact, gray) is not None
        solvers = partial(in_band, codes, known, half), partial(estimate_alpha_cf, exact, gray)
        times: list[list[tuple[float, float]]] = [[], []]
        for _ in range(rounds):
            for spent, solve in zip(times, solvers, strict=True):
                marks = time.process_time(), time.perf_counter()
                solve()
                spent.append((time.process_time() - marks[0], time.perf_counter() - marks[1]))
        ours_off, off = (float(np.abs(solve() - true)[known.unknown].mean()) for solve in solvers)
        (cpu, wall), (cpu_2, wall_2) = ([min(each) for each in zip(*spent, strict=True)] for spent in times)
        lines.append(
            f"| {subject}, {kind}, {side} px | {int(known.unknown.sum())} | {ours_off:.4f} | {off:.4f} "
            f"| {ours_off / off:.2f} | {cpu:.3f} | {wall:.3f} | {cpu_2:.2f} | {wall_2:.2f} "
            f"| {cpu_2 / cpu:.1f} | {wall_2 / wall:.1f} |"
        )
        print(lines[-1], flush=True)
    return lines


def confidence_table() -> list[str]:
    """Does the confidence tell good mattes from bad? AUC against a mean absolute difference above 0.01."""
    from safelight.pixels.matte.solve import solve_matte
    from safelight.pixels.matte.survey import survey_matte
    from safelight.steps.cutout.confidence import judge_matte

    sure, off, studio = [], [], []
    for subject in (*PRODUCTS, "lemur"):
        for kind in (*STUDIO, *BUSY):
            case = make_case(subject, kind)
            matte = solve_matte(working(case.code))
            sure.append(judge_matte(survey_matte(matte))[0].value)
            off.append(float(np.abs(matte.alpha - case.alpha).mean()))
            studio.append(kind in STUDIO)
    sure, off, studio = np.array(sure), np.array(off), np.array(studio)
    bad = off > 0.01
    lines = [f"AUC, all {len(sure)} pictures: {auc(sure, bad):.3f} ({int(bad.sum())} bad)"]
    lines.append(f"AUC, studio backdrops only: {auc(sure[studio], bad[studio]):.3f} ({int(bad[studio].sum())} bad)")
    lines.append(routing_line(sure, off))
    lines += ["", "| confidence | pictures | MAD at most 0.005 | at most 0.01 |", "|---|---|---|---|"]
    for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        here = (sure >= low) & (sure < high)
        if here.any():
            fine, fair = (off[here] <= 0.005).mean(), (off[here] <= 0.01).mean()
            lines.append(f"| {low} to {high} | {here.sum()} | {fine:.2f} | {fair:.2f} |")
    print("\n".join(lines), flush=True)
    return lines


def routing_line(sure: NDArray, off: NDArray, auto: float = 0.7) -> str:
    """What a route by confidence alone would do: of the worst fifth, and of those within 0.004."""
    worst, fine = off >= np.quantile(off, 0.8), off < 0.004
    held, passed = float((sure[worst] < auto).mean()), float((sure[fine] >= auto).mean())
    return (
        f"At {auto}: of the worst fifth {held:.0%} not auto [90 %]; of those under 0.004 {passed:.0%} auto [70 %]; "
        f"AUC against 0.004 {auc(sure, ~fine):.3f} [0.8]"
    )


def auc(score: NDArray, bad: NDArray) -> float:
    """Chance that a good picture scores above a bad one."""
    good, poor = score[~bad], score[bad]
    return float(np.mean([(each > poor).mean() + 0.5 * (each == poor).mean() for each in good]))


def large_matte(file: str) -> tuple[NDArray[np.uint16], list[float], int]:
    """In a process of its own: the matte of a 24 MP picture, CPU s of its parts, and the process's peak in MiB."""
    from safelight.pixels.matte.matte_png import encode_matte
    from safelight.pixels.matte.refine import refine_matte
    from safelight.pixels.matte.solve import solve_matte

    cv2.setNumThreads(1)
    code = np.load(file)
    small = working(cv2.resize(code, (1200, 1200), interpolation=cv2.INTER_AREA))
    marks = [time.process_time()]
    matte = solve_matte(small)
    marks.append(time.process_time())
    alpha = refine_matte(matte, code, "srgb")
    marks.append(time.process_time())
    encode_matte(alpha)
    marks.append(time.process_time())
    # Not ru_maxrss, which a process inherits from whoever started it.
    (peak,) = (line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    return alpha, [b - a for a, b in pairwise(marks)], int(peak) // 1024


def large_table() -> list[str]:
    """24 MP: quality, processor time of the whole matte (work size, band, PNG), peak of a process for it."""
    lines = ["| 24 MP | MAD | IoU | CPU s solve | refine | PNG | process peak MiB |", "|---|---|---|---|---|---|---|"]
    for subject, kind in (
        ("grey-hoodie", "studio gray"),
        ("pauls-blanace-420-1", "white"),
        ("beanie-1", "studio white"),
    ):
        case = make_case(subject, kind, side=4900)
        with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(1, get_context("spawn")) as pool:
            np.save(f"{folder}/code.npy", case.code)
            alpha, spent, peak = pool.submit(large_matte, f"{folder}/code.npy").result()
        mad, iou, *_ = errors(alpha / np.float32(65535), case.alpha)
        times = " | ".join(f"{each:.2f}" for each in spent)
        lines.append(f"| {subject}, {kind} | {mad:.4f} | {iou:.4f} | {times} | {peak} |")
        print(lines[-1], flush=True)
    return lines


def hardest(found: NDArray[np.float32], true: NDArray[np.float32], side: int) -> tuple[slice, slice]:
    """The box of `side` px where a matte strays most from the truth."""
    off = cv2.boxFilter(np.abs(found - true), -1, (side, side), borderType=cv2.BORDER_CONSTANT)
    y, x = np.unravel_index(int(np.argmax(off)), off.shape)
    top, left = (int(np.clip(at - side // 2, 0, full - side)) for at, full in zip((y, x), true.shape, strict=True))
    return slice(top, top + side), slice(left, left + side)


def write_crops(folder: Path, subjects: tuple[str, ...], side: int = 140) -> None:
    """A page of crops at 200 % where ours is worst: picture, ours, truth, closed form and GrabCut, over magenta."""
    folder.mkdir(parents=True, exist_ok=True)
    page = ["<!doctype html><title>Cut-outs at 200 %</title><style>body{font:14px sans-serif}img{margin:2px}</style>"]
    for kind in ("white", "white shadow", "studio white", "hard shadow", "dark"):
        for subject in subjects:
            case = make_case(subject, kind)
            light = decode_srgb(case.code)
            found = {"ours": ours(case.code), "truth": case.alpha}
            found |= {"closed form": closed_form(case.code), "GrabCut": grab_cut(case.code)}
            box = hardest(found["ours"], case.alpha, side)
            panels = [case.code[box]]
            for alpha in found.values():
                share = alpha[box][..., None]
                panels.append(encode_srgb(light[box] * share + (1 - share) * np.float32([0.6, 0.02, 0.6])))
            strip = cv2.resize(np.hstack(panels), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
            name = f"{kind}_{subject}.png".replace(" ", "_")
            cv2.imwrite(str(folder / name), strip[..., ::-1])
            off = np.abs(found["ours"] - case.alpha)[box].mean()
            page.append(
                f"<p>{subject}, {kind}: picture, {', '.join(found)}; off by {off:.3f} here<br><img src='{name}'>"
            )
    (folder / "index.html").write_text("\n".join(page))


def main() -> None:
    """Print the tables; with --save, write them down."""
    parser = argparse.ArgumentParser(description=__doc__)
    for flag in ("--large", "--others", "--band", "--save"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument(
        "--crops", type=Path, help="write crops at 200 %% of the hardest edges to a folder, and no more"
    )
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    if asked.crops:
        write_crops(asked.crops, PRODUCTS)
        return
    if asked.band:
        for side in (700, 2000):
            band_table((*PRODUCTS[2:9:2], "lemur"), side, 5)
        return
    text = ["# Cutout against truth", "", "Made by `python benchmarks/cutout.py --large --others --save`.", ""]
    text += [f"Products: {len(PRODUCTS)}, 960 px, composited in linear light with noise and cast shadows.", ""]
    text += quality_table(ours, (*STUDIO, *BUSY), PRODUCTS)
    text += ["", "## Confidence", "", *confidence_table()]
    if asked.others:
        some, few = ("white", "studio gray", "studio white", "mid gray"), PRODUCTS[2:9:2]
        for name, solve in (
            ("ours", ours),
            ("closed form in our band", closed_form),
            ("GrabCut + guided filter", grab_cut),
            ("MediaPipe selfie, general", selfie),
            ("MediaPipe selfie, landscape", selfie_landscape),
        ):
            text += ["", f"## {name}, {len(few)} products", "", *quality_table(solve, some, few)]
        text += ["", "## In the band, given the true trimap", "", *band_table((*few, "lemur"), 700, 3)]
        text += ["", *band_table((*few, "lemur"), 2000, 3)]
    if asked.large:
        text += ["", "## 24 MP", "", *large_table()]
    if asked.save:
        target = Path(__file__).parent / "results" / "cutout.md"
        target.parent.mkdir(exist_ok=True)
        target.write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
