"""Spots and objects on 24 megapixels: processor seconds, what is left of them, and that nothing else changed.

python benchmarks/repairs.py [--write] [--sheet FOLDER]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np

from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.core.image import Image
from safelight.core.step import Picture
from safelight.pixels.repair.record import covered_by, outside_hash, said_outside, unpack_repairs
from safelight.plugins import step_named
from safelight.render.renderer import render
from safelight.runs.bench import LentTools
from safelight.runs.single import MemoryBlobs

SIZE = (6000, 4000)
RESULTS = Path(__file__).parent / "results" / "repairs.md"


def backdrop(seed: int = 0) -> np.ndarray:
    width, height = SIZE
    rng = np.random.default_rng(seed)
    rows, cols = np.mgrid[0:height, 0:width].astype(np.float32)
    gray = 232 - 18 * rows / height - 8 * ((cols - width / 2) / width) ** 2
    return gray[..., None] * np.array([1, 0.995, 0.985], np.float32) + rng.normal(size=(height, width, 3)).astype("f4")


def codes(picture: np.ndarray, dtype: type = np.uint8) -> np.ndarray:
    top = np.iinfo(dtype).max
    return np.rint(np.clip(picture / 255, 0, 1) * top).astype(dtype)


def work(name: str, pixels: np.ndarray, **wanted: object) -> dict[str, object]:
    image = Image(pixels, "srgb")
    tools = LentTools(MemoryBlobs(), lambda: image, {})
    step = step_named(name)
    picture = Picture(Image(np.zeros((8, 12, 3), np.float32), "linear_rec2020"), image.size)
    how = {"scene_referred": False, "dtype": pixels.dtype.type}
    begun = time.process_time()
    found = step.propose(picture, None, step.params.accept(wanted), tools)
    proposed = time.process_time() - begun
    done = EditStep(name, 1, found.params, Actor("step", name, "1"), found.artifacts)
    begun = time.process_time()
    painted = render(image, Edit("00" * 32).with_step(done), step_named, tools, **how).image.pixels
    both = time.process_time() - begun
    begun = time.process_time()
    render(image, Edit("00" * 32), step_named, tools, **how)
    bare = time.process_time() - begun
    kept = tools.get(found.artifacts["repairs"])
    mends = unpack_repairs(kept)
    mask = covered_by(mends, image.size) > 0
    return {
        "propose": proposed, "paint": max(both - bare, 0.0), "bytes": len(kept), "painted": painted, "mask": mask,
        "outside": int(np.abs(painted.astype(np.int32) - pixels)[~mask].max()),
        "hash": outside_hash(painted, mends) == said_outside(kept),
        "confidence": 0.0 if found.confidence is None else found.confidence.value,
    }  # fmt: skip


def left(done: dict, truth: np.ndarray) -> tuple[float, float]:
    """Largest difference to the surface behind, both averaged over 9 px, in code values; share of its grain."""
    mask, unit = done["mask"], 255 / np.iinfo(done["painted"].dtype).max
    painted = done["painted"].astype(np.float32) * unit
    off = np.abs(cv2.blur(painted, (9, 9)) - cv2.blur(truth, (9, 9)))[mask].max()
    grain = [(each - cv2.GaussianBlur(each, (0, 0), 1.5))[mask].std() for each in (painted, truth)]
    return float(off), float(grain[0] / grain[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--sheet", type=Path)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    truth = np.clip(backdrop(), 0, 255)
    rng, spots, picture = np.random.default_rng(3), [], truth.copy()
    for _ in range(50):
        x, y, radius = int(rng.integers(60, 5940)), int(rng.integers(60, 3940)), int(rng.integers(2, 12))
        cv2.circle(picture, (x, y), radius, (float(rng.integers(60, 200)),) * 3, -1, cv2.LINE_AA)
        spots += [(x + 0.5) / SIZE[0], (y + 0.5) / SIZE[1], radius + 2.5]
    rows = []
    for dtype in (np.uint8, np.uint16):
        done = work("heal", codes(picture, dtype), spots=tuple(spots))
        rows.append((f"50 spots of 2 to 11 px, {np.dtype(dtype).name}", "1.5", done, left(done, truth)))
    thing = truth.copy()
    cv2.ellipse(thing, (1000, 900), (280, 270), 20, 0, 360, (160, 30, 40), -1, cv2.LINE_AA)
    for mark in ({"box": (0.11, 0.15, 0.225, 0.305)}, {"click": (1000 / 6000, 900 / 4000)}):
        done = work("remove_object", codes(thing), **mark)
        rows.append((f"an object of 1 % of the frame, by a {next(iter(mark))}", "6", done, left(done, truth)))
    if given.sheet is not None:
        given.sheet.mkdir(parents=True, exist_ok=True)
        part = np.s_[500:1300, 600:1400]
        stretched = codes((done["painted"][part].astype(np.float32) - 225) * 6 + 128)
        sheet = np.hstack([codes(thing)[part], done["painted"][part], stretched])
        cv2.imwrite(str(given.sheet / "object.png"), sheet[..., ::-1])
    about = (
        "Shaded paper with grain and a known truth behind what is repaired (`benchmarks/repairs.py`). Processor seconds"
        " of one core: finding sources, and painting beyond what a picture takes without repairs. What is left is the "
        "largest difference to the truth under the mask, both averaged over 9 px, in code values of 255."
    )
    heads = (
        "", "propose s", "paint s", "together", "at most", "left", "grain kept", "outside, largest", "hash holds", "KB",
        "confidence",
    )  # fmt: skip
    table = [heads, ("---",) * len(heads)]
    for name, limit, done, (off, grain) in rows:
        held = "yes" if done["hash"] else "NO"
        seconds = done["propose"], done["paint"], done["propose"] + done["paint"]
        table.append((
            name, *(f"{each:.2f}" for each in seconds), limit, f"{off:.2f}", f"{grain:.2f}", str(done["outside"]), held,
            f"{done['bytes'] / 1000:.0f}", f"{done['confidence']:.2f}",
        ))  # fmt: skip
    lines = ["# Repairs on 24 megapixels", "", about, "", *(f"| {' | '.join(each)} |" for each in table)]
    print("\n".join(lines))
    if given.write:
        RESULTS.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
