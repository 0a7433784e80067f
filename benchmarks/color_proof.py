"""Pictures to look at: before, after, reference and the difference, from real files.

Run from the checkout::

    python benchmarks/color_proof.py --out proofs          # sheets as PNG, and their table on the screen
    python benchmarks/color_proof.py --out proofs --save   # also write benchmarks/results/color_proof.md

The sheets hold pictures of ../shared/data, which are not ours to hand on: they are written where they are asked for,
and the table alone is kept.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import simplejpeg

from color_pass import interpolated
from safelight.pixels.color import fused, spaces
from safelight.pixels.color.bake import cube_bytes
from safelight.pixels.color.cube import read_cube
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.look import lut_look
from safelight.pixels.color.lut import read_lut
from safelight.pixels.color.match import match_look
from safelight.runs.single import apply_step

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
RESULT = Path(__file__).with_name("results") / "color_proof.md"
TILE, MOST = 420, 10.0  # px wide; ΔE00 that is white in the map


@dataclass(frozen=True)
class Row:
    """One row of a sheet: what was done, and three pictures (H, W, 3) float32 sRGB code values of one size."""

    name: str
    before: np.ndarray
    after: np.ndarray
    reference: np.ndarray


def codes_of(path: Path, width: int = TILE) -> np.ndarray:
    """A picture's code values, reduced in linear light."""
    codes = spaces.to_float(simplejpeg.decode_jpeg(path.read_bytes()))
    return smaller(codes, width)


def smaller(codes: np.ndarray, width: int = TILE) -> np.ndarray:
    """Reduce code values in linear light to `width`."""
    size = width, max(1, round(len(codes) * width / codes.shape[1]))
    light = cv2.resize(spaces.decode(np.ascontiguousarray(codes), "srgb"), size, interpolation=cv2.INTER_AREA)
    return spaces.encode(np.clip(light, 0, 1), "srgb")


def applied(step: str, source: Path) -> np.ndarray:
    """What the command ``apply`` makes of a file."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.jpg"
        apply_step(step, source, out, [])
        return codes_of(out)


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
        off = difference(row.after, row.reference)
        heat = cv2.applyColorMap(np.rint(np.clip(off / MOST, 0, 1) * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
        tiles = [np.rint(255 * each[..., ::-1]).astype(np.uint8) for each in (row.before, row.after, row.reference)]
        strip = np.hstack([*tiles, heat])
        head = np.full((30, strip.shape[1], 3), 245, np.uint8)
        words = [f"{row.name}: before", "after", "reference", f"dE00 0 to {MOST:g}: mean {off.mean():.2f}"]
        for at, text in enumerate(words):
            cv2.putText(head, text, (at * TILE + 6, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (20, 20, 20), 1, cv2.LINE_AA)
        parts += [head, strip]
    return np.vstack(parts)


def difference(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """ΔE00 of two pictures of code values."""
    return delta_e_2000(*(lab_from(np.ascontiguousarray(each, np.float32), "srgb") for each in (one, two)))


def table_of(rows: list[Row]) -> list[str]:
    """The differences to the reference, before and after."""
    lines = ["| picture | ΔE00 before: mean, p95 | after: mean, p95 |", "|---|---|---|"]
    for row in rows:
        told = []
        for each in (row.before, row.after):
            off = difference(each, row.reference)
            told.append(f"{off.mean():.2f}, {np.percentile(off, 95):.2f}")
        lines.append(f"| {row.name} | {told[0]} | {told[1]} |")
    return lines


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
        "Made by `python benchmarks/color_proof.py --out FOLDER --save`, which writes sheets of before, after, reference and ΔE00 map to FOLDER.",  # noqa: E501
        f"At {TILE} px wide, as on a page.",
    ]
    for name, made in (("corrections", corrected()), ("looks", looked())):
        rows = list(made)
        cv2.imwrite(str(wanted.out / f"{name}.png"), sheet_of(rows))
        text += ["", f"## {name.capitalize()}", "", *table_of(rows)]
    print("\n".join(text))
    if wanted.save:
        kept = RESULT.read_text().partition("\n## Read with")[1:] if RESULT.exists() else ("", "")
        RESULT.write_text("\n".join(text) + "\n" + "".join(kept))


if __name__ == "__main__":
    main()
