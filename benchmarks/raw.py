"""RAW: how near a demosaic comes to the truth and what it costs, clipped highlights, half size, a fisheye, and speed.

python benchmarks/raw.py --pictures ../shared/data/denoise --boards ../shared/data/lens > benchmarks/results/raw.md
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from tests.media import dng

from contest import Contender, contest, fresh
from pictures import CACHE, made
from raw_scenes import bowed, chess_corners, colored_lights, hue_turn, mosaic_of, rms_bow, to_code, to_light
from safelight.media.readers import bayer
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.spaces import matrix_between
from safelight.pixels.raw.highlights import hold_below_white

SAFELIGHT = str(Path(sys.executable).with_name("safelight"))
INSTALLED = {"PYTHONDONTWRITEBYTECODE": ""}  # as a user has it: byte code is kept after the first start


def main() -> None:
    """Print the tables."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pictures", type=Path, help="clean pictures (*clean*.png) to sample")
    asked.add_argument("--boards", type=Path, help="chess boards photographed by a lens that the database knows")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--batch", type=int, default=20)
    asked.add_argument("--only", choices=("demosaic", "highlights", "half", "lens", "one", "batch"), action="append")
    wanted = asked.parse_args()
    chosen = wanted.only or ["demosaic", "highlights", "half", "lens", "one", "batch"]
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    cv2.setNumThreads(1)
    if "demosaic" in chosen:
        print(demosaics(wanted.pictures))
    if "highlights" in chosen:
        print(highlights())
    if "half" in chosen:
        print(half_size(wanted.pictures))
    if "lens" in chosen and wanted.boards:
        print(boards(wanted.boards))
    os.environ.pop("OMP_NUM_THREADS")
    if "one" in chosen:
        print(contest("A 24 MP DNG to a full-size JPEG, cold process", one_file(), wanted.rounds))
    if "batch" in chosen:
        print(contest(f"{wanted.batch} of them in one process", batch(wanted.batch), max(1, wanted.rounds // 2)))


def libraw(name: str, highlight: str = "Clip") -> Callable[[bytes], np.ndarray]:
    """Return LibRaw's development of a DNG to linear Rec.2020, float 0..1."""
    import rawpy

    def develop(data: bytes) -> np.ndarray:
        with rawpy.imread(io.BytesIO(data)) as raw:
            codes = raw.postprocess(
                demosaic_algorithm=rawpy.DemosaicAlgorithm[name],
                use_camera_wb=True,
                output_color=rawpy.ColorSpace.Rec2020,
                output_bps=16,
                gamma=(1, 1),
                no_auto_bright=True,
                adjust_maximum_thr=0.0,
                highlight_mode=rawpy.HighlightMode[highlight],
            )
        return codes.astype(np.float32) / 65535

    return develop


def ours(data: bytes, *, half: bool = False) -> np.ndarray:
    """Return our own development of the same."""
    import rawpy

    with rawpy.imread(io.BytesIO(data)) as raw:
        sensor = bayer.sensor_of(raw, "")
        rows, cols = sensor.mosaic.shape
        out = np.empty((rows // 2, cols // 2, 3) if half else (rows, cols, 3), np.uint16)
        (bayer.develop_half if half else bayer.develop_full)(sensor, out)
    return out.astype(np.float32) / 65535


def on_light(data: bytes) -> np.ndarray:
    """Return ours without its square roots, for what they gain."""
    seen = bayer.demosaic
    bayer.demosaic = lambda roots, red: np.sqrt(np.maximum(seen(roots * roots, red), 0))
    try:
        return ours(data)
    finally:
        bayer.demosaic = seen


def opencv(data: bytes) -> np.ndarray:
    """Return OpenCV's edge-aware demosaic within our development."""
    seen = bayer.demosaic

    def edge_aware(roots, red):
        codes = np.round(np.clip(roots * roots, 0, 1) * 65535).astype(np.uint16)
        assert red == (0, 0)
        return np.sqrt(cv2.cvtColor(codes, cv2.COLOR_BayerBG2RGB_EA).astype(np.float32) / 65535)

    bayer.demosaic = edge_aware
    try:
        return ours(data)
    finally:
        bayer.demosaic = seen


def demosaics(folder: Path | None) -> str:
    """Sample known pictures by a Bayer sensor, fill them in, and compare."""
    named = {path.stem: to_light(cv2.imread(str(path))[..., ::-1]) for path in clean(folder)}
    y, x = np.mgrid[:512, :512].astype(np.float32)
    rings = 0.5 + 0.4 * np.cos(np.pi * (x**2 + y**2) / 1024 * 0.9)
    named["rings"] = np.dstack([rings, rings * 0.8, rings * 0.6]).astype(np.float32)
    ways = {"ours": ours, "ours, on light instead of its root": on_light, "OpenCV EA": opencv}
    ways |= {f"LibRaw {name}": libraw(name) for name in ("AHD", "DCB", "DHT", "PPG", "VNG", "LINEAR")}
    big = np.tile(next(iter(named.values()))[:500, :500], (8, 12, 1))  # 24 MP, for the time
    large = exposed(big)
    lines = [
        "### Demosaic: a known picture, sampled by a Bayer sensor and filled in",
        "",
        f"{len(named) - 1} photographs and a zone plate; PSNR in sRGB code values, rims of 8 px left out; zipper: mean"
        " ΔE00 within 2 px of an edge. CPU seconds: unpacked 24 MP to linear Rec.2020, one thread.",
        "",
        "| | PSNR dB, photographs | zone plate | ΔE00 mean | zipper ΔE00 | CPU s, 24 MP |",
        "|---|---|---|---|---|---|",
    ]
    for name, way in ways.items():
        scores = [compared(picture, way(exposed(picture))) for picture in named.values()]
        begun = time.process_time()
        way(large)
        cost = time.process_time() - begun
        photos = np.mean(scores[:-1], axis=0)
        lines.append(
            f"| {name} | {photos[0]:.2f} | {scores[-1][0]:.2f} | {photos[1]:.2f} | {photos[2]:.2f} | {cost:.2f} |"
        )
    return "\n".join(lines) + "\n"


def clean(folder: Path | None) -> list[Path]:
    found = sorted(folder.glob("*clean*.png")) if folder else []
    return found or sorted(Path("samples/shoot").glob("*front.jpg"))[:6]


def exposed(picture: np.ndarray, stops: float = 0.0) -> bytes:
    """Return the DNG that a camera seeing linear sRGB makes of a picture."""
    light = picture * np.float32(2.0**stops)
    return dng.make_dng(mosaic_of(light, dng.NEUTRAL, dng.WHITE))


def compared(truth: np.ndarray, found: np.ndarray) -> tuple[float, float, float]:
    """PSNR, mean ΔE00, and mean ΔE00 beside edges."""
    shown = to_code(found @ matrix_between("linear_rec2020", "linear_srgb").astype(np.float32).T)
    meant = to_code(truth)
    inner = (slice(8, -8), slice(8, -8))
    psnr = -10 * np.log10(np.mean((shown - meant)[inner] ** 2))
    off = delta_e_2000(lab_from(meant, "srgb"), lab_from(shown, "srgb"))[inner]
    edges = cv2.Canny(np.uint8(meant[..., 1] * 255), 60, 120)[inner]
    near = cv2.dilate(edges, np.ones((5, 5), np.uint8)) > 0
    return float(psnr), float(off.mean()), float(off[near].mean() if near.any() else 0)


def highlights() -> str:
    """Expose colored lights beyond what the sensor holds, and compare with the truth held below white."""
    clip_of = 1 / np.array(dng.NEUTRAL, np.float32)
    to = matrix_between("linear_srgb", "linear_rec2020").astype(np.float32)
    scale = np.float32(clip_of.max())

    def held(develop: Callable[[bytes], np.ndarray]) -> Callable[[bytes], np.ndarray]:
        def way(data: bytes) -> np.ndarray:  # these darken until the last color clips at 1
            light = np.ascontiguousarray(develop(data) * scale)
            hold_below_white(light)
            return light

        return way

    ways = {"ours": ours, "LibRaw clip (what was)": libraw("AHD")}
    ways |= {f"LibRaw {each}, held as ours": held(libraw("AHD", each)) for each in ("Blend", "ReconstructDefault")}
    lines = [
        "### Clipped highlights: colored lights and a sky, exposed beyond the sensor",
        "",
        "Made scenes of other seeds than it was developed on; places where one or two colors are clipped. Mean ΔE00"
        " and mean turn of the hue in degrees (chroma above 12), against the unclipped truth held below white.",
        "",
        "| | +0.5 stops | | +1.0 | | +1.5 | |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, way in ways.items():
        cells = []
        for stops in (0.5, 1.0, 1.5):
            off, turned = [], []
            for seed in range(20, 26):
                light = colored_lights(seed)
                seen = light * 2.0**stops
                some = (seen > clip_of).any(axis=2) & ~(seen > clip_of).all(axis=2)
                some[:8] = some[-8:] = False
                truth = np.ascontiguousarray(seen.astype(np.float32) @ to.T)
                hold_below_white(truth)
                one, two = (lab_from(np.ascontiguousarray(each), "linear_rec2020")
                            for each in (truth, way(exposed(light, stops))))  # fmt: skip
                off.append(delta_e_2000(one, two)[some].mean())
                turned.append(hue_turn(one, two, some))
            cells += [f"{np.mean(off):.2f}", f"{np.mean(turned):.1f}°"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def half_size(folder: Path | None) -> str:
    """Compare half-size development with the full one shrunk."""
    off, whole = [], [to_light(cv2.imread(str(path))[..., ::-1]) for path in clean(folder)]
    for picture in whole:
        data = exposed(picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2])
        small, full = ours(data, half=True), ours(data)
        shrunk = cv2.resize(full, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
        off.append(delta_e_2000(lab_from(small, "linear_rec2020"), lab_from(shrunk, "linear_rec2020")))
    large = exposed(np.tile(whole[0][:500, :500], (8, 12, 1)))
    times = []
    for half in (True, False):
        begun = time.process_time()
        ours(large, half=half)
        times.append(time.process_time() - begun)
    every = np.concatenate([each.ravel() for each in off])
    return "\n".join(
        [
            "### Half size for intake, against the full development shrunk to half",
            "",
            f"ΔE00 mean {every.mean():.2f} (limit 0.5), 99th percentile {np.percentile(every, 99):.2f}; "
            f"{times[0]:.2f} CPU s for 24 MP, the full one {times[1]:.2f}.",
            "",
        ]
    )


def boards(folder: Path) -> str:
    """Straighten chess boards by the database's row, and measure how far their rows and columns still bow."""
    from safelight.pixels.geometry.lens_database import Taken, find_row
    from safelight.pixels.geometry.optics import Optics

    lines = [
        "### Lens: a flat chess board by a fisheye (GoPro HERO4 Silver, lensfun's row HERO4), straightened",
        "",
        "Corners found in the photograph, carried through the map; px of the photograph's scale.",
        "",
        "| | worst bow before | after | RMS before | after |",
        "|---|---|---|---|---|",
    ]
    rows = []
    for path in sorted(folder.glob("GOPR*.jpg")):
        gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        corners = chess_corners(gray)
        if corners is None:
            continue
        size = (gray.shape[1], gray.shape[0])
        row = find_row(Taken("GoPro", "HERO4 Silver", "", 3.0, 2.8), size)
        optics = Optics(size, row.distortion, projection=row.projection, focal=row.focal)
        straight = optics.unbend(corners.reshape(-1, 2)).reshape(corners.shape)
        scale = np.sqrt(
            np.ptp(corners[..., 0]) * np.ptp(corners[..., 1]) / np.ptp(straight[..., 0]) / np.ptp(straight[..., 1])
        )
        rows.append((bowed(corners), bowed(straight) * scale, rms_bow(corners), rms_bow(straight) * scale))
        lines.append(f"| {path.name} | {' | '.join(f'{each:.2f}' for each in rows[-1])} |")
    lines.append(f"| **mean of {len(rows)}** | {' | '.join(f'{each:.2f}' for each in np.mean(rows, axis=0))} |")
    return "\n".join(lines) + "\n"


def one_file() -> list[Contender]:
    """Return who develops one file by its own defaults."""
    source = str(next((made("raws", 2) / "packshots").glob("*.dng")))
    out = CACHE / "developed"
    fresh(out)()
    out.mkdir(parents=True)
    ours = [SAFELIGHT, "apply", "develop", source, "-o", str(out / "a.jpg")]
    theirs = ["rawtherapee-cli", "-Y", "-o", str(out / "b.jpg"), "-d", "-j95", "-c", source]
    other = [
        "darktable-cli",
        source,
        str(out / "c.jpg"),
        "--core",
        "--configdir",
        str(CACHE / "dt"),
        "--disable-opencl",
    ]
    return [
        Contender("safelight apply develop", ours, environment=INSTALLED),
        Contender("rawtherapee-cli", theirs),
        Contender("darktable-cli", other, fresh_file(out / "c.jpg")),
    ]


def batch(number: int) -> list[Contender]:
    """Return who develops `number` files in one process."""
    six = sorted((made("raws", 6) / "packshots").glob("*.dng"))
    folder, out = CACHE / f"batch-{number}", CACHE / "batch-out"
    fresh(folder)()
    folder.mkdir(parents=True)
    for n in range(number):
        (folder / f"{n:02}.dng").hardlink_to(six[n % len(six)])
    files = [str(each) for each in sorted(folder.iterdir())]

    def emptied() -> None:
        fresh(out)()
        out.mkdir(parents=True)

    ours = [sys.executable, str(Path(__file__).with_name("raw_batch.py")), str(out), *files]
    theirs = ["rawtherapee-cli", "-Y", "-o", str(out), "-d", "-j95", "-c", *files]
    other = ["darktable-cli", str(folder), str(out / "$(FILE_NAME).jpg")]
    other += ["--core", "--configdir", str(CACHE / "dt"), "--disable-opencl"]
    return [
        Contender("safelight (raw_batch.py)", ours, emptied, number, INSTALLED),
        Contender("rawtherapee-cli", theirs, emptied, number),
        Contender("darktable-cli", other, emptied, number),
    ]


def fresh_file(path: Path) -> Callable[[], None]:
    return lambda: path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
