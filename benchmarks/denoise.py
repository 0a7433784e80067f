"""Denoising beside OpenCV's fastNlMeans at its best strength, on six photographs with planted noise.

    python benchmarks/denoise.py [--write]

Needs ../shared/data/denoise. Both get the same clipped and rounded 8-bit picture; ours measures the noise itself.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does

import cv2
import numpy as np

from safelight.pixels.detail.denoise import denoise
from safelight.pixels.detail.noise import measure_noise

DATA = Path(__file__).parents[2] / "shared" / "data" / "denoise"
RESULTS = Path(__file__).parent / "results" / "denoise.md"
SHARES = (0.4, 0.6, 0.8, 1.0, 1.3)  # of sigma: the h that fastNlMeans is tried with


def psnr(one: np.ndarray, two: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((np.clip(one, 0, 255) - two) ** 2)))


def poisson(clean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    light = (clean / 255) ** 2.2
    light = light + np.sqrt(0.01 * light + 0.0004) * rng.normal(size=light.shape)
    return 255 * np.clip(light, 0, 1) ** (1 / 2.2)


def large(picture: np.ndarray) -> list[tuple[str, ...]]:
    """Seconds for 24 megapixels: of a clock with two threads, and of a processor."""
    tall = np.tile(picture, (8, 12, 1))[:4000, :6000]
    code = np.clip(tall / 255 + np.random.default_rng(0).normal(0, 0.06, tall.shape), 0, 1).astype(np.float32)
    rows: list[tuple[str, ...]] = [("24 MP", "s by the clock, 2 threads", "processor s"), ("---",) * 3]
    cv2.setNumThreads(2)
    for name, quick in (("full", False), ("fast", True)):
        clock, begun = time.perf_counter(), time.process_time()
        denoise(code, measure_noise(code), quick=quick)
        rows.append((name, f"{time.perf_counter() - clock:.1f}", f"{time.process_time() - begun:.1f}"))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    clean = [cv2.imread(str(each))[..., ::-1].astype(np.float32) for each in sorted(DATA.glob("*_clean.png"))]
    heads = ("noise", "noisy", "fastNlMeans", "full", "gain", "fast", "gain", "s fastNlMeans", "s full", "s fast")
    table = [heads, ("---",) * len(heads)]
    for sigma in (15, 25, 50, 0):
        found, seconds = [], np.zeros(3)
        for seed, picture in enumerate(clean):
            rng = np.random.default_rng(seed)
            noisy = poisson(picture, rng) if sigma == 0 else picture + sigma * rng.normal(size=picture.shape)
            torn = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
            strengths = [(sigma or 25) * each for each in SHARES]
            begun = time.process_time()
            peers = [psnr(cv2.fastNlMeansDenoisingColored(torn, None, h, h, 7, 21), picture) for h in strengths]
            seconds[0] += (time.process_time() - begun) / len(strengths)
            ours = []
            for at, quick in ((1, False), (2, True)):
                begun = time.process_time()
                code = torn.astype(np.float32) / 255
                ours.append(psnr(255 * denoise(code, measure_noise(code), quick=quick), picture))
                seconds[at] += time.process_time() - begun
            found.append((psnr(torn, picture), max(peers), *ours))
        noisy_, peer, full, fast = np.mean(found, axis=0)
        name = f"AWGN {sigma}" if sigma else "signal-dependent"
        table.append((
            name, *(f"{each:.2f}" for each in (noisy_, peer, full, full - peer, fast, fast - peer)),
            *(f"{each:.3f}" for each in seconds / len(clean)),
        ))  # fmt: skip
    about = (
        "PSNR in dB, mean of six crops of 500 x 500 px (`benchmarks/denoise.py`), noise of given seeds, clipped and "
        "rounded to 8 bits. fastNlMeans is given the best of five strengths for each picture; ours measures the noise. "
        "Processor seconds of one core a picture."
    )
    table += [("",), *large(clean[0])]
    text = "\n".join(
        ["# Denoising", "", about, "", *(f"| {' | '.join(each)} |" if any(each) else "" for each in table)]
    )
    print(text)
    if given.write:
        RESULTS.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
