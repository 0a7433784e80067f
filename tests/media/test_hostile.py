"""Broken, lying and oversized files: a picture or one clear sentence, in bounded time, and the parent lives."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from safelight.core.image import Image
from safelight.errors import SafelightError
from safelight.media.encode import encode
from safelight.media.probe import open_picture


def _outcome(decoder, path) -> str:
    before, started = _child_s(decoder), time.process_time()
    try:
        read = decoder.decode(path)
        said = f"picture {read.image.size}"
    except SafelightError as error:
        said = str(error)
        assert said.isprintable()
        assert "Traceback" not in said
    after = _child_s(decoder)
    theirs = after[1] - before[1] if after[0] == before[0] else after[1]
    assert time.process_time() - started + theirs < 30, path  # of work, whatever else the machine does
    return said


def _child_s(decoder) -> tuple[int, float]:
    """The process that decodes, and the processor time that it has taken."""
    stat = Path(f"/proc/{decoder._child.process.pid}/stat") if decoder._child else None
    if stat is None or not stat.exists():
        return 0, 0.0
    told = stat.read_text().rpartition(")")[2].split()
    return decoder._child.process.pid, (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.data
def test_every_hostile_file_ends_in_a_picture_or_a_clear_sentence(decoder, shared_data):
    for path in sorted((shared_data / "hostile").iterdir()):
        if path.name == "16384x16384.png":  # whole, 268 MP: see the slow test
            continue
        said = _outcome(decoder, path)
        assert said.startswith("picture") or path.name in said


@pytest.mark.data
@pytest.mark.slow
def test_a_whole_picture_of_268_megapixels_is_read(decoder, shared_data):
    assert _outcome(decoder, shared_data / "hostile" / "16384x16384.png") == "picture (16384, 16384)"


@pytest.mark.data
def test_every_file_of_the_shoot_ends_in_a_picture_or_a_clear_sentence(decoder, shared_data):
    for path in sorted(shared_data.glob("shoot-a/*"))[::4]:
        if path.is_file():
            _outcome(decoder, path)


@pytest.mark.parametrize("format", ["jpeg", "png", "tiff", "webp"])
def test_headers_with_flipped_bytes_never_raise_anything_but_our_own(smooth, format):
    """In this process: header readers are Python and see every foreign file first."""
    data = encode(smooth, format)
    rng = np.random.default_rng(7)
    for _ in range(300):
        broken = bytearray(data)
        for at in rng.integers(0, min(len(data), 1500), rng.integers(1, 6)):
            broken[at] = rng.integers(0, 256)
        try:
            open_picture(memoryview(bytes(broken)), "a.bin")
        except SafelightError as error:
            assert str(error).startswith("a.bin")


@pytest.mark.data
@pytest.mark.parametrize(
    "name", ["formats/8bit-sRGB.avif", "formats/IMG_2682.heic", "psd-paths/slices.psd", "formats/lab.tif"]
)
def test_headers_of_other_formats_with_flipped_bytes_never_raise_anything_but_our_own(shared_data, name):
    data = (shared_data / name).read_bytes()
    rng = np.random.default_rng(8)
    for _ in range(100):
        broken = bytearray(data)
        for at in rng.integers(0, min(len(data), 4000), rng.integers(1, 6)):
            broken[at] = rng.integers(0, 256)
        try:
            open_picture(memoryview(broken), "a.bin")
        except SafelightError as error:
            assert str(error).startswith("a.bin")


@pytest.mark.slow
@pytest.mark.parametrize("format", ["jpeg", "png", "tiff", "webp"])
def test_pictures_with_flipped_bytes_end_in_a_picture_or_a_clear_sentence(decoder, noise, keep, format):
    data = encode(Image(noise((40, 60, 3)), "srgb"), format)
    rng = np.random.default_rng(9)
    for _ in range(60):
        broken = bytearray(data)
        for at in rng.integers(0, len(data), rng.integers(1, 8)):
            broken[at] = rng.integers(0, 256)
        _outcome(decoder, keep("a.bin", bytes(broken)))
