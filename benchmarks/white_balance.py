"""How near white balance, exposure and the finding of mixed light come to the truth, beside the usual estimators.

Run from the checkout, with the measurement pictures in ../shared/data::

    python benchmarks/white_balance.py                    # the tables
    python benchmarks/white_balance.py --save             # write benchmarks/results/white_balance.md
    python benchmarks/white_balance.py --pictures FOLDER  # before and after, and maps of mixed light, to look at

Errors of light are angles in degrees between the light found and the true one. No file tells anything but its
pixels: captures are handed over as linear sensor values that nobody balanced, finished files as sRGB.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.checks.mixed_light import check as mixed_light
from safelight.core.check import Subject
from safelight.core.image import Image
from safelight.core.step import Picture
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.spaces import convert, matrix_between, to_float
from safelight.pixels.measure import illuminant, illuminant_map, neutral
from safelight.pixels.measure.light import clipped_high, clipped_low, find_backdrop
from safelight.runs.faults import _over_faults
from safelight.steps.exposure import step as exposure
from safelight.steps.metering.step import measure
from safelight.steps.white_balance import step as white_balance

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
CASTS = {
    "tungsten": (1.35, 1.0, 0.62),
    "shade": (0.82, 1.0, 1.28),
    "green tube": (0.93, 1.0, 0.8),
    "warm": (1.2, 1.0, 0.75),
    "cool": (0.9, 1.0, 1.15),
    "slightly warm": (1.08, 1.0, 0.9),
    "none": (1.0, 1.0, 1.0),
}
NOTE = (
    "The weights of the votes were set on snapshots and rendered crops under casts and five of the ten captures;",
    "variants of the gray index were chosen with all ten in view, and the limits of mixed light and of overexposure",
    "with the pictures below in view. Even and odd halves differ little, but neither is untouched.",
)
ANGLES = (2, 4, 6, 8, 10, 15)
Light = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A picture, its metered facts, the true light in the primaries of `space`, and where it is from."""

    name: str
    kind: str
    picture: Picture
    space: str
    true: Light


@dataclass(frozen=True)
class Found:
    """What was proposed for a case: error in degrees and confidence."""

    error: float
    confidence: float


def finished(codes: NDArray[np.uint8], name: str, kind: str, true: Sequence[float]) -> Case:
    """A finished sRGB file as a step sees it."""
    light = np.ascontiguousarray(convert(to_float(codes), "srgb", "linear_rec2020"), np.float32)
    return Case(name, kind, _metered(light, "srgb", scene_referred=False), "srgb", np.array(true))


def capture(values: NDArray[np.uint16], name: str, true: Sequence[float]) -> Case:
    """Linear sensor values that nobody balanced."""
    light = np.ascontiguousarray(values.astype(np.float32) / np.float32(65535))
    return Case(name, "raw", _metered(light, "linear_rec2020", scene_referred=True), "linear_rec2020", np.array(true))


def _metered(light: NDArray[np.float32], space: str, *, scene_referred: bool) -> Picture:
    picture = Picture(Image(light, "linear_rec2020"), light.shape[1::-1], scene_referred)
    return replace(picture, facts={"metering": measure(picture, Image(light, space))})


def read(path: Path, side: int = 1600) -> NDArray[np.uint8]:
    """An 8-bit RGB file, at most `side` px long."""
    codes = cv2.imread(str(path))
    scale = min(1.0, side / max(codes.shape[:2]))
    if scale < 1.0:
        codes = cv2.resize(codes, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(codes[..., ::-1])


def with_truth() -> list[Case]:
    """Everything of wb-exposure whose light is known: captures, casts, exposures and the untouched originals."""
    folder = DATA / "wb-exposure"
    cases = []
    for row in _rows(folder / "raw-illuminant" / "illuminants.csv"):
        values = cv2.imread(str(folder / "raw-illuminant" / row["file"]), cv2.IMREAD_UNCHANGED)[..., ::-1]
        cases.append(capture(values, row["file"], [float(row[f"illuminant_{each}"]) for each in "rgb"]))
    rows = _rows(folder / "product" / "truth.csv")
    for row in sorted(rows, key=lambda each: each["file"]):
        true = [float(row[f"gain_{each}"]) for each in "rgb"]
        cases.append(finished(read(folder / "product" / row["file"]), row["file"], row["kind"], true))
    for name in sorted({row["original"] for row in rows}):
        cases.append(finished(read(folder / "product" / name), name, "original", (1, 1, 1)))
    return cases


def made() -> Iterator[Case]:
    """Snapshots of clothes (CC0) under casts: busy or colored grounds, taken to have been balanced by their cameras."""
    for number, path in enumerate(sorted((DATA / "ecommerce" / "snapshots").glob("*.jpg"))):
        light = decode_srgb(read(path, 600))
        for cast in (list(CASTS)[number % len(CASTS)], list(CASTS)[(3 * number + 1) % len(CASTS)]):
            codes = as_jpeg(encode_srgb(0.85 * light * np.float32(CASTS[cast])))
            yield finished(codes, f"{path.stem} {cast}", "snapshot", CASTS[cast])


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def decode_srgb(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """IEC 61966-2-1, code values to linear."""
    x = codes.astype(np.float32) / 255
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4).astype(np.float32)


def encode_srgb(linear: NDArray[np.float32]) -> NDArray[np.uint8]:
    """IEC 61966-2-1, linear to 8-bit code values."""
    x = np.clip(linear, 0, 1)
    return np.rint(255 * np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)).astype(np.uint8)


def as_jpeg(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What a JPEG of quality 92 keeps."""
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(codes[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 92])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def ours(case: Case) -> Found:
    """The step's own proposal for a frame that has no group."""
    proposal = white_balance.propose(case.picture, None, {}, None)  # type: ignore[arg-type]
    red, blue = (float(proposal.params[each]) for each in ("red", "blue"))  # type: ignore[arg-type]
    light = np.array([2.0**-red, 1.0, 2.0**-blue])
    if case.space != "linear_rec2020":
        light = np.linalg.inv(matrix_between(case.space, "linear_rec2020")) @ light
    confidence = proposal.confidence.value if proposal.confidence else 0.0
    return Found(neutral.angle_deg(light, case.true), confidence)


def small(case: Case) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The picture in its own primaries at 400 px, and where it is neither clipped nor black."""
    pixels = case.picture.image.pixels
    own = np.ascontiguousarray(cv2.transform(pixels, matrix_between("linear_rec2020", case.space)), np.float32)
    lost = clipped_high(own, case.space).any(axis=2) | clipped_low(own, case.space).all(axis=2)
    scale = min(1.0, 400 / max(own.shape[:2]))
    size = (round(own.shape[1] * scale), round(own.shape[0] * scale))
    rgb = np.asarray(cv2.resize(own, size, interpolation=cv2.INTER_AREA), np.float32)
    return rgb, cv2.resize(lost.astype(np.float32), size, interpolation=cv2.INTER_AREA) < 0.2


Estimator = Callable[[NDArray[np.float32], NDArray[np.bool_]], Light | None]
PEERS: dict[str, Estimator] = {
    "gray world": lambda rgb, usable: rgb[usable].mean(axis=0).astype(np.float64) if usable.any() else None,
    "max-RGB, 99.5 %": lambda rgb, _: np.percentile(rgb.reshape(-1, 3), 99.5, axis=0),
    "shades of gray, p = 6": neutral.shades_of_gray,
    "gray edge, p = 6": neutral.gray_edge,
}
PARTS: dict[str, Estimator] = {
    "mean edge (gray edge, p = 1)": lambda rgb, usable: neutral.gray_edge(rgb, usable, norm=1.0, blur_px=1.0),
    "bright and dark pixels": illuminant.bright_and_dark,
    "gray index, mean of 0.1 %": lambda rgb, usable: illuminant.gray_pixels(rgb, usable)[0],
    "gray index, mode of 0.5 %": lambda rgb, usable: illuminant.gray_pixels(rgb, usable)[1],
}


def error_of(estimator: Estimator, case: Case) -> float:
    """The estimator's error on a case; finding nothing counts as leaving the picture as it is."""
    light = estimator(*small(case))
    return neutral.angle_deg(np.ones(3) if light is None else light, case.true)


def worst_quarter(errors: NDArray[np.float64]) -> float:
    """Mean of the largest quarter."""
    return float(np.sort(errors)[-max(1, len(errors) // 4) :].mean())


def told(errors: Sequence[float]) -> str:
    """Mean, median, worst quarter, worst."""
    e = np.array(errors)
    return f"{e.mean():.2f} | {np.median(e):.2f} | {worst_quarter(e):.2f} | {e.max():.2f}"


def auc(good: NDArray[np.float64], bad: NDArray[np.float64]) -> float:
    """Chance that one of `bad` is higher than one of `good`; ties count a half."""
    if not len(good) or not len(bad):
        return float("nan")
    return float(((bad[:, None] > good) + 0.5 * (bad[:, None] == good)).mean())


def doubt(found: Sequence[Found]) -> str:
    """How well the confidence points at errors over 4 degrees."""
    error, confidence = (np.array([getattr(each, name) for each in found]) for name in ("error", "confidence"))
    wrong = error > 4.0
    third = np.argsort(confidence, kind="stable")[: round(len(found) / 3)]
    held = f"{int(wrong[third].sum())} of {int(wrong.sum())}"
    return f"{held} | {auc(-confidence[~wrong], -confidence[wrong]):.2f}"


def balance_tables(cases: list[Case]) -> list[str]:
    """Error on truth beside the usual estimators, by part of the set and by half, and what the confidence tells."""
    mine = [ours(each) for each in cases]
    every = {"**safelight**": [each.error for each in mine]}
    every |= {name: [error_of(each, case) for case in cases] for name, each in (PEERS | PARTS).items()}
    raw = [number for number, case in enumerate(cases) if case.kind == "raw"]
    parts = {"all": range(len(cases)), "captures": raw, "finished files": range(len(raw), len(cases))}
    parts |= {"even half": range(0, len(cases), 2), "odd half": range(1, len(cases), 2)}
    lines = []
    for part, chosen in parts.items():
        lines += [
            "",
            f"### {part}: {len(chosen)} pictures",
            "",
            "| estimator | mean | median | worst quarter | worst |",
        ]
        lines += ["|---|---|---|---|---|"]
        lines += [f"| {name} | {told([errors[each] for each in chosen])} |" for name, errors in every.items()]
    lines += ["", "| errors over 4 degrees in the doubtful third | AUC of the confidence |", "|---|---|"]
    lines += [f"| {doubt(mine)} |", "", "The largest errors:", "", "| picture | error | confidence |", "|---|---|---|"]
    worst = sorted(zip(cases, mine, strict=True), key=lambda each: -each[1].error)[:8]
    return lines + [f"| {case.name} | {found.error:.2f} | {found.confidence:.2f} |" for case, found in worst]


def painted(case: Case, params: dict[str, object]) -> NDArray[np.float32]:
    """The picture under a correction, linear Rec.2020."""
    gains = np.float32([2.0 ** float(params["red"]), 1.0, 2.0 ** float(params["blue"])])  # type: ignore[arg-type]
    return np.clip(case.picture.image.pixels * gains, 0, 1)


def controls_table(cases: list[Case]) -> list[str]:
    """How far pictures move that need nothing."""
    lines = ["| untouched pictures | number | mean ΔE00 moved | most |", "|---|---|---|---|"]
    catalogue = sorted((DATA / "ecommerce" / "catalogue").glob("*.jpg"))
    snapshots = sorted((DATA / "ecommerce" / "snapshots").glob("*.jpg"))
    groups = {
        "wb-exposure originals": [each for each in cases if each.kind == "original"],
        "catalogue on white": [finished(read(path, 500), path.stem, "", (1, 1, 1)) for path in catalogue],
        "snapshots, as their cameras left them": [finished(read(p, 500), p.stem, "", (1, 1, 1)) for p in snapshots],
    }
    for name, members in groups.items():
        moved = []
        for case in members:
            proposal = white_balance.propose(case.picture, None, {}, None)  # type: ignore[arg-type]
            before, after = (
                lab_from(np.clip(each[::2, ::2], 0, 1), "linear_rec2020")
                for each in (case.picture.image.pixels, painted(case, dict(proposal.params)))
            )
            moved.append(float(delta_e_2000(before, after).mean()))
        lines.append(f"| {name} | {len(members)} | {np.mean(moved):.2f} | {np.max(moved):.2f} |")
    return lines


def exposure_table() -> list[str]:
    """Stops proposed for known shifts of exposure, and whether culling sees those that clip."""
    folder = DATA / "wb-exposure" / "product"
    lines = ["| picture | shift | proposed | error in stops | confidence | culling says |", "|---|---|---|---|---|---|"]
    for row in _rows(folder / "truth.csv"):
        if row["kind"] != "exposure":
            continue
        case = finished(read(folder / row["file"]), row["file"], "exposure", (1, 1, 1))
        lines.append(_exposure_line(case, float(row["ev"])))
    return lines


def _exposure_line(case: Case, shift: float) -> str:
    proposal = exposure.propose(case.picture, None, {}, None)  # type: ignore[arg-type]
    stops = float(proposal.params["stops"])  # type: ignore[arg-type]
    confidence = proposal.confidence.value if proposal.confidence else 0.0
    over = "overexposed" if list(_over_faults(case.picture.facts["metering"], 0.5)) else ""
    return f"| {case.name} | {shift:+.1f} | {stops:+.2f} | {abs(stops + shift):.2f} | {confidence:.2f} | {over} |"


def overexposed_table() -> list[str]:
    """The sign of overexposure on white paper: on frames that are, and on frames that are not."""
    lines = ["| pictures | number | called overexposed | by pale things | which of these |", "|---|---|---|---|---|"]
    shoot = DATA / "shoot-a"
    rows = _rows(shoot / "truth.csv")
    over = [shoot / each["file"] for each in rows if each["defect"] == "overexposed"]
    good = [shoot / each["file"] for each in rows if each["defect"] == "none" and each["file"].endswith(".jpg")]
    groups = {
        "shoot-a, overexposed": over,
        "samples, overexposed": [ROOT / "samples" / "shoot" / "MUG-01_back.jpg"],
        "shoot-a, without a fault": good,
        "catalogue": sorted((DATA / "ecommerce" / "catalogue").glob("*.jpg")),
    }
    for name, paths in groups.items():
        found = {path.stem: _faults(path) for path in paths if cv2.imread(str(path)) is not None}
        pale = [stem for stem, faults in found.items() if any("lost its red" in each for each in faults)]
        called = sum(bool(faults) for faults in found.values())
        lines.append(f"| {name} | {len(found)} | {called} | {len(pale)} | {', '.join(pale)} |")
    return lines


def _faults(path: Path) -> list[str]:
    facts = finished(read(path, 1000), path.stem, "", (1, 1, 1)).picture.facts["metering"]
    return [each.text for each in _over_faults(facts, 0.5)]


def two_lights(angle: float) -> tuple[Light, Light]:
    """Two lights on the line from lamps to sky, `angle` degrees apart, neutral between them."""
    low, high = 0.0, 3.0
    for _ in range(40):
        middle = (low + high) / 2
        one, other = (np.array([2.0 ** (0.41 * s), 1.0, 2.0 ** (-0.91 * s)]) for s in (middle, -middle))
        low, high = (middle, high) if neutral.angle_deg(one, other) < angle else (low, middle)
    return one, other


def relit(light: NDArray[np.float32], angle: float, chance: np.random.Generator) -> NDArray[np.float32]:
    """The scene under two lights: one fades into the other across the frame, slowly or fast, in any direction."""
    if angle == 0:
        return light
    height, width = light.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    way = chance.uniform(0, 2 * np.pi)
    t = (x / width - 0.5) * np.cos(way) + (y / height - 0.5) * np.sin(way)
    t = (t - t.min()) / (t.max() - t.min())
    share = 1 / (1 + np.exp(-(t - chance.uniform(0.35, 0.65)) * chance.choice([3, 8])))
    share = ((share - share.min()) / (share.max() - share.min()))[..., None]
    one, other = two_lights(angle)
    return (light * (one + (other - one) * share)).astype(np.float32)


def mixed_scenes() -> dict[str, list[NDArray[np.float32]]]:
    """Linear pictures of one light: rendered packshots, arithmetic packshots, catalogue on white, snapshots."""
    rows = _rows(ROOT / "samples" / "shoot" / "truth.csv")
    single = [each["file"] for each in rows if each["defect"] not in ("mixed_light", "overexposed", "exact_duplicate")]
    packshots = [0.93 * decode_srgb(read(ROOT / "samples" / "shoot" / each, 800)) for each in single]
    white = []
    for path in sorted((DATA / "ecommerce" / "catalogue").glob("*_main.jpg"))[:30]:
        light = decode_srgb(read(path, 800))
        white.append(np.where((light > 0.97).all(axis=2, keepdims=True), np.float32(1.6), light))
    snapshots = sorted((DATA / "ecommerce" / "snapshots").glob("*.jpg"))[:40]
    return {
        "rendered packshots, paper in sight": packshots,
        "catalogue, paper clipped to white": white,
        "snapshots, no paper": [0.9 * decode_srgb(read(path, 800)) for path in snapshots],
    }


def mixed_reading(light: NDArray[np.float32]) -> tuple[float, float]:
    """Drift over the frame and spread over the backdrop, in degrees, as the check measures them."""
    found = mixed_light.measure(Subject(Image(as_jpeg(encode_srgb(light)), "srgb")))
    values = {each.name: each.value or 0.0 for each in found.measures}
    return values.get("drift", 0.0), values.get("backdrop_spread", 0.0)


def is_mixed(reading: tuple[float, float]) -> bool:
    """The limits of the step and of the check."""
    return reading[0] > 2.0 or reading[1] > 3.0


def mixed_table() -> list[str]:
    """AUC of the reading at known angles between two lights, and the share that is flagged."""
    head = " | ".join(f"{angle}°" for angle in ANGLES)
    lines = [f"| pictures | one light: flagged | {head} |", "|---|---|" + "---|" * len(ANGLES)]
    for name, scenes in mixed_scenes().items():
        chance = np.random.default_rng(3)
        plain = [mixed_reading(each) for each in scenes]
        cells = []
        for angle in ANGLES:
            lit = [mixed_reading(relit(each, angle, chance)) for each in scenes]
            score, zero = (np.array([max(a / 2.0, b / 3.0) for a, b in each]) for each in (lit, plain))
            cells.append(f"{auc(zero, score):.2f}, {np.mean([is_mixed(each) for each in lit]):.0%}")
        flagged = f"{sum(is_mixed(each) for each in plain)} of {len(plain)}"
        lines.append(f"| {name} | {flagged} | {' | '.join(cells)} |")
    path = ROOT / "samples" / "shoot" / "BOX-10_side.jpg"
    drift, spread = mixed_reading(decode_srgb(read(path)))
    lines += [
        "",
        f"The sample rendered under a lamp and a window: drift {drift:.1f}, spread on its paper {spread:.1f}.",
    ]
    return lines


def save_pictures(folder: Path, cases: list[Case]) -> None:
    """Before and after of every case, and maps of mixed light."""
    folder.mkdir(parents=True, exist_ok=True)
    real = sorted((DATA / "wb-exposure" / "real-cast").glob("*.jpg"))
    for case in [*cases, *(finished(read(path, 800), path.stem, "real", (1, 1, 1)) for path in real)]:
        proposal = white_balance.propose(case.picture, None, {}, None)  # type: ignore[arg-type]
        pixels = case.picture.image.pixels
        light = 1.0 if case.kind != "raw" else 0.9 / max(1e-4, float(np.percentile(pixels, 99)))
        pair = [encode_srgb(light * each) for each in (pixels, painted(case, dict(proposal.params)))]
        both = np.hstack([cv2.resize(each, (480, 480), interpolation=cv2.INTER_AREA) for each in pair])
        cv2.imwrite(str(folder / f"{Path(case.name).stem}.jpg"), np.ascontiguousarray(both[..., ::-1]))
    for path in sorted((ROOT / "samples" / "shoot").glob("BOX-10_*.jpg")):
        rgb, usable = small(finished(read(path), path.stem, "", (1, 1, 1)))
        field = illuminant_map.find_light_field(rgb, usable)
        if field is not None:
            heat = np.clip(field.off_deg * (255 / 12), 0, 255).astype(np.uint8)
            shown = cv2.applyColorMap(cv2.resize(heat, (600, 450), interpolation=cv2.INTER_NEAREST), cv2.COLORMAP_JET)
            cv2.imwrite(str(folder / f"map_{path.stem}.png"), shown)
    print(f"backdrops found on {sum(find_backdrop(small(each)[0]).found for each in cases)} of {len(cases)} pictures")


def main() -> None:
    """Print the tables; with --save, write them down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--pictures", type=Path)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    cases = with_truth()
    if asked.pictures is not None:
        save_pictures(asked.pictures, cases)
        return
    mine = [ours(each) for each in made()]
    text = ["# White balance, exposure and mixed light against truth", ""]
    text += ["Made by `python benchmarks/white_balance.py --save`. Errors of light in degrees.", "", *NOTE, ""]
    text += ["## White balance on wb-exposure, without metadata", *balance_tables(cases), ""]
    text += [
        "## Snapshots under casts",
        "",
        "No paper, colored grounds; what the cameras were off counts as our error.",
    ]
    text += ["", "| number | mean | median | worst quarter | worst | in the doubtful third | AUC |"]
    text += ["|---|---|---|---|---|---|---|", f"| {len(mine)} | {told([e.error for e in mine])} | {doubt(mine)} |", ""]
    text += ["## Pictures that need nothing", "", *controls_table(cases), ""]
    text += [
        "## Exposure",
        "",
        *exposure_table(),
        "",
        "## Overexposed before white paper",
        "",
        *overexposed_table(),
        "",
    ]
    text += ["## Mixed light", "", "AUC against the same pictures in one light, and the share flagged, by the angle"]
    text += ["between two lights that fade into each other over the frame.", "", *mixed_table()]
    print("\n".join(text), flush=True)
    if asked.save:
        target = Path(__file__).parent / "results" / "white_balance.md"
        target.parent.mkdir(exist_ok=True)
        target.write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
