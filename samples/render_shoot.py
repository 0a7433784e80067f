"""Render the sample shoot: 25 packshots with their faults, mattes and color facts.

Run it from anywhere::

    python samples/render_shoot.py                      # everything still missing
    python samples/render_shoot.py --only MUG-01_front  # one frame (repeatable)
    python samples/render_shoot.py --scale 0.25 --out look

Light transport is the slow part, so its result is kept (linear light, float)
in a work folder and reused; developing it into a JPEG takes seconds. A frame
whose JPEG is already there is skipped unless `--again` is given. Needs
mitsuba, numpy, pillow and opencv-python-headless; see samples/README.md.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import shutil
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import camera
import materials as mat
from denoise import clean_edges, denoise
from shots import SHOTS, Shot
from studio import PATIENCE, Studio

HERE = Path(__file__).resolve().parent


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="file name with or without .jpg; repeatable"
    )
    parser.add_argument("--spp", type=int, default=8, help="light paths per pixel, 8 or a multiple of 16 (default 8)")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size (default 1)")
    parser.add_argument("--out", type=Path, default=HERE, help="folder that gets shoot/ and truth/ (default samples/)")
    parser.add_argument(
        "--work", type=Path, default=Path(tempfile.gettempdir()) / "safelight-samples", help="folder for linear renders"
    )
    parser.add_argument("--again", action="store_true", help="develop anew what is already there")
    parser.add_argument("--render-again", action="store_true", help="throw away the kept linear renders, too")
    return parser.parse_args()


def linear_render(shot: Shot, studio: list[Studio], args: argparse.Namespace) -> dict[str, NDArray[np.float32]]:
    """Return the kept linear render of a shot, or make and keep it."""
    spp = args.spp * PATIENCE.get(shot.product, 1)
    kept = args.work / f"{shot.name}_{args.scale:g}_{spp}.npz"
    if kept.exists() and not args.render_again:
        with np.load(kept) as data:
            return {name: data[name].astype(np.float32) for name in data.files}
    if not studio:
        studio.append(Studio())
        print(f"renderer: {studio[0].variant}", flush=True)
    began = time.perf_counter()
    raw = studio[0].render(shot.product, shot.view, shot.lighting, spp=spp, scale=args.scale, seed=shot.seed)
    print(f"{shot.name}: traced in {time.perf_counter() - began:.0f} s", flush=True)
    args.work.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part.npz")
    np.savez(part, **{name: data.astype(np.float16) for name, data in raw.items()})
    part.replace(kept)
    # as a later run will read it: half floats
    return {name: data.astype(np.float16).astype(np.float32) for name, data in raw.items()}


def develop(shot: Shot, studio: list[Studio], args: argparse.Namespace) -> None:
    """Write one frame's JPEG and matte."""
    picture, matte = args.out / "shoot" / shot.file, args.out / "truth" / f"{shot.name}.png"
    if shot.copy_of:
        source = next(s for s in SHOTS if s.file == shot.copy_of)
        shutil.copyfile(args.out / "shoot" / source.file, picture)
        shutil.copyfile(args.out / "truth" / f"{source.name}.png", matte)
        return
    kept = linear_render(shot, studio, args)
    linear = denoise(kept["half_a"], kept["half_b"], kept["guides"], kept["alpha"])
    exposed = camera.expose(
        clean_edges(linear, kept["alpha"]), shot.fault, scale=args.scale, seed=shot.seed, iso=shot.iso
    )
    code = camera.encode_srgb(exposed)
    picture.write_bytes(
        camera.jpeg_bytes(code, time=shot.time, iso=shot.iso, exposure_s=shot.exposure_s, f_number=shot.f_number)
    )
    camera.write_matte(camera.see_through_lens(kept["alpha"], shot.fault, args.scale), matte)


def defect_parameters(shot: Shot) -> dict[str, object]:
    """The exact numbers behind a frame's defect, for truth.csv."""
    good = camera.Fault()
    facts: dict[str, object] = {k: v for k, v in asdict(shot.fault).items() if v != getattr(good, k)}
    if shot.defect == "mixed_light":
        facts |= {"left_light_linear_rgb": shot.lighting.key_tint, "right_light_linear_rgb": shot.lighting.fill_tint}
    if shot.defect == "exact_duplicate":
        facts |= {"copy_of": shot.copy_of}
    if shot.near_duplicate_group:
        facts |= {"yaw_deg": shot.view.yaw_deg, "roll_deg": shot.view.roll_deg, "distance_cm": 10 * shot.view.distance}
    if shot.defect == "cut_off":
        facts |= {"edge": "left"}
    return facts


def write_truth(out: Path) -> None:
    """Write truth.csv for the pictures present and color.json."""
    rows = []
    for shot in SHOTS:
        path = out / "shoot" / shot.file
        if path.exists():
            rows.append({
                "file": shot.file, "product": shot.product, "view": shot.view_name, "category": shot.category,
                "material": shot.material, "defect": shot.defect,
                "defect_parameters": json.dumps(defect_parameters(shot)),
                "near_dup_group": shot.near_duplicate_group, "lighting_group": shot.lighting_group,
                "matte": f"truth/{shot.name}.png", "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            })  # fmt: skip
    if not rows:
        return
    with (out / "shoot" / "truth.csv").open("w", newline="", encoding="utf-8") as handle:
        table = csv.DictWriter(handle, fieldnames=list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    rounded = lambda a: [round(float(v), 4) for v in a]  # noqa: E731
    reflectance = mat.chart_reflectance()
    facts = {
        "lab": "CIE L*a*b*, D50, 2 degree observer",
        "reflectance": "linear sRGB as given to the renderer, 0 to 1",
        "chart_file": "IMG_0401.jpg",
        "chart": [
            {"patch": name, "row": i // 6, "column": i % 6, "published_lab": rounded(mat.CHART_LAB[i]),
             "reflectance": rounded(reflectance[i]), "lab": rounded(mat.linear_srgb_to_lab(reflectance[i]))}
            for i, name in enumerate(mat.CHART_NAMES)
        ],
        "materials": {
            name: {"reflectance": rounded(mat.albedo(name)), "lab": rounded(mat.linear_srgb_to_lab(mat.albedo(name)))}
            for name in mat.ALBEDO
        },
    }  # fmt: skip
    (out / "truth" / "color.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Render and develop what is asked for and still missing."""
    args = parse_arguments()
    wanted = {n.removesuffix(".jpg") for n in args.only}
    unknown = wanted - {s.name for s in SHOTS}
    if unknown:
        raise SystemExit(f"no frame called {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in SHOTS)}")
    for folder in ("shoot", "truth"):
        (args.out / folder).mkdir(parents=True, exist_ok=True)
    studio: list[Studio] = []
    for shot in SHOTS:
        if wanted and shot.name not in wanted:
            continue
        if (args.out / "shoot" / shot.file).exists() and not (args.again or args.render_again):
            continue
        develop(shot, studio, args)
        print(f"wrote {shot.file}", flush=True)
    write_truth(args.out)


if __name__ == "__main__":
    main()
