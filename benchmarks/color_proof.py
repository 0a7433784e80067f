"""Pictures to look at: before, after, reference and the difference, from real files.

Run from the checkout::

    python benchmarks/color_proof.py --out proofs          # report.html with its sheets, and the table on the screen
    python benchmarks/color_proof.py --out proofs --save   # also write benchmarks/results/color_proof.md

The report and its sheets hold pictures of ../shared/data, which are not ours to hand on: they are written where they
are asked for, and the table alone is kept.
"""

from __future__ import annotations

import argparse
import html
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import rawpy
import simplejpeg

from color_pass import interpolated
from safelight.checks.mixed_light import check as mixed_light
from safelight.core.check import Subject
from safelight.core.image import Image
from safelight.pixels.color import fused, spaces
from safelight.pixels.color.bake import cube_bytes
from safelight.pixels.color.chart_reference import light_of_lab
from safelight.pixels.color.cube import read_cube
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.look import lut_look
from safelight.pixels.color.lut import read_lut
from safelight.pixels.color.match import match_look
from safelight.pixels.measure.chart_facts import read_chart
from safelight.runs.single import apply_step

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "shoot"
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
RESULT = Path(__file__).with_name("results") / "color_proof.md"
TILE, MOST = 420, 10.0  # px wide; ΔE00 that is white in the map


@dataclass(frozen=True)
class Row:
    """One row of a sheet: what was done, and three pictures (H, W, 3) float32 sRGB code values of one size.

    Differences are counted where `counts` says so, everywhere by default.
    """

    name: str
    before: np.ndarray
    after: np.ndarray
    reference: np.ndarray
    counts: np.ndarray = field(default_factory=lambda: np.ones(1, np.bool_))

    def off(self, other: np.ndarray) -> np.ndarray:
        """ΔE00 of a picture to the reference; 0 where it does not count."""
        return np.where(self.counts, difference(other, self.reference), 0.0)

    def told(self, other: np.ndarray) -> str:
        """Mean and 95th percentile of the difference where it counts."""
        off = self.off(other)[np.broadcast_to(self.counts, other.shape[:2])]
        return f"{off.mean():.2f}, {np.percentile(off, 95):.2f}"


def codes_of(path: Path, width: int = TILE) -> np.ndarray:
    """A picture's code values, reduced in linear light."""
    return smaller(read_codes(path), width)


def read_codes(path: Path) -> np.ndarray:
    """A picture's code values at its own size."""
    if path.suffix == ".png":
        return spaces.to_float(np.ascontiguousarray(cv2.imread(str(path))[..., ::-1]))
    return spaces.to_float(simplejpeg.decode_jpeg(path.read_bytes()))


def smaller(codes: np.ndarray, width: int = TILE) -> np.ndarray:
    """Reduce code values in linear light to `width`."""
    size = width, max(1, round(len(codes) * width / codes.shape[1]))
    light = cv2.resize(spaces.decode(np.ascontiguousarray(codes), "srgb"), size, interpolation=cv2.INTER_AREA)
    return spaces.encode(np.clip(light, 0, 1), "srgb")


def applied(step: str, source: Path, *settings: str, width: int = TILE, form: str = ".jpg") -> np.ndarray:
    """What the command ``apply`` makes of a file."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / f"out{form}"
        apply_step(step, source, out, settings)
        codes = read_codes(out)
    return smaller(codes, width) if width else codes


def developed() -> Iterator[Row]:
    """A RAW beside the JPEG that its file carries: as proposed, and lifted to be as bright; before: without a view."""
    source = DATA / "raw/canon_eos_6d_lossy_linear.dng"
    with rawpy.imread(str(source)) as raw:
        carried = spaces.to_float(simplejpeg.decode_jpeg(io.BytesIO(raw.extract_thumb().data).getvalue()))
    plain = applied("develop", source, "contrast=1", "baseline_stops=0", "roll_off=0", "black_point=0")
    after, reference = applied("develop", source), smaller(carried)
    height = min(len(after), len(reference))
    plain, after, reference = (each[:height] for each in (plain, after, reference))
    yield Row("RAW, as proposed; reference: the JPEG in its file", plain, after, reference)
    lifts = {
        stops: applied("develop", source, f"baseline_stops={stops:g}")[:height] for stops in np.arange(0, 1.6, 0.25)
    }
    stops = min(lifts, key=lambda each: abs(lightness_of(lifts[each]) - lightness_of(reference)))
    yield Row(f"RAW, {stops:g} stops: as bright as that JPEG", plain, lifts[stops], reference)


def lightness_of(codes: np.ndarray) -> float:
    """Mean L* of a picture."""
    return float(lab_from(np.ascontiguousarray(codes, np.float32), "srgb")[..., 0].mean())


def charted() -> Iterator[Row]:
    """Photographs of charts: each patch against its published color, as light as sRGB holds it."""
    for name in ("source1_img", "classic"):
        source = DATA / f"colorchecker/{name}.png"
        codes = read_codes(source)
        light = spaces.convert(codes, "srgb", "linear_rec2020")
        facts = read_chart(light, (codes >= 254 / 255).any(axis=2))
        after = applied("color_matrix", source, "whole=true", width=0, form=".png")
        reference, counts = after.copy(), np.zeros(codes.shape[:2], np.bool_)
        half = [0.3 * side * size for side, size in zip(facts["side"], codes.shape[1::-1], strict=True)]
        for (x, y), patch in zip(facts["places"], facts["patches"], strict=True):
            rows, columns = (
                slice(max(0, round(at * size - reach)), max(1, round(at * size + reach)))
                for at, size, reach in zip((y, x), codes.shape[:2], half[::-1], strict=True)
            )
            wanted = np.asarray(light_of_lab(patch["reference_lab"]), np.float32)[None]
            reference[rows, columns] = np.clip(spaces.convert(wanted, "linear_rec2020", "srgb"), 0, 1)
            counts[rows, columns] = True
        yield Row(f"chart: {name}, whole", codes, after, reference, counts)


def lit() -> Iterator[tuple[str, np.ndarray, np.ndarray, str]]:
    """Frames in light of one and of two colors: the picture, the check's map on it, and what it measured."""
    for name in ("BOX-10_front", "BOX-10_side", "KET-09_front"):
        codes = simplejpeg.decode_jpeg((SAMPLES / f"{name}.jpg").read_bytes())
        found = mixed_light.measure(Subject(Image(codes, "srgb")))
        words = ", ".join(f"{each.name} {each.value:.1f} deg" for each in found.measures if each.value is not None)
        shown = smaller(spaces.to_float(codes))
        heat = found.evidence[0].heat if found.evidence else np.zeros((1, 1), np.uint8)
        map_ = cv2.resize(heat, shown.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        colors = cv2.applyColorMap(map_, cv2.COLORMAP_INFERNO)[..., ::-1].astype(np.float32) / 255
        yield name, shown, colors, words


def corrected() -> Iterator[Row]:
    """Casts and underexposure on product pictures whose original is known."""
    place = DATA / "wb-exposure" / "product"
    for name, planted, step in (
        ("wj09-green_main", "tungsten", "white_balance"),
        ("msh06-red_main", "shade", "white_balance"),
        ("wh11-green_main", "green_tube", "white_balance"),
        ("wp08-black_main", "ev-1.0", "exposure"),
    ):
        source = place / f"{name}__{planted}.jpg"
        yield Row(
            f"{step}: {name}, {planted}", codes_of(source), applied(step, source), codes_of(place / f"{name}.jpg")
        )


def looked() -> Iterator[Row]:
    """A brand's LUT at JPEG quality 92, against plain interpolation; and a look taken from a reference."""
    file = DATA / "luts/cube/nilut_LUT01_33.cube"
    data = file.read_bytes()
    table, look = read_cube(data, file.name).table, lut_look(read_lut(data, file.name), "srgb", "srgb")
    for shot in (
        sorted((DATA / "shoot-a").glob("DSC_*.jpg"))[8],
        sorted((DATA / "edit-pairs").glob("*_before.jpg"))[2],
    ):
        codes = simplejpeg.decode_jpeg(shot.read_bytes())
        painted = fused.apply(codes, "srgb", [look], "srgb", np.uint8, keep_hue=True)
        file_bytes = simplejpeg.encode_jpeg(painted, quality=92, colorsubsampling="444")
        seen, wanted = spaces.to_float(simplejpeg.decode_jpeg(file_bytes)), interpolated(table, spaces.to_float(codes))
        yield Row(f"look, JPEG 92: {shot.stem}", *(smaller(each) for each in (spaces.to_float(codes), seen, wanted)))
    place = DATA / "edit-pairs"
    before, film = (codes_of(place / f"03_{each}.jpg") for each in ("before", "after_film"))
    found = match_look(film, [before], strength=1.0, method="transport")
    matched = interpolated(read_cube(cube_bytes(found.table, "film", "matched"), "film.cube").table, before)
    yield Row("match to a reference: 03, film", before, np.clip(matched, 0, 1), film)


def sheet_of(rows: list[Row]) -> np.ndarray:
    """All rows with their words, 8-bit BGR."""
    parts = []
    for row in rows:
        heat = cv2.applyColorMap(
            np.rint(np.clip(row.off(row.after) / MOST, 0, 1) * 255).astype(np.uint8), cv2.COLORMAP_INFERNO
        )
        tiles = [_codes_of_8_bits(each) for each in (row.before, row.after, row.reference)]
        words = [
            f"{row.name}: before",
            "after",
            "reference",
            f"dE00 0 to {MOST:g}: mean {row.told(row.after).split(',')[0]}",
        ]
        parts.append(_strip([*tiles, heat], words))
    return _stacked(parts)


def light_sheet(rows: list[tuple[str, np.ndarray, np.ndarray, str]]) -> np.ndarray:
    """Pictures beside the maps of their light."""
    return _stacked(
        [
            _strip([_codes_of_8_bits(shown), _codes_of_8_bits(heat)], [name, f"off the light: {words}"])
            for name, shown, heat, words in rows
        ]
    )


def _codes_of_8_bits(codes: np.ndarray) -> np.ndarray:
    return np.rint(255 * np.clip(codes[..., ::-1], 0, 1)).astype(np.uint8)


def _strip(tiles: list[np.ndarray], words: list[str]) -> np.ndarray:
    strip = np.hstack(tiles)
    head = np.full((30, strip.shape[1], 3), 245, np.uint8)
    across = strip.shape[1] // len(tiles)
    for at, text in enumerate(words):
        cv2.putText(head, text, (at * across + 6, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (20, 20, 20), 1, cv2.LINE_AA)
    return np.vstack([head, strip])


def _stacked(parts: list[np.ndarray]) -> np.ndarray:
    width = max(each.shape[1] for each in parts)
    return np.vstack(
        [np.pad(each, ((0, 0), (0, width - each.shape[1]), (0, 0)), constant_values=255) for each in parts]
    )


def difference(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """ΔE00 of two pictures of code values."""
    return delta_e_2000(*(lab_from(np.ascontiguousarray(each, np.float32), "srgb") for each in (one, two)))


def table_of(rows: list[Row]) -> list[str]:
    """The differences to the reference, before and after."""
    lines = ["| picture | ΔE00 before: mean, p95 | after: mean, p95 |", "|---|---|---|"]
    lines += [f"| {row.name} | {row.told(row.before)} | {row.told(row.after)} |" for row in rows]
    return lines


def page_of(parts: list[tuple[str, list[str], str]]) -> str:
    """The report: each sheet under its table; sheets lie beside it."""
    body = []
    for title, table, sheet in parts:
        cells = [[each.strip() for each in line.strip("|").split("|")] for line in table if not line.startswith("|--")]
        rows = "".join("<tr>" + "".join(f"<td>{html.escape(each)}</td>" for each in row) + "</tr>" for row in cells)
        shown = f'<img src="{sheet}" alt="{title}: before, after, reference, difference">'
        body.append(f"<h2>{title}</h2><table>{rows}</table><p>{shown}</p>")
    style = "body{font:15px sans-serif;margin:24px}td{padding:2px 14px 2px 0}img{max-width:100%}"
    return f'<!doctype html><meta charset="utf-8"><title>Color side by side</title><style>{style}</style><h1>Color side by side</h1>{"".join(body)}\n'  # noqa: E501


def main() -> None:
    """Write the sheets and their table."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--out", type=Path, required=True)
    words.add_argument("--save", action="store_true")
    wanted = words.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    text = [
        "# Color side by side",
        "",
        "Made by `python benchmarks/color_proof.py --out FOLDER --save`, which writes FOLDER/report.html: before, after, reference and ΔE00 map",  # noqa: E501
        f"of each picture. At {TILE} px wide, as on a page.",
    ]
    parts = []
    for name, made in (
        ("corrections", corrected()),
        ("looks", looked()),
        ("RAW", developed()),
        ("charts", charted()),
    ):
        rows = list(made)
        cv2.imwrite(str(wanted.out / f"{name}.png"), sheet_of(rows))
        title = name[0].upper() + name[1:]
        parts.append((title, table_of(rows), f"{name}.png"))
        text += ["", f"## {title}", "", *table_of(rows)]
    light = list(lit())
    cv2.imwrite(str(wanted.out / "light.png"), light_sheet(light))
    table = [
        "| picture | light over the frame |",
        "|---|---|",
        *(f"| {name} | {words} |" for name, _, _, words in light),
    ]
    parts.append(("Mixed light", table, "light.png"))
    text += ["", "## Mixed light", "", *table]
    (wanted.out / "report.html").write_text(page_of(parts))
    print("\n".join(text))
    if wanted.save:
        kept = RESULT.read_text().partition("\n## Read with")[1:] if RESULT.exists() else ("", "")
        RESULT.write_text("\n".join(text) + "\n" + "".join(kept))


if __name__ == "__main__":
    main()
