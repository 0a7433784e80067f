"""How often the checks of color are right: planted defects found, clean pictures left alone.

Run from the checkout, with the measurement pictures in ../shared/data::

    python benchmarks/color_checks.py                 # the table
    python benchmarks/color_checks.py --save          # write benchmarks/results/color_checks.md
    python benchmarks/color_checks.py --pictures DIR  # also the evidence, drawn

The reference of a catalogue picture is its own color; the clean case is the same picture resized, cropped and encoded
again, the planted one has a cast of 5 ΔE00 on that color, laid on before anything else.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from pathlib import Path

import cv2
import numpy as np

from safelight.checks import banding, color_difference, gamut
from safelight.core.check import Check, Subject, judge
from safelight.core.image import Image
from safelight.pixels.color.chart_reference import lab_of_light, light_of_lab
from safelight.pixels.color.difference import delta_e_2000
from safelight.pixels.color.spaces import convert, to_integers
from safelight.pixels.measure.chart import find_chart
from safelight.pixels.measure.color_region import find_colors
from safelight.pixels.measure.region import find_subject

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data" / "ecommerce"
# What the sample shoot's articles are made of, where one material covers most of them.
MATERIALS = {
    "MUG-01": "mug_glaze",
    "BOT-02": "bottle_coat",
    "BEN-05": "beanie_wool",
    "CUS-12": "cushion_linen",
    "BAG-06": "bag_leather",
    "BWL-08": "bowl_porcelain",
    "KET-09": "kettle_iron",
    "BOX-10": "box_card",
    "CND-11": "candle_jar",
}


def read(path: Path) -> np.ndarray | None:
    code = cv2.imread(str(path))
    return None if code is None else np.ascontiguousarray(code[..., ::-1])


def jpeg(code: np.ndarray, quality: int = 90) -> np.ndarray:
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(code[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def again(code: np.ndarray) -> np.ndarray:
    """The same picture at 80 %, a little cropped, encoded again."""
    height, width = code.shape[:2]
    part = code[height // 50 :, width // 50 :]
    return jpeg(cv2.resize(part, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA))


def cast(code: np.ndarray, lab: np.ndarray, delta: float, rng: np.random.Generator) -> np.ndarray:
    """Gains of red and blue that move `lab` by `delta` ΔE00, in a random direction, luminance kept."""
    angle = rng.uniform(0, 2 * np.pi)
    light = light_of_lab(lab)
    low, high = 0.0, 1.5
    for _ in range(30):
        size = (low + high) / 2
        gains = 2.0 ** (size * np.array([np.cos(angle), 0, np.sin(angle)]))
        gains /= float(np.array([0.2627, 0.678, 0.0593]) @ (light * gains)) / float(
            np.array([0.2627, 0.678, 0.0593]) @ light
        )
        low, high = (size, high) if delta_e_2000(lab_of_light(light * gains), lab) < delta else (low, size)
    seen = convert(code.astype(np.float32) / 255, "srgb", "linear_rec2020") * gains.astype(np.float32)
    return jpeg(to_integers(np.clip(convert(seen, "linear_rec2020", "srgb"), 0, 1), np.uint8))


def soft(code: np.ndarray) -> np.ndarray:
    """A field as soft as lit paper, in the picture's own colors."""
    height, width = code.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    small = cv2.resize(code, (16, 16), interpolation=cv2.INTER_AREA).astype(np.float32)
    field = cv2.GaussianBlur(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), (0, 0), 20)
    return 0.5 * field + 60 + 12 * (x / width + y / height)[..., None]


def posterized(code: np.ndarray, factor: int) -> np.ndarray:
    """That field kept in too few levels and stretched."""
    field = soft(code)
    return (np.rint(field / factor) * factor).clip(0, 255).astype(np.uint8)


def noisy(code: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    field = soft(code)
    return np.rint(field + rng.normal(0, 1.0, field.shape)).clip(0, 255).astype(np.uint8)


def verdict(check: Check, code: np.ndarray, **more):
    findings = check.measure(Subject(Image(np.ascontiguousarray(code), "srgb"), **more))
    return judge(check, findings), findings


def draw(folder: Path, name: str, code: np.ndarray, findings) -> None:
    seen = np.ascontiguousarray(code[..., ::-1])
    for each in findings.evidence:
        x0, y0, x1, y1 = (round(v * s) for v, s in zip(each.box, (code.shape[1], code.shape[0]) * 2, strict=True))
        cv2.rectangle(seen, (x0, y0), (x1, y1), (0, 0, 255), 2)
    cv2.imwrite(str(folder / f"{name}.jpg"), seen)


def catalogue(files: list[Path], pictures: Path | None) -> list[str]:
    rng = np.random.default_rng(6)
    words: dict[str, list[str]] = {}
    none, charts, seconds, number = 0, 0, {"chart": 0.0, "banding": 0.0, "color": 0.0}, 0
    moved: list[float] = []
    for path in files:
        code = read(path)
        if code is None:
            continue
        number += 1
        began = time.process_time()
        charts += find_chart(convert(code.astype(np.float32) / 255, "srgb", "linear_rec2020")).found
        seconds["chart"] += time.process_time() - began
        began = time.process_time()
        said, findings = verdict(banding.check, code)
        seconds["banding"] += time.process_time() - began
        words.setdefault("banding, as it is", []).append(said.word)
        if pictures and said.word != "pass":
            draw(pictures, f"banding_{path.stem}", code, findings)
        if number % 3 == 0:
            for name, made in (
                ("banding, 4 levels planted", posterized(code, 4)),
                ("banding, noisy field", noisy(code, rng)),
            ):
                words.setdefault(name, []).append(verdict(banding.check, made)[0].word)
        words.setdefault("gamut, as it is", []).append(verdict(gamut.check, code, original=Image(code, "srgb"))[0].word)
        region = find_subject(code, "srgb", None)
        colors = find_colors(code, "srgb", region.mask)
        if not colors.regions:
            none += 1
            continue
        lab = colors.regions[0].lab
        expected = {"reference_lab": lab.tolist(), "reference": "swatch"}
        began = time.process_time()
        clean, findings = verdict(color_difference.check, again(code), expected=expected)
        seconds["color"] += time.process_time() - began
        words.setdefault("color_difference, the same color", []).append(clean.word)
        planted = cast(code, lab, 5.0, rng)
        alpha = (region.mask / 255).astype(np.float32)  # a cast must not hide the subject from the judge
        said, findings = verdict(color_difference.check, planted, expected=expected, alpha=alpha)
        words.setdefault("color_difference, 5 ΔE00 planted", []).append(said.word)
        moved.append(findings.measures[0].value or 0.0)
        if pictures and number % 25 == 0:
            draw(pictures, f"cast_{path.stem}", planted, findings)
    rows = [
        f"{number} pictures; in {none} no color covers a tenth of the subject. Charts found where none is: {charts}.",
        "",
    ]
    rows += ["| case | pictures | pass | warn | fail |", "|---|---|---|---|---|"]
    for name, found in words.items():
        counts = " | ".join(f"{found.count(word)}" for word in ("pass", "warn", "fail"))
        rows.append(f"| {name} | {len(found)} | {counts} |")
    spread = ", ".join(f"{each:.1f}" for each in np.percentile(moved, [1, 5, 50, 95]))
    rows += ["", f"The planted 5 ΔE00 are measured as (percentiles 1, 5, 50, 95): {spread}."]
    each = ", ".join(f"{name} {1000 * value / number:.0f} ms" for name, value in seconds.items())
    return [*rows, "", f"Processor time a picture: {each}."]


def shoot(pictures: Path | None) -> list[str]:
    """The sample shoot against the true colors of its materials."""
    truth = json.loads((ROOT / "samples" / "truth" / "color.json").read_text())["materials"]
    rows = ["| frame | defect | verdict | ΔE00 | ΔE*ab | lightness | share |", "|---|---|---|---|---|---|---|"]
    for row in csv.DictReader((ROOT / "samples" / "shoot" / "truth.csv").open()):
        code = read(ROOT / "samples" / "shoot" / row["file"])
        if row["product"] not in MATERIALS or code is None:
            continue
        matte = cv2.imread(str(ROOT / "samples" / row["matte"]), cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255
        expected = {"reference_lab": truth[MATERIALS[row["product"]]]["lab"], "reference": "material"}
        said, findings = verdict(color_difference.check, code, alpha=matte, expected=expected)
        values = {each.name: each.value for each in findings.measures}
        rows.append(
            f"| {row['file']} | {row['defect']} | {said.word} | {values['delta_e']:.1f} | {values['delta_e_76']:.1f} | "
            f"{values['lightness']:+.1f} | {values['measured_share']:.0f} % |"
        )
        if pictures:
            draw(pictures, f"shoot_{Path(row['file']).stem}", code, findings)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--pictures", type=Path)
    wanted = parser.parse_args()
    cv2.setNumThreads(1)
    if wanted.pictures:
        wanted.pictures.mkdir(parents=True, exist_ok=True)
    files = [each for each in sorted(DATA.rglob("*")) if each.suffix.lower() in (".jpg", ".jpeg", ".png")]
    lines = [
        "# Checks of color",
        "",
        "Made by `python benchmarks/color_checks.py --save`.",
        "",
        "## Catalogue pictures",
        "",
    ]
    lines += [*catalogue(files, wanted.pictures), "", "## The sample shoot against its true materials", ""]
    lines += [*shoot(wanted.pictures), ""]
    text = "\n".join(lines)
    print(text)
    if wanted.save:
        Path(__file__).with_name("results").joinpath("color_checks.md").write_text(text)


if __name__ == "__main__":
    main()
