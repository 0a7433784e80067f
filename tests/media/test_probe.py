from __future__ import annotations

import json
import struct

import pytest

from safelight.core.image import Image
from safelight.errors import UnreadableError, UnsupportedFormatError
from safelight.media.encode import encode
from safelight.media.probe import Probe, open_picture
from safelight.media.sandbox import Decoder


@pytest.mark.parametrize("format", ["jpeg", "tiff", "png", "webp"])
def test_a_probe_tells_size_depth_and_profile(smooth, format):
    probe = open_picture(memoryview(encode(Image(smooth.pixels, "display_p3"), format)), "a").probe
    assert (probe.format, probe.size, probe.bits, probe.channels, probe.model) == (format, (64, 48), 8, 3, "rgb")
    assert (probe.space, probe.profile, probe.profile_embedded) == ("display_p3", "display_p3", True)
    assert not probe.alpha
    assert not probe.scene_referred


@pytest.mark.parametrize("format", ["tiff", "png", "webp"])
def test_a_probe_tells_alpha(noise, format):
    data = encode(Image(noise((4, 6, 4)), "srgb", "straight"), format)
    assert open_picture(memoryview(data), "a").probe.alpha


@pytest.mark.parametrize("format", ["jpeg", "tiff", "png", "webp"])
def test_a_probe_agrees_with_decoding(decoder: Decoder, smooth, keep, format):
    path = keep(f"a.{format}", encode(smooth, format))
    assert decoder.probe(path) == decoder.decode(path).probe


def test_a_probe_goes_through_json_and_back(smooth):
    probe = open_picture(memoryview(encode(smooth, "png")), "a").probe
    assert Probe.from_data(json.loads(json.dumps(probe.to_data()))) == probe


@pytest.mark.data
def test_a_turned_picture_has_its_upright_size(shared_data):
    data = (shared_data / "formats" / "orientation" / "Landscape_6.jpg").read_bytes()
    probe = open_picture(memoryview(data), "a.jpg").probe
    assert (probe.size, probe.orientation) == ((1800, 1200), 6)


def test_a_header_without_pixels_is_unreadable(smooth):
    data = encode(smooth, "png")
    with pytest.raises(UnreadableError, match=r"^a\.png cannot be read as PNG: it is cut short"):
        open_picture(memoryview(data[:40]), "a.png")


def test_a_picture_of_no_pixels_is_unreadable(smooth):
    data = bytearray(encode(smooth, "jpeg"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 7] = b"\0\0"
    with pytest.raises(UnreadableError, match="its header says 64 x 0 px"):
        open_picture(memoryview(bytes(data)), "a.jpg")


def test_a_12_bit_jpeg_is_refused_with_the_way_out(smooth):
    data = bytearray(encode(smooth, "jpeg"))
    data[data.index(b"\xff\xc0") + 4] = 12
    with pytest.raises(
        UnsupportedFormatError, match=r"a\.jpg is a 12-bit JPEG; safelight reads 8-bit JPEG, save it as"
    ):
        open_picture(memoryview(bytes(data)), "a.jpg")


def test_a_tiff_bomb_of_one_strip_is_refused_from_its_header():
    def tag(number: int, value: int) -> bytes:
        return struct.pack("<HHII", number, 4, 1, value)

    entries = [
        tag(256, 60_000),
        tag(257, 60_000),
        tag(258, 8),
        tag(259, 1),
        tag(262, 1),
        tag(273, 8),
        tag(278, 60_000),
        tag(279, 10),
    ]
    data = b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)
    with pytest.raises(Exception, match="60000 x 60000 px, 3600 MP; the limit is 300 MP"):
        open_picture(memoryview(data), "a.tif")


def test_a_text_bomb_in_a_png_is_left_alone(smooth):
    import zlib

    bomb = zlib.compress(bytes(64_000_000), 9)
    body = b"XML:com.adobe.xmp\0\1\0\0\0" + bomb
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    data = encode(smooth, "png")
    opened = open_picture(memoryview(data[:33] + chunk + data[33:]), "a.png")
    assert opened.metadata.xmp is None


def test_a_stated_exponent_without_a_profile_makes_doubt(smooth):
    import zlib

    body = (100_000).to_bytes(4)
    chunk = (4).to_bytes(4) + b"gAMA" + body + zlib.crc32(b"gAMA" + body).to_bytes(4)
    data = encode(smooth, "png", icc=b"")
    reasons = open_picture(memoryview(data[:33] + chunk + data[33:]), "a.png").reasons
    assert [each.code for each in reasons if each.doubt] == ["png_gamma"]


def test_a_png_that_names_display_p3_by_number_is_in_it(smooth):
    import zlib

    body = bytes((12, 13, 0, 1))
    chunk = (4).to_bytes(4) + b"cICP" + body + zlib.crc32(b"cICP" + body).to_bytes(4)
    data = encode(smooth, "png", icc=b"")
    assert open_picture(memoryview(data[:33] + chunk + data[33:]), "a.png").probe.space == "display_p3"


@pytest.mark.data
@pytest.mark.parametrize("name", ["8bit-sRGB.avif", "IMG_2682.heic"])
def test_heif_boxes_tell_the_size(shared_data, name):
    data = (shared_data / "formats" / name).read_bytes()
    size = {"8bit-sRGB.avif": (1617, 1080), "IMG_2682.heic": (4032, 3024)}[name]
    assert open_picture(memoryview(data), name).probe.size == size


@pytest.mark.data
@pytest.mark.parametrize("name", ["8bit-sRGB.avif", "IMG_2682.heic"])
def test_a_cut_heif_is_unreadable_from_its_boxes(shared_data, name):
    data = (shared_data / "formats" / name).read_bytes()
    with pytest.raises(UnreadableError, match="cut short"):
        open_picture(memoryview(data[: len(data) // 2]), name)
