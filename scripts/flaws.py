"""Make the pairs of pictures that teach how to spot a machine's flaws, from the rendered sample shoot.

    python scripts/flaws.py [--sheet FILE]

Each flaw is made by the operation that makes it in earnest: this program's own cut-out with other settings, an inpaint,
a copied patch, a smoothing filter, too much sharpening, a balance that was not done. Beside it stands the same place as
it should be, by the shoot's rendered truth. Writes web/src/rooms/learn/flaws/*.webp; --sheet also writes all on one.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight import studio

ROOT = Path(__file__).resolve().parents[1]
SHOOT, TRUTH = ROOT / "samples" / "shoot", ROOT / "samples" / "truth"
OUT = ROOT / "web" / "src" / "rooms" / "learn" / "flaws"
SIDE, QUALITY = 400, 82
Bytes = NDArray[np.uint8]
Place = tuple[int, int, int]  # left, top, side, in px of the original


def original(name: str) -> Bytes:
    """A frame of the shoot, BGR."""
    return np.asarray(cv2.imread(str(SHOOT / f"{name}.jpg")), np.uint8)


def true_alpha(name: str) -> NDArray[np.float32]:
    """The rendered coverage of a frame, 0..1."""
    return np.asarray(cv2.imread(str(TRUTH / f"{name}.png"), cv2.IMREAD_UNCHANGED), np.float32) / 255


@cache
def cut(name: str, *settings: str) -> Bytes:
    """The program's own cut-out of a frame, BGRA, straight."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "cut.png"
        studio.apply_step("cutout", SHOOT / f"{name}.jpg", out, ["backdrop=any", *settings])
        found = cv2.imread(str(out), cv2.IMREAD_UNCHANGED)
    return np.asarray(found >> 8 if found.dtype == np.uint16 else found, np.uint8)


def on_white(bgr: Bytes, alpha: NDArray[np.float32]) -> Bytes:
    """A subject on white, mixed in linear light."""
    light = (bgr.astype(np.float32) / 255) ** 2.2
    mixed = light * alpha[..., None] + (1 - alpha[..., None])
    return np.asarray(np.rint(255 * np.clip(mixed, 0, 1) ** (1 / 2.2)), np.uint8)


def machine(name: str, *settings: str) -> Bytes:
    """The program's own cut-out on white."""
    found = cut(name, *settings)
    return on_white(found[..., :3], found[..., 3].astype(np.float32) / 255)


def truth(name: str) -> Bytes:
    """A frame on white by its rendered coverage, its edge colors cleaned by the program."""
    return on_white(cut(name)[..., :3], true_alpha(name))


def crumbs() -> tuple[Bytes, Bytes]:
    """Shadow left at the foot and in the rings."""
    return machine("BAG-06_front"), truth("BAG-06_front")


def filled_hole() -> tuple[Bytes, Bytes]:
    """A handle whose opening was kept."""
    return machine("MUG-01_front", "holes=false"), truth("MUG-01_front")


def rim() -> tuple[Bytes, Bytes]:
    """An outline that lies outside the product: backdrop comes along."""
    name = "CND-11_front"
    wide = cv2.GaussianBlur(cv2.dilate(true_alpha(name), np.ones((9, 9))), (0, 0), 1.2)
    return on_white(original(name), wide), truth(name)


def shaved() -> tuple[Bytes, Bytes]:
    """Fine hair cut along a smooth line."""
    name = "BEN-05_front"
    smooth = cv2.GaussianBlur(true_alpha(name), (0, 0), 9) > 0.62
    return on_white(original(name), cv2.GaussianBlur(smooth.astype(np.float32), (0, 0), 0.8)), truth(name)


def invented() -> tuple[Bytes, Bytes]:
    """Lettering that a fill made up."""
    picture = original("BOX-10_front")
    mask = np.zeros(picture.shape[:2], np.uint8)
    mask[538:562, 590:790] = 255  # through the middle of a line of letters
    return cv2.inpaint(picture, mask, 9, cv2.INPAINT_TELEA), picture


def repeated() -> tuple[Bytes, Bytes]:
    """A patch that was copied beside itself to cover something."""
    picture = original("BAG-06_front")
    found = picture.astype(np.float32)
    top, left, side, step = 790, 500, 56, 46
    source = found[top : top + side, left : left + side].copy()
    soft = cv2.GaussianBlur(np.pad(np.ones((side - 8, side - 8), np.float32), 4), (0, 0), 3)[..., None]
    for row in range(2):
        for column in range(1 - row, 4):
            part = np.s_[top + step * row : top + step * row + side, left + step * column : left + step * column + side]
            found[part] = source * soft + found[part] * (1 - soft)
    return np.rint(found).astype(np.uint8), picture


def plastic() -> tuple[Bytes, Bytes]:
    """Texture smoothed away with the noise."""
    picture = original("BAG-06_front")
    smooth = picture
    for _ in range(3):
        smooth = cv2.bilateralFilter(smooth, 11, 45, 9)
    return smooth, picture


def oversharp() -> tuple[Bytes, Bytes]:
    """Bright and dark lines along every edge."""
    picture = original("KET-09_front").astype(np.float32)
    sharp = picture + 2.4 * (picture - cv2.GaussianBlur(picture, (0, 0), 2.2))
    return np.clip(np.rint(sharp), 0, 255).astype(np.uint8), picture.astype(np.uint8)


def cast() -> tuple[Bytes, Bytes]:
    """A color that came from the lamp, taken for the product's own."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "balanced.png"
        studio.apply_step("white_balance", SHOOT / "BOX-10_side.jpg", out, [])
        found = cv2.imread(str(out))
    return original("BOX-10_side"), np.asarray(found, np.uint8)


def missing() -> tuple[Bytes, Bytes]:
    """A thin part that the outline lost."""
    name = "KET-09_front"
    alpha = true_alpha(name)
    thick = cv2.morphologyEx(alpha, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (27, 27)))
    return on_white(cut(name)[..., :3], np.minimum(alpha, cv2.GaussianBlur(thick, (0, 0), 1))), truth(name)


FLAWS: dict[str, tuple[Callable[[], tuple[Bytes, Bytes]], Place]] = {
    "crumbs": (crumbs, (300, 760, 260)),
    "filled-hole": (filled_hole, (860, 200, 400)),
    "rim": (rim, (440, 180, 220)),
    "shaved": (shaved, (560, 60, 420)),
    "missing": (missing, (480, 180, 460)),
    "invented": (invented, (560, 400, 260)),
    "repeated": (repeated, (480, 770, 170)),
    "plastic": (plastic, (420, 560, 230)),
    "oversharp": (oversharp, (860, 250, 300)),
    "cast": (cast, (300, 160, 800)),
}


def main() -> None:
    """Write the pairs."""
    given = argparse.ArgumentParser()
    given.add_argument("--sheet", type=Path)
    asked = given.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, (make, (left, top, side)) in FLAWS.items():
        row = []
        for word, picture in zip(("flawed", "right"), make(), strict=True):
            part = picture[top : top + side, left : left + side]
            shown = cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_AREA if side > SIDE else cv2.INTER_CUBIC)
            data = cv2.imencode(".webp", shown, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])[1]
            (OUT / f"{name}-{word}.webp").write_bytes(data.tobytes())
            row.append(shown)
        rows.append(np.hstack(row))
    if asked.sheet:
        half = (len(rows) + 1) // 2
        columns = [np.vstack(rows[:half]), np.vstack(rows[half:])]
        cv2.imwrite(str(asked.sheet), np.hstack(columns))


if __name__ == "__main__":
    main()
