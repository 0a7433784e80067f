"""The fused color pass: processor seconds for 24 MP, beside OpenColorIO alone, and how far off the tables are.

Run from the checkout::

    python benchmarks/color_pass.py            # the tables, on a made picture
    python benchmarks/color_pass.py --save     # also write benchmarks/results/color_pass.md
    python benchmarks/color_pass.py --looks    # also the brand LUTs delivered as JPEG (needs ../shared/data)
    python benchmarks/color_pass.py --walls    # nothing but the wall time of one and two threads: for a quiet machine
    python benchmarks/color_pass.py --hues     # how far 8-bit files with hue curves are off the chain, by code values

Processor seconds, not wall time, because the machine may be shared: the least of three runs after one to warm. The wall
time of two threads is measured too; it means something on two free cores only.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from safelight.core.image import Image
from safelight.media.encode import encode
from safelight.pixels.color import fused, spaces
from safelight.pixels.color.baked import Pieces
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.look import lut_look
from safelight.pixels.color.lut import read_lut
from safelight.plugins import step_named

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
RESULT = Path(__file__).with_name("results") / "color_pass.md"
CACHE = Path(__file__).with_name(".cache")
HEIGHT, WIDTH = 4000, 6000


def painted(step: str, **params):
    declared = step_named(step)
    return declared.paint(declared.params.accept(params, fill=True), None, None)


def film():
    """A look that bends tones and mixes channels, 33 points a side."""
    axis = np.linspace(0, 1, 33)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    at = np.stack([red, green, blue], -1).reshape(-1, 3)
    table = np.clip(0.92 * at**1.15 + 0.05 * at[:, ::-1] * at + 0.02, 0, 1)
    rows = "\n".join(f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in table)
    return lut_look(read_lut(f"LUT_3D_SIZE 33\n{rows}\n".encode(), "film.cube"), "srgb", "srgb")


BALANCE = [painted("white_balance", red=0.12, blue=-0.1), painted("exposure", stops=0.3)]
SHOULDER = [painted("white_balance", red=0.12, blue=-0.1), painted("exposure", stops=0.6, highlight_protection=1.0)]
TONES = painted("grade", contrast=0.3, slope=(1.04, 1, 0.97), curve=(0, 0.01, 0.5, 0.52, 1, 1), saturation=1.08, shadows_hue=220, shadows_tint=0.2)  # fmt: skip  # noqa: E501
HUES = painted("grade", contrast=0.3, slope=(1.04, 1, 0.97), saturation=1.08, hue_shift=(4, 0, -3, 0, 0, 0, 0, 0), hue_saturation=(0.1, 0, 0, -0.2, 0, 0, 0, 0))  # fmt: skip  # noqa: E501
VIEW = painted("develop", baseline_stops=1.0)
CHAINS: dict[str, Sequence] = {
    "balance, exposure": BALANCE,
    "balance, exposure, shoulder": SHOULDER,
    "... and tones graded": [*SHOULDER, TONES],
    "... and a 33-point look": [*SHOULDER, TONES, film()],
    "... and hue curves and a look": [*SHOULDER, HUES, film()],
}
RAW_CHAINS: dict[str, Sequence] = {
    "balance, exposure, view": [*BALANCE, VIEW],
    "... and tones graded, a look": [*BALANCE, VIEW, TONES, film()],
    "full: and hue curves, a look": [*BALANCE, VIEW, HUES, film()],
}


def picture() -> np.ndarray:
    """Soft shapes of all colors under a little noise, sRGB code values; a fifth of it white paper."""
    dice = np.random.default_rng(24)
    small = dice.normal(0.45, 0.2, (42, 62, 3)) * 0.5 + dice.normal(0.45, 0.2, (42, 62, 1)) * 0.5
    large = cv2.resize(small.astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    large[: HEIGHT // 5] = 0.97
    noise = dice.normal(0, 0.008, (HEIGHT // 8, WIDTH, 3)).astype(np.float32)
    for row in range(0, HEIGHT, len(noise)):
        large[row : row + len(noise)] += noise
    return np.clip(large, 0, 1, out=large)


def least(work: Callable[[], object], clock: Callable[[], float], rounds: int = 3) -> float:
    """The least seconds of a few runs, after one to warm."""
    work()
    taken = []
    for _ in range(rounds):
        start = clock()
        work()
        taken.append(clock() - start)
    return min(taken)


def pass_row(name: str, source: np.ndarray, space: str, chain: Sequence, dtype, *, keep_hue: bool = False) -> str:
    """One line: what it costs, what OpenColorIO alone costs, how far off it is."""
    out = np.empty(source.shape, dtype)
    quick = fused.Pass(space, chain, "srgb", source.dtype, dtype, exact=False, keep_hue=keep_hue)
    mine = least(lambda: quick.paint(source, out), time.process_time)
    wall = least(lambda: quick.paint(source, out, threads=2), time.perf_counter, 2)
    alone = fused.Pass(space, chain, "srgb", source.dtype, dtype)
    alone._quick, alone._processor = None, fused._processor(_ends(space, source.dtype, dtype), chain)
    part = np.ascontiguousarray(source[:: HEIGHT // 400])
    theirs = least(lambda: alone.paint(part), time.process_time, 2) * source.size / part.size
    sample = np.ascontiguousarray(source[::23, ::23])
    exact = fused.apply(
        spaces.to_float(sample) if sample.dtype != np.float32 else sample, space, chain, "srgb", np.float32
    )
    got = quick.paint(sample)
    seen = [lab_from(np.clip(each, 0, 1), "srgb") for each in (spaces.to_float(got), exact)]
    off = delta_e_2000(*seen)
    way = "pieces" if isinstance(quick._quick, Pieces) else "lookups" if quick._quick is not None else "OpenColorIO"
    ends = f"{source.dtype} → {np.dtype(dtype)}" + (", hues kept" if keep_hue else "")
    print(f"{name:34s} {ends:32s} {mine:6.2f} {theirs:6.2f}", flush=True)
    return f"| {name} | {ends} | {way} | {mine:.2f} | {theirs:.2f} | {wall:.2f} | {off.mean():.3f} | {np.percentile(off, 99):.3f} |"  # noqa: E501


def _ends(space: str, dtype_in, dtype_out):
    kinds = {"dtype_in": np.dtype(dtype_in), "dtype_out": np.dtype(dtype_out)}
    return fused._Ends(space, "srgb", from_light=False, to_light=False, exact=False, **kinds)


def passes() -> list[str]:
    """The table of all chains."""
    codes = picture()
    eight, sixteen = (spaces.to_integers(codes, each) for each in (np.uint8, np.uint16))
    light = np.asarray(fused.apply(codes, "srgb", (), "linear_rec2020", np.float32)) * np.float32(0.6)
    del codes
    lines = [
        "| chain | from → to sRGB | way | CPU s | CPU s, OpenColorIO alone | wall s, 2 threads | mean ΔE00 | p99 ΔE00 |",  # noqa: E501
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, chain in CHAINS.items():
        lines.append(pass_row(name, eight, "srgb", chain, np.uint8))
        lines.append(pass_row(name, sixteen, "srgb", chain, np.uint16))
    lines.append(pass_row("balance, exposure", eight, "srgb", BALANCE, np.uint8, keep_hue=True))
    lines.append(pass_row("balance, exposure, shoulder", eight, "srgb", SHOULDER, np.float32))
    del eight, sixteen
    for name, chain in RAW_CHAINS.items():
        lines.append(pass_row(name, light, "linear_rec2020", chain, np.uint16))
        lines.append(pass_row(name, light, "linear_rec2020", chain, np.float32))
    return lines


def walls(rounds: int = 5) -> list[str]:
    """The wall time of the chains on floats, by one thread and by two in turn: medians, after one round to warm."""
    kept = CACHE / "light.npy"
    if not kept.is_file():
        CACHE.mkdir(exist_ok=True)
        np.save(kept, np.asarray(fused.apply(picture(), "srgb", (), "linear_rec2020", np.float32)) * np.float32(0.6))
    light = np.load(kept)
    lines = [
        "| chain on 24 MP float | to | wall s, 1 thread | wall s, 2 threads | slowest of five | CPU s, 2 threads |",
        "|---|---|---|---|---|---|",
    ]
    for (name, chain), dtype in itertools.product(RAW_CHAINS.items(), (np.uint16, np.float32)):
        out = np.empty(light.shape, dtype)
        made = fused.Pass("linear_rec2020", chain, "srgb", light.dtype, dtype, exact=False)
        made.paint(light, out, threads=2)
        taken: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
        for _, threads in itertools.product(range(rounds), taken):
            wall, cpu = time.perf_counter(), time.process_time()
            made.paint(light, out, threads=threads)
            taken[threads].append((time.perf_counter() - wall, time.process_time() - cpu))
        one, two = (statistics.median(each[0] for each in taken[n]) for n in taken)
        cpu = statistics.median(each[1] for each in taken[2])
        slowest = max(each[0] for each in taken[2])
        lines.append(f"| {name} | {np.dtype(dtype)} | {one:.2f} | {two:.2f} | {slowest:.2f} | {cpu:.2f} |")
        print(lines[-1], flush=True)
    return lines


STRONG = painted("grade", contrast=0.5, slope=(1.1, 1, 0.92), offset=(0.02, -0.02, 0), saturation=1.3, hue_shift=(30, -20, 15, 0, -30, 30, 10, -10), hue_saturation=(0.8, -1, 0.5, -0.5, 1, 0.6, -1, 1), hue_lightness=(1, -1, 0.5, -0.5, 1, -1, 1, -1))  # fmt: skip  # noqa: E501


def hues(number: int = 200_000) -> list[str]:
    """8-bit values that are off the chain by OpenColorIO in floats, rounded once: how many, and by how much at most."""
    dice = np.random.default_rng(9)
    gray = dice.random((1, number, 1))
    pictures = {
        "all colors": dice.random((1, number, 3)),
        "saturated darks": dice.random((1, number, 3)) ** 4,
        "near-grays": np.clip(gray + dice.normal(0, 0.01, (1, number, 3)), 0, 1),
        "some channels at nothing": dice.random((1, number, 3)) * dice.integers(0, 2, (1, number, 3)),
        "dark": dice.random((1, number, 3)) * 0.1,
    }
    chains = {
        "shoulder, hue curves": ([*SHOULDER, HUES], "srgb"),
        "shoulder, hue curves, a look": (CHAINS["... and hue curves and a look"], "srgb"),
        "shoulder, strong hue curves, a look": ([*SHOULDER, STRONG, film()], "srgb"),
        "RAW, view, hue curves, a look": (RAW_CHAINS["full: and hue curves, a look"], "linear_rec2020"),
        "RAW, view, strong hue curves": ([*BALANCE, VIEW, STRONG], "linear_rec2020"),
    }
    lines = ["| chain | picture | values | off by 1 | off by more | at most |", "|---|---|---|---|---|---|"]
    for (name, (chain, space)), (kind, codes) in itertools.product(chains.items(), pictures.items()):
        raw = space != "srgb"
        floats = np.asarray(codes**2.2 * 1.2 if raw else codes, np.float32)
        given = floats if raw else spaces.to_integers(floats, np.uint16)
        exact = fused.apply(floats if raw else spaces.to_float(given), space, chain, "srgb", np.float32)
        wanted = spaces.to_integers(exact, np.uint8).astype(int)
        off = np.abs(fused.apply(given, space, chain, "srgb", np.uint8).astype(int) - wanted)
        lines.append(f"| {name} | {kind} | {off.size} | {(off == 1).mean():.2%} | {(off > 1).sum()} | {off.max()} |")
        print(lines[-1], flush=True)
    return lines


def looks() -> list[str]:
    """Brand LUTs laid on photographs, delivered as JPEG at quality 92, decoded, against plain interpolation."""
    import simplejpeg

    from safelight.pixels.color.cube import read_cube
    from safelight.pixels.color.hald import read_hald

    lines = [
        "| look | pictures | mean ΔE00 | p99 ΔE00 | worst picture's mean | with the file's chroma alone | the 16-bit master alone |",  # noqa: E501
        "|---|---|---|---|---|---|---|",
    ]
    files = [DATA / "luts/cube/nilut_LUT01_33.cube", *sorted((DATA / "luts/hald").glob("*.png"))]
    sets = {
        "snapshots": sorted((DATA / "edit-pairs").glob("*_before.jpg")),
        "packshots": sorted((DATA / "shoot-a").glob("DSC_*.jpg"))[:40:8],
    }
    for file, (kind, shots) in itertools.product(files, sets.items()):
        data = file.read_bytes()
        table = (read_cube(data, file.name) if file.suffix == ".cube" else read_hald(data, file.name)).table
        look = lut_look(read_lut(data, file.name), "srgb", "srgb")
        apart, before, chroma = [], [], []
        for shot in shots:
            codes = simplejpeg.decode_jpeg(shot.read_bytes())
            master = fused.apply(codes, "srgb", [look], "srgb", np.uint16, keep_hue=True)
            eight = fused.apply(master, "srgb", (), "srgb", np.uint8)
            file_bytes = encode(Image(np.ascontiguousarray(eight), "srgb"), "jpeg", quality=92, subsampling="444")
            wanted = interpolated(table, spaces.to_float(codes))
            decoded = spaces.to_float(simplejpeg.decode_jpeg(file_bytes))
            seen = [lab_from(each, "srgb") for each in (decoded, wanted)]
            apart.append(delta_e_2000(*seen).ravel())
            mixed = lab_from(with_luma_of(decoded, spaces.to_float(eight)), "srgb")
            chroma.append(delta_e_2000(mixed, seen[1]).ravel())
            before.append(delta_e_2000(lab_from(spaces.to_float(master), "srgb"), seen[1]).ravel())
        every, colored = np.concatenate(apart), np.concatenate(chroma)
        worst = max(float(each.mean()) for each in apart)
        alone = np.concatenate(before)
        lines.append(
            f"| {file.stem} | {len(shots)} {kind} | {every.mean():.2f} | {np.percentile(every, 99):.2f} | {worst:.2f} "
            f"| {colored.mean():.2f}, {np.percentile(colored, 99):.2f} "
            f"| {alone.mean():.3f}, {np.percentile(alone, 99):.3f} |"
        )
        print(lines[-1], flush=True)
    return lines


def with_luma_of(decoded: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """A decoded picture's chroma under the luma that went into the file."""
    both = [cv2.cvtColor(each, cv2.COLOR_RGB2YCrCb) for each in (decoded, exact)]
    both[0][..., 0] = both[1][..., 0]
    return np.clip(cv2.cvtColor(both[0], cv2.COLOR_YCrCb2RGB), 0, 1)


def interpolated(table: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Tetrahedral interpolation written out: nothing of OpenColorIO in it."""
    side = len(table)
    place = (np.clip(codes, 0, 1) * (side - 1)).reshape(-1, 3)
    cell = np.minimum(place.astype(int), side - 2)
    rest = place - cell
    order = np.argsort(-rest, axis=1, kind="stable")
    sorted_rest = np.take_along_axis(rest, order, axis=1)
    weights = np.column_stack([1 - sorted_rest[:, 0], -np.diff(sorted_rest, axis=1), sorted_rest[:, 2]])
    corner = cell.copy()
    out = weights[:, :1] * table[corner[:, 2], corner[:, 1], corner[:, 0]]
    for n in range(3):
        corner[np.arange(len(corner)), order[:, n]] += 1
        out += weights[:, n + 1 : n + 2] * table[corner[:, 2], corner[:, 1], corner[:, 0]]
    return out.reshape(codes.shape).astype(np.float32)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--save", action="store_true")
    words.add_argument("--looks", action="store_true")
    words.add_argument("--only-looks", action="store_true", help="print the JPEG table and nothing else")
    words.add_argument("--walls", action="store_true", help="print wall times and nothing else")
    words.add_argument("--hues", action="store_true", help="print how far hue curves are off and nothing else")
    wanted = words.parse_args()
    cv2.setNumThreads(1)
    if wanted.only_looks:
        print("\n".join(looks()))
        return
    if wanted.hues:
        print("\n".join(hues()))
        return
    if wanted.walls:
        print("\n".join(walls()))
        return
    text = [
        "# The fused color pass",
        "",
        "`python benchmarks/color_pass.py --looks --save`, a made picture of 24 MP. Processor seconds, the least of three; the",  # noqa: E501
        "wall time of two threads on a machine that others used too. ΔE00 is against the same chain in floats by",
        "OpenColorIO, clipped; with 8 bits out it is mostly rounding (0.1).",
        "",
        *passes(),
    ]
    if wanted.looks:
        text += ["", "Brand LUT baked, delivered as JPEG at quality 92, 4:4:4, decoded, against tetrahedral interpolation", "written out in numpy:", "", *looks()]  # fmt: skip  # noqa: E501
    print("\n".join(text))
    if wanted.save:
        RESULT.write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
