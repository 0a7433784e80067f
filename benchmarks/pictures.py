"""Pictures for benchmarks, made by arithmetic: 24 MP packshots as JPEG and as Bayer DNG."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.shoots import jpeg, product

CACHE = Path(__file__).with_name(".cache")
# sRGB to a plausible camera: D65 XYZ to camera, a full-frame body's matrix rounded.
COLOR_MATRIX = [0.72, -0.21, -0.06, -0.49, 1.28, 0.23, -0.08, 0.19, 0.66]


def packshots(number: int, width: int = 6000, height: int = 4000) -> Path:
    """Return a shoot of `number` JPEG packshots, made once."""
    folder = CACHE / f"shoot-{number}-{width}x{height}"
    place = folder / "packshots"
    if not place.is_dir():
        draft = CACHE / "draft"
        draft.mkdir(parents=True, exist_ok=True)
        for n in range(number):
            data = jpeg(product(seed=n, width=width, height=height), taken=f"2026:03:01 10:{n // 60:02}:{n % 60:02}")
            (draft / f"SKU{n:03}_front.jpg").write_bytes(data)
        folder.mkdir(parents=True)
        draft.rename(place)
    return folder


def raws(number: int, width: int = 6000, height: int = 4000) -> Path:
    """Return a shoot of `number` uncompressed Bayer DNGs, made once."""
    folder = CACHE / f"raws-{number}-{width}x{height}"
    place = folder / "packshots"
    if not place.is_dir():
        place.mkdir(parents=True)
        for n in range(number):
            write_dng(place / f"RAW{n:03}_front.dng", product(seed=n, width=width, height=height))
    return folder


def write_dng(path: Path, picture: np.ndarray) -> None:
    """Write an 8-bit sRGB picture as a 14-bit RGGB mosaic, in camera colors, uncompressed."""
    import tifffile

    code = picture.astype(np.float32) / 255
    light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    camera = np.array(COLOR_MATRIX).reshape(3, 3) @ to_xyz
    white = camera.sum(axis=1)
    seen = np.clip(light @ camera.T.astype(np.float32), 0, 1)
    mosaic = np.empty(picture.shape[:2], np.float32)
    mosaic[0::2, 0::2], mosaic[0::2, 1::2] = seen[0::2, 0::2, 0], seen[0::2, 1::2, 1]
    mosaic[1::2, 0::2], mosaic[1::2, 1::2] = seen[1::2, 0::2, 1], seen[1::2, 1::2, 2]
    values = np.round(512 + mosaic / white.max() * 15000).astype(np.uint16)
    rational = [part for each in COLOR_MATRIX for part in (round(each * 10000), 10000)]
    neutral = [part for each in white / white.max() for part in (round(each * 10000), 10000)]
    tags = [
        (33421, "H", 2, (2, 2), True),  # CFARepeatPatternDim
        (33422, "B", 4, bytes((0, 1, 1, 2)), True),  # CFAPattern RGGB
        (50706, "B", 4, bytes((1, 4, 0, 0)), True),  # DNGVersion
        (50708, "s", 0, "Safelight Bench", True),  # UniqueCameraModel
        (50714, "H", 1, 512, True),  # BlackLevel
        (50717, "H", 1, 15512, True),  # WhiteLevel
        (50721, "2i", 9, rational, True),  # ColorMatrix1
        (50728, "2I", 3, neutral, True),  # AsShotNeutral
        (50778, "H", 1, 21, True),  # CalibrationIlluminant1: D65
        (271, "s", 0, "Safelight", True),
        (272, "s", 0, "Bench", True),
        (274, "H", 1, 1, True),
    ]
    tifffile.imwrite(path, values, photometric=32803, extratags=tags, metadata=None, software=False)


def made(kind: str, number: int) -> Path:
    """Return a shoot that a process of its own has made: what a benchmark measures must not inherit its memory."""
    command = [sys.executable, __file__, kind, str(number)]
    return Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


if __name__ == "__main__":
    print({"packshots": packshots, "raws": raws}[sys.argv[1]](int(sys.argv[2])))
