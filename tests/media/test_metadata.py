from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from safelight.core.image import Image
from safelight.media.decode import decode_bytes
from safelight.media.encode import encode
from safelight.media.exif import patch_exif, read_exif
from safelight.media.metadata import (
    Metadata,
    iptc_of_resources,
    join_extended_xmp,
    patch_xmp,
    resources_of_iptc,
    split_extended_xmp,
)

XMP = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
    b'xmlns:acme="http://acme.example/ns/" xmp:Rating="-1" xmp:Label="Gelb" tiff:Orientation="6" acme:Shelf="B 12">'
    b'%b</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
# IPTC-IIM: record 2, data sets 5 (title) and 25 (keyword), in UTF-8 as 1:90 says.
IPTC = b"\x1c\x01\x5a\0\x03\x1b%G" + b"\x1c\x02\x05\0\x05Tasse" + b"\x1c\x02\x19\0\x05blau\xc3"[:9]

needs_exiftool = pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")


def exiftool(path: Path, *options: str) -> dict:
    done = subprocess.run(
        ["exiftool", "-j", "-G1", "-struct", "-n", *options, str(path)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)[0]


@pytest.fixture(scope="module")
def dressed(tmp_path_factory) -> Metadata:
    """Metadata as exiftool writes it: EXIF with a GPS place, a lens and a thumbnail, XMP, IPTC."""
    folder = tmp_path_factory.mktemp("dressed")
    thumbnail, path = folder / "thumbnail.jpg", folder / "source.jpg"
    speckles = np.random.default_rng(6).integers(0, 256, (16, 16, 3), np.uint8)
    thumbnail.write_bytes(encode(Image(speckles, "srgb"), "jpeg", icc=b""))
    path.write_bytes(encode(Image(np.full((48, 64, 3), 90, np.uint8), "srgb"), "jpeg"))
    tags = [
        *(
            "-EXIF:Artist=Ana Ł",
            "-EXIF:Copyright=© Acme",
            "-EXIF:Orientation#=6",
            "-EXIF:Make=Canon",
            "-EXIF:Model=EOS R5",
        ),
        *("-EXIF:DateTimeOriginal=2026:03:04 05:06:07", "-EXIF:ISO=400", "-EXIF:FNumber=8", "-EXIF:ExposureTime=1/160"),
        *("-EXIF:FocalLength=85", "-EXIF:LensModel=RF85mm F1.2", "-EXIF:Flash#=9", "-EXIF:GPSLatitude=52.5"),
        *("-EXIF:GPSLatitudeRef=N", "-EXIF:ExifImageWidth#=64", "-EXIF:ExifImageHeight#=48", "-EXIF:ColorSpace#=1"),
        *("-XMP-xmp:Rating=-1", "-XMP-dc:Subject=cup", "-XMP-dc:Subject=blue", "-XMP-tiff:Orientation#=6"),
        *("-IPTC:ObjectName=Tasse", "-IPTC:Keywords=blau", f"-ThumbnailImage<={thumbnail}"),
    ]
    subprocess.run(["exiftool", "-q", "-overwrite_original", *tags, str(path)], check=True, capture_output=True)
    return decode_bytes(path.read_bytes(), "source.jpg").metadata


@needs_exiftool
def test_a_capture_is_read_as_exiftool_wrote_it(dressed):
    capture = read_exif(dressed.exif).capture
    assert (capture.make, capture.model, capture.lens) == ("Canon", "EOS R5", "RF85mm F1.2")
    assert capture.taken_at == "2026-03-04T05:06:07"
    assert (capture.iso, capture.aperture_f, capture.focal_mm, capture.flash) == (400, 8, 85, True)
    assert capture.shutter_s == pytest.approx(1 / 160)


@needs_exiftool
@pytest.mark.parametrize("format", ["jpeg", "tiff", "png", "webp"])
def test_every_property_survives_reading_and_writing(dressed, smooth, keep, format):
    path = keep(f"a.{format}", encode(smooth, format, metadata=dressed))
    found = exiftool(path)
    wanted = {
        "IFD0:Artist": "Ana Ł",
        "IFD0:Copyright": "© Acme",
        "IFD0:Make": "Canon",
        "ExifIFD:DateTimeOriginal": "2026:03:04 05:06:07",
        "ExifIFD:ISO": 400,
        "ExifIFD:LensModel": "RF85mm F1.2",
        "GPS:GPSLatitude": 52.5,
        "XMP-xmp:Rating": -1,
        "XMP-dc:Subject": ["cup", "blue"],
        "IFD0:Orientation": 1,
        "XMP-tiff:Orientation": 1,
        "ICC_Profile:ProfileDescription": "sRGB IEC61966-2.1",
    }
    if format in ("jpeg", "tiff"):
        wanted |= {"IPTC:ObjectName": "Tasse", "IPTC:Keywords": "blau"}
    assert {name: found.get(name) for name in wanted} == wanted
    assert not any("Warning" in name for name in found)


@needs_exiftool
@pytest.mark.parametrize("format", ["jpeg", "tiff", "png", "webp"])
def test_what_is_written_reads_back_as_it_was(dressed, smooth, format):
    first = encode(smooth, format, metadata=dressed)
    metadata = decode_bytes(first, "a").metadata
    assert encode(smooth, format, metadata=metadata) == first


@needs_exiftool
def test_pixel_dimensions_and_color_space_are_made_true(dressed, keep, noise):
    picture = Image(noise((20, 30, 3)), "display_p3")
    found = exiftool(keep("a.jpg", encode(picture, "jpeg", metadata=dressed)))
    assert (found["ExifIFD:ExifImageWidth"], found["ExifIFD:ExifImageHeight"]) == (30, 20)
    assert found["ExifIFD:ColorSpace"] == 65535


@needs_exiftool
def test_a_stale_thumbnail_leaves_no_byte_behind(dressed, smooth, keep):
    place = read_exif(dressed.exif).thumbnail
    assert place is not None
    thumbnail = dressed.exif[place[0] : place[0] + place[1]]
    data = encode(smooth, "jpeg", metadata=dressed)
    assert thumbnail[-80:] not in data  # its scan; its tables are those of any JPEG
    assert "IFD1:ThumbnailOffset" not in exiftool(keep("a.jpg", data))


@needs_exiftool
def test_patching_leaves_foreign_tags_where_they_are(dressed):
    patched = patch_exif(dressed.exif, width=64, height=48, space="srgb")
    place = read_exif(dressed.exif).thumbnail
    same = [a == b for a, b in zip(dressed.exif[: place[0]], patched, strict=False)]
    assert same.count(False) <= 6  # one orientation, one link to the thumbnail's directory


@needs_exiftool
@pytest.mark.data
@pytest.mark.parametrize("path", ["raw/canon_eos_6d_lossy_linear.dng", "raw/GOPR0024_x0_y900_1600x1200.dng"])
def test_the_exif_of_a_raw_goes_into_what_is_made_of_it(decoder, shared_data, smooth, keep, path):
    source = exiftool(shared_data / path)
    metadata = decoder.decode(shared_data / path, 200).metadata
    found = exiftool(keep("a.jpg", encode(smooth, "jpeg", metadata=metadata)))
    for name in (
        "IFD0:Make",
        "IFD0:Model",
        "ExifIFD:ISO",
        "ExifIFD:ExposureTime",
        "ExifIFD:FNumber",
        "ExifIFD:DateTimeOriginal",
    ):
        assert found.get(name) == source.get(name), name
    assert found["IFD0:Orientation"] == 1


@pytest.mark.parametrize("length", [100, 60_000, 70_000, 400_000])
def test_xmp_of_any_length_survives_a_jpeg(smooth, length):
    packet = XMP % (b"<acme:Note>" + b"x" * length + b"</acme:Note>")
    back = decode_bytes(encode(smooth, "jpeg", metadata=Metadata(xmp=packet)), "a.jpg").metadata.xmp
    assert b'acme:Shelf="B 12"' in back
    assert b'tiff:Orientation="1"' in back
    assert back.count(b"x" * length) == 1
    assert b"HasExtendedXMP" not in back


@needs_exiftool
def test_exiftool_reads_extended_xmp(smooth, keep):
    packet = XMP % (b"<acme:Note>" + b"x" * 100_000 + b"</acme:Note>")
    found = exiftool(keep("a.jpg", encode(smooth, "jpeg", metadata=Metadata(xmp=packet))), "-b")
    assert found["XMP-xmp:Label"] == "Gelb"
    assert len(found["XMP-acme:Note"]) == 100_000


def test_extended_xmp_that_is_not_whole_is_left_out():
    packet = XMP % (b"<acme:Note>" + b"x" * 70_000 + b"</acme:Note>")
    main, extended = split_extended_xmp(packet, 60_000)
    name = main.split(b'HasExtendedXMP="')[1][:32]
    assert join_extended_xmp(main, {name: {0: extended[:1000]}}) == main
    assert b"acme:Note" in join_extended_xmp(main, {name: {0: extended[:1000], 1000: extended[1000:]}})


def test_iptc_survives_photoshop_resources():
    assert iptc_of_resources(resources_of_iptc(IPTC)) == IPTC
    other = b"8BIM\x07\xd0\x04Path\0" + (6).to_bytes(4) + b"abcdef"
    assert iptc_of_resources(other + resources_of_iptc(IPTC)) == IPTC


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'tiff:Orientation="6"', b'tiff:Orientation="1"'),
        (b"<tiff:Orientation>8</tiff:Orientation>", b"<tiff:Orientation>1</tiff:Orientation>"),
        (b"exif:PixelXDimension='4000'", b"exif:PixelXDimension='30'"),
        (b'acme:Orientation="6"', b'acme:Orientation="6"'),
    ],
)
def test_xmp_is_patched_in_both_spellings_and_nowhere_else(before, after):
    assert patch_xmp(before, width=30, height=20) == after


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"2026:03:04 05:06:07\0", "2026-03-04T05:06:07"),
        (b"0000:00:00 00:00:00\0", ""),
        (b"    :  :     :  :  \0", ""),
        (b"2026:13:40 25:61:00\0", ""),
    ],
)
def test_a_date_that_no_calendar_has_is_no_date(written, read):
    block = b"II*\0\x08\0\0\0\x01\0\x32\x01\x02\0\x14\0\0\0\x1a\0\0\0\0\0\0\0" + written
    assert read_exif(block).capture.taken_at == read


def test_damaged_exif_says_nothing_and_is_not_written_again(smooth):
    assert read_exif(b"II*\0\xff\xff\xff\x7f") == read_exif(None)
    data = encode(smooth, "jpeg", metadata=Metadata(exif=b"rubbish"))
    assert decode_bytes(data, "a.jpg").metadata.exif is None


def test_strings_in_exif_are_carried_as_they_are_and_never_run(smooth):
    nasty = b"<script>alert(1)</script>{{7*7}}=cmd()\0"
    block = b"II*\0\x08\0\0\0\x01\0\x0f\x01\x02\0" + len(nasty).to_bytes(4, "little") + b"\x1a\0\0\0\0\0\0\0" + nasty
    read = decode_bytes(encode(smooth, "jpeg", metadata=Metadata(exif=block)), "a.jpg")
    assert read.probe.capture.make == nasty.rstrip(b"\0").decode()


def test_metadata_goes_through_json_and_back():
    metadata = Metadata(exif=b"\0\xff", xmp=None, iptc=IPTC, icc=b"")
    assert Metadata.from_data(json.loads(json.dumps(metadata.to_data()))) == metadata


def test_a_profile_of_many_segments_is_put_together_again(smooth):
    profile = bytes(np.random.default_rng(2).integers(0, 256, 200_000, np.uint8))
    assert decode_bytes(encode(smooth, "jpeg", icc=profile), "a.jpg").metadata.icc == profile
