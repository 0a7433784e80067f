"""Whatever lies in a folder: processed or quarantined with one clear sentence, and the batch goes on."""

from __future__ import annotations

import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.journeys.cli import lines, safelight
from tests.shoots import jpeg, product

SMALL = product(1, 700, 600)


def saved(picture, file_format, **kind):
    out = io.BytesIO()
    picture.save(out, file_format, **kind)
    return out.getvalue()


def bomb():
    """Return a PNG whose header says 50,000 x 50,000."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))  # noqa: E731
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


RGB = Pillow.fromarray(SMALL)
ALPHA = np.dstack([SMALL, np.full(SMALL.shape[:2], 255, np.uint8)])
GOOD = {
    "ünïcödé 写真 😀.jpg": jpeg(SMALL),
    "-rf.jpg": jpeg(product(2, 700, 600)),
    "new\nline.jpg": jpeg(product(3, 700, 600)),
    "<img src=x onerror=alert(1)>.jpg": jpeg(product(4, 700, 600)),
    "cmyk.jpg": saved(RGB.convert("CMYK"), "JPEG", quality=92),
    "gray.jpg": saved(RGB.convert("L"), "JPEG", quality=92),
    "deep.png": saved(Pillow.fromarray(SMALL[..., 1].astype(np.uint16) * 257), "PNG"),
    "alpha.png": saved(Pillow.fromarray(ALPHA), "PNG"),
    "exotic.jpg": saved(RGB, "JPEG", quality=92, icc_profile=b"not a profile at all" * 9),
}
BAD = {
    "zero.jpg": b"",
    "cut.jpg": jpeg(SMALL)[:5000],
    "words.jpg": b"these are words, not light\n" * 20,
    "brief.jpg": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"0" * 500,
    "bomb.png": bomb(),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    shoot = folder / "shoot"
    shoot.mkdir()
    for name, data in {**GOOD, **BAD}.items():
        (shoot / name).write_bytes(data)
    with open(os.fsencode(shoot) + b"/bad\xff\xfename.jpg", "wb") as file:
        file.write(jpeg(product(5, 700, 600)))
    (shoot / "link.jpg").symlink_to("/etc/hostname")
    done = safelight("run", "shoot", "--json", folder=folder, code=3)
    return folder, {each["file"]: each for each in lines(done)}


def test_every_file_that_can_be_read_is(found):
    _, told = found
    for name in GOOD:
        assert told[name]["standing"] != "refused", told[name]["reasons"]
    assert told["bad\udcff\udcfename.jpg"]["standing"] != "refused"


def test_every_file_that_can_not_has_one_sentence_that_names_it(found):
    _, told = found
    for name in BAD:
        assert told[name]["standing"] == "refused", name
        (sentence,) = told[name]["reasons"]
        assert name in sentence and "\n" not in sentence and "Traceback" not in sentence


def test_links_are_passed_over_not_followed(found):
    _, told = found
    assert "link.jpg" not in told


def test_hostile_names_are_text_in_the_report(found):
    folder, _ = found
    page = (folder / "out" / "shoot" / "report.html").read_text()
    assert "<img src=x" not in page


def test_culling_says_one_line_a_file_unreadable_ones_too(found):
    folder, _ = found
    told = lines(safelight("cull", "shoot", "--json", folder=folder, code=3))
    assert len(told) == len(GOOD) + len(BAD) + 1
    classes = {each["file"]: each["class"] for each in told}
    assert {classes[name] for name in BAD} == {"unreadable"}
    assert all(each["reasons"] for each in told)
