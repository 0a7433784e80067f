from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import tifffile

from safelight.errors import UnreadableError, UnsupportedFormatError
from safelight.media.encode import encode
from safelight.media.formats import recognize


def tiff(**tags) -> bytes:
    out = io.BytesIO()
    tifffile.imwrite(out, np.zeros((4, 4, 3), np.uint8), photometric="rgb", **tags)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "a PostScript or EPS document"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"push graphic-context\nviewbox 0 0 640 480", "an MVG drawing"),
        (b"GIF89a" + bytes(20), "a GIF picture"),
        (b"BM" + bytes(60), "a BMP picture"),
        (b"\0\0\0\x18ftypmp42" + bytes(20), "an MP4 or QuickTime video"),
        (b"PK\3\4" + bytes(30), "a ZIP archive"),
        (b"<!DOCTYPE html><html>", "an HTML page"),
        (b"\x7fELF" + bytes(60), "a program"),
        (bytes(500), "a file of zeros"),
        (b"hello, world\n", "a text file"),
        (b"\x93\x01\xff\x00rubbish", "a file of an unknown kind"),
    ],
)
def test_what_is_no_photograph_is_refused_by_its_name(data, what):
    with pytest.raises(UnsupportedFormatError) as refusal:
        recognize(memoryview(data), "cover.jpg")
    assert str(refusal.value).startswith(f"cover.jpg is {what} with the extension .jpg; safelight reads JPEG, TIFF")


def test_an_empty_file_is_unreadable_with_the_way_out():
    with pytest.raises(UnreadableError, match=r"a\.jpg is empty \(0 bytes\); copy it again"):
        recognize(memoryview(b""), "a.jpg")


@pytest.mark.parametrize("format", ["jpeg", "tiff", "png", "webp"])
def test_a_format_is_told_by_content_whatever_the_name(smooth, format):
    assert recognize(memoryview(encode(smooth, format)), "a.gif").format == format


def test_a_polyglot_of_jpeg_and_html_is_a_jpeg(smooth):
    data = encode(smooth, "jpeg") + b"<html><script>alert(1)</script></html>"
    assert recognize(memoryview(data), "a.html").format == "jpeg"


def test_a_tiff_with_a_dng_version_is_raw_and_not_its_preview():
    data = tiff(extratags=[(50706, 1, 4, b"\1\4\0\0", True)])
    assert recognize(memoryview(data), "a.tif").format == "raw"
    assert recognize(memoryview(data), "a.tif").title == "DNG"


def test_a_tiff_that_a_camera_maker_signed_stays_a_tiff():
    data = tiff(extratags=[(271, 2, 6, "Canon", True)])
    assert recognize(memoryview(data), "a.tif").format == "tiff"


def test_a_sensor_mosaic_in_a_tiff_is_raw():
    out = io.BytesIO()
    tifffile.imwrite(
        out, np.zeros((4, 4), np.uint16), photometric="cfa", extratags=[(271, 2, 18, "NIKON CORPORATION", True)]
    )
    assert recognize(memoryview(out.getvalue()), "a.tif").title == "Nikon NEF"


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (b"FUJIFILMCCD-RAW 0201", "Fujifilm RAF"),
        (b"IIRO\x08\0\0\0", "Olympus ORF"),
        (b"IIU\0\x18\0\0\0", "Panasonic RW2"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "Canon CR3"),
    ],
)
def test_raw_formats_with_a_signature_of_their_own_are_raw(head, title):
    found = recognize(memoryview(head + bytes(64)), "a.jpg")
    assert (found.format, found.title) == ("raw", title)


@pytest.mark.data
def test_every_raw_of_the_collection_is_recognized_as_raw(shared_data):
    for path in [
        *shared_data.glob("raw/*.dng"),
        *shared_data.glob("raw/*.GPR"),
        *shared_data.glob("raw/metadata_only/*"),
    ]:
        assert recognize(memoryview(path.read_bytes()), path.name).format == "raw", path.name


def test_directories_that_point_at_each_other_come_to_an_end():
    loop = b"II*\0" + struct.pack("<I", 8) + struct.pack("<HHHII", 1, 330, 4, 1, 8) + struct.pack("<I", 8)
    assert recognize(memoryview(loop), "a.tif").format == "tiff"
