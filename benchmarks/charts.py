"""Charts found, read and corrected, where the truth is known: rendered light, RAW, and photographs.

Run from the checkout, with the measurement pictures in ../shared/data::

    python benchmarks/charts.py                 # the tables
    python benchmarks/charts.py --save          # write benchmarks/results/charts.md
    python benchmarks/charts.py --pictures DIR  # also what was found, drawn on the pictures

Each patch is judged by a fit that has not seen it (leave one out); beside it stands OpenCV's ccm on the same patches,
left out in the same way.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from pictures import write_dng
from safelight.pixels.color.chart_reference import CHARTS, lab_of_light, reference_lab
from safelight.pixels.color.difference import delta_e_2000
from safelight.pixels.color.matrix_fit import fit_chart
from safelight.pixels.color.spaces import convert, encode
from safelight.pixels.measure.chart import Chart, find_chart
from safelight.pixels.measure.chart_facts import is_usable, read_chart

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.charts import draw_chart, photograph

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "colorchecker"
SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "shoot" / "IMG_0401.jpg"
FULL = 3.0  # where the rendered sensor is full: a stop and a half above white, as cameras meter
PLACES = np.array([[(column - 2.5) / 2.5, (row - 1.5) / 2.5] for row in range(4) for column in range(6)])


def rendered() -> Iterator[tuple[str, np.ndarray, str]]:
    """Named pictures in linear light, and which chart stands in them."""
    rng = np.random.default_rng(12)
    casts = {"neutral": (1, 1, 1), "tungsten": (1.5, 1, 0.55), "shade": (0.85, 1, 1.25), "tube": (0.95, 1.1, 0.85)}
    for number, (name, cast) in enumerate(casts.items()):
        for stops in (-1.0, 0.0, 1.0):
            chart = list(CHARTS)[number % 2]
            light = draw_chart(chart, angle=[0, 7, -12, 181][number], tilt=[0, 0.15, -0.2, 0.1][number])
            for mix, fall, noise in ((0.5, 0.0, 0.01), (1.0, 0.15, 0.03)):
                said = f"{name}, {stops:+.0f} EV, crosstalk {mix}, fall {fall} stops, noise {noise:.0%}"
                yield said, photograph(light, rng, stops=stops, cast=cast, mix=mix, fall=fall, noise=noise), chart


def raw(folder: Path) -> Iterator[tuple[str, np.ndarray, np.ndarray, str]]:
    """The same through a DNG: mosaic, black level, 14 bits, a camera matrix that is not quite this camera's."""
    from safelight.media.sandbox import Decoder
    from safelight.render.views import work_image

    rng = np.random.default_rng(3)
    with Decoder() as decoder:
        for number, stops in enumerate((-1.0, 0.0, 0.4)):
            chart = list(CHARTS)[number % 2]
            light = draw_chart(chart, (2400, 1800), angle=[3, -8, 179][number], tilt=0.1)
            seen = photograph(light, rng, stops=stops - 0.4, cast=(1.1, 1, 0.85), mix=0.6, fall=0.1, noise=0.01)
            srgb = convert(np.clip(seen, 0, 1), "linear_rec2020", "srgb")
            path = folder / f"chart{number}.dng"
            write_dng(path, np.clip(srgb, 0, 1) * 255)
            decoded = decoder.decode(str(path))
            image = work_image(decoded.image, 1600)
            yield f"DNG, {stops - 0.4:+.1f} EV", image.pixels[..., :3], np.zeros(image.pixels.shape[:2], bool), chart


def photographs() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    for path in [*sorted(DATA.glob("*.png")), *sorted(DATA.glob("*.jpg")), SAMPLE]:
        code = cv2.imread(str(path))[..., ::-1]
        light = convert(np.ascontiguousarray(code.astype(np.float32) / 255), "srgb", "linear_rec2020")
        yield path.name, light, (code >= 254).any(axis=2)


def ccm_left_out(measured: np.ndarray, usable: np.ndarray, chart: str) -> dict[str, float]:
    """Mean ΔE00 that OpenCV's ccm reaches on patches left out, as it comes and with its best settings."""
    srgb = np.clip(convert(measured.astype(np.float32)[None], "linear_rec2020", "srgb"), 0, 1)[0].astype(np.float64)
    lab = reference_lab(chart)
    results = {}
    for name, linear in (
        ("gamma 2.2 (its default)", cv2.ccm.LINEARIZATION_GAMMA),
        ("gray polynomial", cv2.ccm.LINEARIZATION_GRAYPOLYFIT),
        ("color polynomial", cv2.ccm.LINEARIZATION_COLORPOLYFIT),
    ):
        for kind, size in (("3x3", cv2.ccm.CCM_3X3), ("4x3", cv2.ccm.CCM_4X3)):
            errors = []
            for each in np.flatnonzero(usable):
                rest = np.setdiff1d(np.flatnonzero(usable), [each])
                mask = np.isin(rest, range(18, 24)).astype(np.uint8)[:, None]
                try:
                    model = cv2.ccm.ColorCorrectionModel(
                        srgb[rest][:, None], lab[rest][:, None], cv2.ccm.COLOR_SPACE_Lab_D50_2, mask_of_colors(mask)
                    )
                    model.setColorSpace(cv2.ccm.COLOR_SPACE_sRGB)
                    model.setCCM_TYPE(size)
                    model.setLinear(linear)
                    model.run()
                    out = model.infer(srgb[each][None, None])
                except (cv2.error, AttributeError, TypeError) as error:
                    results[f"{name} {kind}"] = float("nan")
                    print("ccm:", str(error)[:200])
                    break
                light = convert(np.float32(np.clip(out, 0, 1)).reshape(1, 1, 3), "srgb", "linear_rec2020")
                errors.append(float(delta_e_2000(lab_of_light(light), lab[each]).item()))
            else:
                results[f"{name} {kind}"] = float(np.mean(errors))
    return results


def mask_of_colors(grays: np.ndarray) -> np.ndarray:
    """cv2.ccm wants a mask of the colors that are not gray."""
    return (1 - grays).astype(np.uint8) * 255


def fit(chart: Chart, names: tuple[str, ...], *, undo: bool):
    return fit_chart(chart.rgb, usable=is_usable(chart), places=PLACES, charts=names, undo_contrast=undo)


def as_photographed(chart: Chart, name: str) -> float:
    """Mean ΔE00 of the usable patches with nothing done, exposure included."""
    return float(delta_e_2000(lab_of_light(chart.rgb), reference_lab(name))[is_usable(chart)].mean())


def draw(folder: Path, name: str, light: np.ndarray, chart: Chart) -> None:
    codes = np.rint(encode(np.clip(convert(light, "linear_rec2020", "linear_srgb"), 0, 1), "srgb") * 255)
    seen = np.ascontiguousarray(codes[..., ::-1].astype(np.uint8))
    for number, (x, y) in enumerate(chart.places):
        half = chart.side_px * 0.25
        color = (0, 0, 255) if number == 0 else (255, 255, 255)
        cv2.rectangle(seen, (round(x - half), round(y - half)), (round(x + half), round(y + half)), color, 2)
    cv2.imwrite(str(folder / f"{Path(name).stem.replace(',', '').replace(' ', '_')}.jpg"), seen)


def table_rendered(pictures: Path | None) -> list[str]:
    rows = ["| picture | found | model | before | left out mean | left out max |", "|---|---|---|---|---|---|"]
    means, worst, found = [], [], 0
    cases = [(name, np.minimum(light, FULL), (light >= FULL).any(axis=2), chart) for name, light, chart in rendered()]
    with tempfile.TemporaryDirectory() as folder:
        cases += list(raw(Path(folder)))
    for name, light, clipped, truth in cases:
        chart = find_chart(light, clipped)
        if pictures:
            draw(pictures, name, light, chart)
        if not chart.found:
            rows.append(f"| {name} | no: {chart.why} | | | | |")
            continue
        found += 1
        made = fit(chart, tuple(CHARTS), undo=False)
        means.append(float(np.nanmean(made.left_out)))
        worst.append(float(np.nanmax(made.left_out)))
        right = "" if made.chart == truth else " (other pigments)"
        rows.append(
            f"| {name} | {int(is_usable(chart).sum())} patches{right} | {made.correction.model} | "
            f"{np.nanmean(made.before):.1f} | {means[-1]:.2f} | {worst[-1]:.2f} |"
        )
    rows += ["", f"All {found} of {len(cases)}: mean {np.mean(means):.2f} (limit 1.5), worst mean {max(means):.2f}, "
             f"worst patch {max(worst):.2f} (limit 4)."]  # fmt: skip
    return rows


def table_photographs(pictures: Path | None) -> list[str]:
    rows = [
        "| photograph | as photographed | exposure only | matrix after balance, left out | whole, left out (worst) "
        "| share of before | cv2.ccm, its default | seconds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    ours: list[float] = []
    theirs: dict[str, list[float]] = {}
    for name, light, clipped in photographs():
        began = time.process_time()
        chart = find_chart(light, clipped)
        facts = read_chart(light, clipped)
        seconds = time.process_time() - began
        if pictures:
            draw(pictures, name, light, chart)
        if not chart.found or facts["doubts"] or facts["whole"]["doubts"]:
            why = chart.why or "; ".join(facts["doubts"] or facts["whole"]["doubts"])
            rows.append(f"| {name} | refused: {why} | | | | | | {seconds:.2f} |")
            continue
        plain, whole = (fit(chart, tuple(CHARTS), undo=each) for each in (False, True))
        before, mean = as_photographed(chart, whole.chart), float(np.nanmean(whole.left_out))
        peer = ccm_left_out(chart.rgb, is_usable(chart), whole.chart)
        if name != SAMPLE.name:  # rendered, and exact but for its balance: nothing to halve
            ours.append(mean)
            for setting, value in peer.items():
                theirs.setdefault(setting, []).append(value)
        rows.append(
            f"| {name} | {before:.1f} | {np.nanmean(whole.before):.1f} | {np.nanmean(plain.left_out):.2f} "
            f"{plain.correction.model} | {mean:.2f} ({np.nanmax(whole.left_out):.1f}) {whole.correction.model} | "
            f"{mean / before:.0%} | {next(iter(peer.values())):.2f} | {seconds:.2f} |"
        )
    rows += ["", f"{SAMPLE.name} is the rendered chart of the sample shoot and no photograph: it does not count below."]
    rows += ["", f"Mean over those that are used: {np.mean(ours):.2f}; cv2.ccm, one setting for all:", ""]
    rows += [f"- {setting}: {np.mean(values):.2f}" for setting, values in theirs.items()]
    hindsight = np.mean(np.min(list(theirs.values()), axis=0))
    rows += ["", f"With the setting of cv2.ccm chosen for each photograph after the fact it would be {hindsight:.2f}."]
    return rows


def corners_off() -> list[str]:
    """How far the found patch centers lie from those marked by eye."""
    rows = []
    for row in csv.DictReader((DATA / "charts.csv").open()):
        if not row["patch1_x"]:
            continue
        code = cv2.imread(str(DATA / row["file"]))[..., ::-1]
        light = convert(np.ascontiguousarray(code.astype(np.float32) / 255), "srgb", "linear_rec2020")
        chart = find_chart(light)
        if not chart.found:
            continue
        marked = np.array([[float(row[f"patch{n}_{axis}"]) for axis in "xy"] for n in (1, 6, 24, 19)])
        # Marked are the outer corners; from them half a patch inward lie the centers.
        place = cv2.getPerspectiveTransform(np.float32([[0, 0], [1, 0], [1, 1], [0, 1]]), marked.astype(np.float32))
        side = chart.side
        u, v = side / 2 / (5 + side), side / 2 / (3 + side)
        inner = cv2.perspectiveTransform(np.array([[[u, v], [1 - u, v], [1 - u, 1 - v], [u, 1 - v]]]), place)[0]
        rows.append(f"{row['file']} {np.hypot(*(inner - chart.corners).T).max():.1f} px")
    return ["Found corners against marked ones (by eye, ± 2 px): " + ", ".join(rows) + "."]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--pictures", type=Path)
    wanted = parser.parse_args()
    cv2.setNumThreads(1)
    if wanted.pictures:
        wanted.pictures.mkdir(parents=True, exist_ok=True)
    lines = ["# Charts against truth", "", "Made by `python benchmarks/charts.py --save`. CIEDE2000 throughout.", ""]
    lines += ["## Rendered light and RAW", "", *table_rendered(wanted.pictures)]
    lines += ["", "## Photographs (small camera JPEGs)", "", *table_photographs(wanted.pictures)]
    lines += ["", *corners_off(), ""]
    text = "\n".join(lines)
    print(text)
    if wanted.save:
        Path(__file__).with_name("results").joinpath("charts.md").write_text(text)


if __name__ == "__main__":
    main()
