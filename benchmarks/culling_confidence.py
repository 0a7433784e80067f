"""How sure culling is of its classes, against faults whose size is known: reliability diagram, ECE, AUC.

    SAFELIGHT_MODELS=.venv/models python benchmarks/culling_confidence.py ../shared/data [--every 2 --from 1]

A catalogue photograph is blurred and shifted in light, and sorted by the code that `safelight cull` runs. A reviewer
keeps a pick of a frame without a fault and a reject of one with a fault, by the guide's limits (`decisions/0052`);
within a tenth of a limit of blur or half a stop of one of light both words are kept. "Can't tell" claims nothing and
is counted beside. The photographs with even places were looked at while the claims were made; the table is of the odd.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from culling import GUIDE, WITHOUT_FACES, Look24, in_light, read, write
from safelight.reports.calibration import Calibration, Look, calibrate
from safelight.routing.calibration import fit
from safelight.runs.sort import name_frames, sort_frames
from safelight.workflows.shot_list import NO_SHOTS

# (blur added, Gaussian sigma in px; stops)
CHANGES = (
    *((sigma, 0.0) for sigma in (0.0, 0.7, 1.0, 1.25, 1.6, 2.5)),
    *((0.0, stops) for stops in (-3.0, -2.2, -1.6, -1.0, 0.7, 1.2, 1.6, 2.0)),
)
_LIMIT_PX, _EITHER = 1.2, 1.12
_UNDER, _OVER = (-2.1, -1.5), (0.8, 1.4)


def changed(codes: np.ndarray, sigma: float, stops: float) -> np.ndarray:
    def change(light: np.ndarray) -> np.ndarray:
        return (cv2.GaussianBlur(light, (0, 0), sigma) if sigma else light) * np.float32(2.0**stops)

    return codes if (sigma, stops) == (0.0, 0.0) else in_light(codes, change)


def truth_of(sharp_px: float, sigma: float, stops: float) -> str:
    """``"good"``, ``"bad"`` or ``"either"``: what a reviewer with the guide's limits says of a frame made so."""
    blur = math.hypot(sharp_px, sigma)
    words = {"bad" if blur > _LIMIT_PX * _EITHER else "good" if blur < _LIMIT_PX / _EITHER else "either"}
    words.add("bad" if stops < _UNDER[0] or stops > _OVER[1] else "good" if _UNDER[1] < stops < _OVER[0] else "either")
    return next(each for each in ("bad", "either", "good") if each in words)


def look_at(data: Path, look: Look24, folder: Path, first: int, every: int) -> list[tuple[str, str, Look | None]]:
    """(photograph, truth, what was claimed; None where culling can't tell), a frame each."""
    told = []
    for path in sorted((data / "ecommerce" / "catalogue").glob("*.jpg"))[first::every]:
        codes, sharp = read(path), 0.5
        for sigma, stops in CHANGES:
            found: dict[str, Any] = look.at(write(folder / "made.jpg", changed(codes, sigma, stops), 93), WITHOUT_FACES)
            found |= {"width": 4000, "height": 3000}  # its size is not what is asked here
            if (sigma, stops) == (0.0, 0.0):
                sharp = found["facts"]["focus"]["facts"]["blur_px"] or sharp
            frames = {"made.jpg": found}
            (frame,) = sort_frames(frames, name_frames(frames, GUIDE, NO_SHOTS), [], GUIDE)
            truth = truth_of(sharp, sigma, stops)
            right = truth == "either" or (truth == "good") == (frame.cull == "pick")
            claim = None if frame.claim is None else Look(frame.claim, right, frame.cull)
            told.append((path.name.split("-")[0], truth, claim))
    return told


def taught_by_others(told: list[tuple[str, str, Look | None]]) -> list[Look]:
    """Each look with its claim corrected by the words on all other products: no product teaches its own."""
    by_product: dict[str, list[Look]] = defaultdict(list)
    for product, _, look in told:
        if look is not None:
            by_product[product].append(look)
    made = []
    for product, looks in by_product.items():
        others = [each for name, theirs in by_product.items() if name != product for each in theirs]
        taught = fit([each.claimed for each in others], [each.agreed for each in others])
        made += [Look(taught.apply(each.claimed).value, each.agreed, each.cull) for each in looks]
    return made


def print_table(words: str, found: Calibration) -> None:
    low, high = found.auc_interval or (math.nan, math.nan)
    area = f"AUC {found.auc} ({low:.2f} to {high:.2f})"
    print(f"\n{words}: {found.looks} claims, {found.agreed} right, ECE {found.ece}, {area}.\n")
    print("| Claimed | Frames | Mean claim | Right |\n| --- | --- | --- | --- |")
    for each in found.bins:
        share = f"{each.agreed:.2f} ({each.least:.2f} to {each.most:.2f})"
        print(f"| {each.low:.1f} to {each.high:.1f} | {each.looks} | {each.claimed:.2f} | {share} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--every", type=int, default=2)
    parser.add_argument("--from", type=int, default=1, dest="first")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        told = look_at(asked.data, Look24(Path(place)), Path(place), asked.first, asked.every)
    looks = [look for _, _, look in told if look is not None]
    print("## Confidence of the class on made faults")
    print_table("As the measures claim", calibrate(looks))
    print_table("Corrected by words on the other products", calibrate(taught_by_others(told)))
    for cull in ("pick", "reject"):
        part = calibrate([each for each in looks if each.cull == cull])
        print(f"\n{cull}: {part.agreed} of {part.looks} right, ECE {part.ece}, AUC {part.auc}.")
    left = Counter(truth for _, truth, look in told if look is None)
    print(
        f"\nLeft to people: {sum(left.values())} of {len(told)}: "
        + ", ".join(f"{n} {t}" for t, n in left.items())
        + "."
    )


if __name__ == "__main__":
    main()
