from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest
import tifffile

from safelight.core.image import Image
from safelight.errors import TooLargeError, UnreadableError, UnsupportedFormatError
from safelight.media.decode import decode_bytes
from safelight.media.encode import encode
from safelight.media.icc import standard_profile
from safelight.media.metadata import Metadata
from safelight.media.probe import open_picture
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.spaces import to_float
from safelight.settings import Settings

ADOBE_CLAIM = (
    b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x1a\0\0\0\0\0\0\0"
    b"\x02\0\x01\xa0\x03\0\x01\0\0\0\xff\xff\0\0\x05\xa0\x04\0\x01\0\0\0\x38\0\0\0\0\0\0\0"
    b"\x01\0\x01\0\x02\0\x04\0\0\0R03\0\0\0\0\0"
)


def saved(picture: PIL.Image.Image, format: str, **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def tiff(pixels: np.ndarray, **options) -> bytes:
    out = io.BytesIO()
    tifffile.imwrite(out, pixels, **options)
    return out.getvalue()


def codes(read) -> set[str]:
    return {each.code for each in read.reasons}


@pytest.mark.data
@pytest.mark.parametrize("number", range(2, 9))
def test_every_orientation_becomes_the_same_upright_picture(decoder, shared_data, number):
    folder = shared_data / "formats" / "orientation"
    upright = decoder.decode(folder / "Landscape_1.jpg", 450)
    turned = decoder.decode(folder / f"Landscape_{number}.jpg", 450)
    assert turned.probe.orientation == number
    assert turned.full_size == upright.full_size == (1800, 1200)
    # The nine files were each compressed on their own: the labels drawn into them differ, the scene does not.
    difference = np.abs(turned.image.pixels.astype(int) - upright.image.pixels)
    assert difference.mean() < 4


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("format", ["tiff", "png"])
def test_orientation_is_applied_once_and_exactly(decoder, keep, noise, number, format):
    upright = noise((5, 7, 3))
    turns = {
        1: lambda p: p,
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.transpose(1, 0, 2),
        6: lambda p: np.rot90(p, 1),
        7: lambda p: p[::-1, ::-1].transpose(1, 0, 2),
        8: lambda p: np.rot90(p, -1),
    }
    stored = np.ascontiguousarray(turns[number](upright))
    if format == "tiff":
        data = tiff(stored, photometric="rgb", extratags=[(274, 3, 1, number, True)])
    else:
        exif = PIL.Image.Exif()
        exif[274] = number
        data = saved(PIL.Image.fromarray(stored), "PNG", exif=exif)
    read = decoder.decode(keep(f"a.{format}", data))
    assert read.full_size == (7, 5)
    assert np.array_equal(read.image.pixels, upright)


def test_a_gray_jpeg_becomes_three_equal_channels(decoder, keep):
    ramp = np.tile(np.arange(0, 256, 4, np.uint8), (16, 1))
    read = decoder.decode(keep("a.jpg", saved(PIL.Image.fromarray(ramp), "JPEG", quality=100)))
    assert read.image.space == "srgb"
    assert np.abs(read.image.pixels.astype(int) - ramp[:, :, None]).max() <= 1


def test_a_16_bit_png_keeps_every_code(decoder, keep, noise):
    pixels = noise((9, 11, 3), np.uint16)
    read = decoder.decode(keep("a.png", encode(Image(pixels, "adobe_rgb"), "png")))
    assert read.image.space == "adobe_rgb"
    assert np.array_equal(read.image.pixels, pixels)


def test_a_palette_png_with_a_transparent_entry_has_straight_alpha(decoder, keep):
    picture = PIL.Image.new("P", (4, 4), 1)
    picture.putpalette([10, 20, 30, 200, 100, 50])
    picture.putpixel((0, 0), 0)
    read = decoder.decode(keep("a.png", saved(picture, "PNG", transparency=0)))
    assert read.image.alpha == "straight"
    assert read.image.pixels[0, 0, 3] == 0
    assert read.image.pixels[1, 1].tolist() == [200, 100, 50, 255]


def test_a_premultiplied_tiff_becomes_straight(decoder, keep):
    pixels = np.full((4, 4, 4), (64, 32, 0, 128), np.uint8)
    read = decoder.decode(keep("a.tif", tiff(pixels, photometric="rgb", extrasamples=["assocalpha"])))
    assert read.image.alpha == "straight"
    assert np.abs(read.image.pixels[0, 0].astype(int) - (128, 64, 0, 128)).max() <= 1


def test_a_saved_selection_in_a_tiff_is_no_transparency(decoder, keep):
    pixels = np.full((4, 4, 4), (64, 32, 0, 0), np.uint8)
    read = decoder.decode(keep("a.tif", tiff(pixels, photometric="rgb", extrasamples=["unspecified"])))
    assert read.image.alpha == "none"
    assert "extra_channels" in codes(read)


@pytest.mark.parametrize(("kind", "expected"), [("minisblack", 64), ("miniswhite", 191)])
def test_gray_tiffs_of_both_polarities_are_read(decoder, keep, kind, expected):
    data = tiff(np.full((4, 4), 64, np.uint8), photometric=kind)
    assert decoder.decode(keep("a.tif", data)).image.pixels[0, 0].tolist() == [expected] * 3


@pytest.mark.parametrize(
    "options", [{"compression": "zlib", "predictor": True}, {"compression": "lzw"}, {"tile": (16, 16)}]
)
def test_a_16_bit_tiff_keeps_every_code_however_it_is_stored(decoder, keep, noise, options):
    pixels = noise((40, 50, 3), np.uint16)
    read = decoder.decode(keep("a.tif", tiff(pixels, photometric="rgb", **options)))
    assert np.array_equal(read.image.pixels, pixels)


def test_a_file_without_a_profile_is_srgb_and_says_so(decoder, smooth, keep):
    read = decoder.decode(keep("a.jpg", encode(smooth, "jpeg", icc=b"")))
    assert read.image.space == "srgb"
    assert codes(read) == {"no_profile"}
    assert not read.reasons[0].doubt


def test_a_damaged_profile_makes_doubt(decoder, smooth, keep):
    read = decoder.decode(keep("a.png", encode(smooth, "png", icc=standard_profile("display_p3")[:200])))
    assert read.image.space == "srgb"
    assert [each.code for each in read.reasons if each.doubt] == ["broken_profile"]


def test_a_profile_for_another_kind_of_picture_makes_doubt(decoder, keep, smooth, shared_data):
    cmyk = (shared_data / "formats" / "icc" / "CGATS001Compat-v2-micro.icc").read_bytes()
    read = decoder.decode(keep("a.png", encode(smooth, "png", icc=cmyk)))
    assert read.reasons[0].text == "the color profile in the file is for CMYK; its numbers are taken as sRGB"


def test_the_claim_of_a_camera_for_adobe_rgb_is_believed(decoder, smooth, keep):
    from safelight.media.writers.jpeg import insert_segments

    plain = encode(smooth, "jpeg", icc=b"")
    read = decoder.decode(keep("a.jpg", insert_segments(plain, Metadata(exif=ADOBE_CLAIM))))
    assert read.image.space == "adobe_rgb"
    assert codes(read) == {"exif_adobe_rgb"}


@pytest.mark.data
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_another_profile_is_converted_once_and_kept_in_the_metadata(decoder, keep, noise, shared_data, dtype):
    profile = (shared_data / "formats" / "icc" / "Rec2020-v4.icc").read_bytes()
    data = encode(Image(noise((8, 8, 3), dtype), "srgb"), "png", icc=profile)
    read = decoder.decode(keep("a.png", data))
    assert read.image.space == "linear_rec2020"
    assert read.image.pixels.dtype == (np.uint16 if dtype is np.uint8 else np.float32)
    assert read.metadata.icc == profile
    assert read.probe.profile == "2020"


@pytest.mark.data
def test_a_cmyk_jpeg_becomes_the_picture_that_it_prints(decoder, shared_data):
    read = decoder.decode(shared_data / "formats" / "pil_sample_cmyk.jpg")
    assert (read.probe.model, read.image.space) == ("cmyk", "linear_rec2020")
    red, green, blue = to_float(read.image.pixels)[0, 0]  # stored as no cyan, much magenta and yellow
    assert red > 0.4
    assert max(green, blue) < 0.1
    assert to_float(read.image.pixels)[25, 25].max() < 0.02  # stored as all four inks
    assert [each.code for each in read.reasons if each.doubt] == ["no_profile"]


@pytest.mark.data
def test_a_lab_tiff_has_the_colors_that_its_numbers_say(decoder, shared_data):
    path = shared_data / "formats" / "lab.tif"
    stored = tifffile.imread(path)
    expected = np.concatenate((stored[..., :1] * (100 / 255), stored[..., 1:].view(np.int8)), axis=-1).astype(
        np.float32
    )
    read = decoder.decode(path)
    found = lab_from(np.asarray(read.image.pixels, np.float32), "linear_rec2020")
    assert delta_e_2000(found, expected).max() < 0.01


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "format", "size", "dtype"),
    [
        ("8bit-sRGB.avif", "avif", (1617, 1080), np.uint8),
        ("denali.webp", "webp", (600, 315), np.uint8),
        ("tiff_strip_planar_16bit_RGB.tiff", "tiff", (100, 40), np.uint16),
        ("hopper.iccprofile.tif", "tiff", (128, 128), np.uint8),
    ],
)
def test_formats_of_the_collection_are_read(decoder, shared_data, name, format, size, dtype):
    read = decoder.decode(shared_data / "formats" / name)
    assert (read.probe.format, read.full_size, read.image.size, read.image.pixels.dtype) == (format, size, size, dtype)
    assert read.image.space == "srgb"


@pytest.mark.data
def test_a_ten_bit_avif_comes_as_16_bits(decoder, shared_data):
    read = decoder.decode(shared_data / "c2pa" / "sample1.avif")
    assert (read.probe.bits, read.image.pixels.dtype) == (10, np.uint16)


@pytest.mark.data
def test_a_heic_is_read_in_the_profile_of_its_tiles(decoder, shared_data):
    pytest.importorskip("pillow_heif")
    read = decoder.decode(shared_data / "formats" / "IMG_2682.heic", 800)
    assert read.full_size == (4032, 3024)
    assert read.image.size == (800, 600)
    assert read.image.space == "display_p3"


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "model"),
    [("colormodes_4x4_16bit_rgb", "rgb"), ("colormodes_4x4_16bit_lab", "lab"), ("colormodes_4x4_8bit_cmyk", "cmyk")],
)
def test_a_flat_psd_is_read(decoder, shared_data, name, model):
    read = decoder.decode(shared_data / "psd-paths" / f"{name}.psd")
    assert (read.probe.format, read.probe.model, read.image.size) == ("psd", model, (4, 4))


@pytest.mark.data
def test_a_psd_without_its_merged_picture_is_refused_with_the_way_out(decoder, shared_data):
    with pytest.raises(UnsupportedFormatError, match="save it again with 'maximize compatibility' on"):
        decoder.decode(shared_data / "psd-paths" / "layers-minimal_pixel-layer.psd")


@pytest.mark.parametrize("format", ["jpeg", "png", "tiff", "webp"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_cut_picture_is_refused_and_never_half_gray(noise, format, share):
    data = encode(Image(noise((300, 400, 3)), "srgb"), format)
    with pytest.raises(UnreadableError, match=r"^a\.\w+ "):
        decode_bytes(data[: int(len(data) * share)], f"a.{format}")


@pytest.mark.parametrize("missing", [1, 2, 3, 10])
def test_a_jpeg_that_lacks_only_its_last_bytes_is_refused(smooth, missing):
    with pytest.raises(UnreadableError, match=r"^a\.jpg is a cut JPEG"):
        decode_bytes(encode(smooth, "jpeg")[:-missing], "a.jpg")


def test_a_jpeg_with_stray_bytes_that_is_also_cut_is_refused(noise):
    data = encode(Image(noise((60, 80, 3)), "srgb"), "jpeg")
    table = data.index(b"\xff\xdb")
    strayed = data[:table] + b"\x17" + data[table:]
    assert codes(decode_bytes(strayed, "whole.jpg")) == {"jpeg_warning"}
    with pytest.raises(UnreadableError, match=r"^cut\.jpg is a cut JPEG"):
        decode_bytes(strayed[: len(strayed) // 2], "cut.jpg")


def test_a_jpeg_that_lost_a_piece_of_its_scan_is_refused(noise):
    data = encode(Image(noise((200, 200, 3)), "srgb"), "jpeg")
    with pytest.raises(UnreadableError, match=r"^a\.jpg is a"):
        decode_bytes(data[:20_000] + data[25_000:], "a.jpg")


def test_a_tiff_with_a_damaged_strip_is_refused(noise):
    data = bytearray(tiff(noise((64, 64, 3)), photometric="rgb", compression="zlib"))
    middle = len(data) // 2
    data[middle : middle + 200] = bytes(200)
    with pytest.raises(UnreadableError, match=r"^a\.tif is a damaged or cut TIFF"):
        decode_bytes(bytes(data), "a.tif")


@pytest.mark.parametrize("format", ["jpeg", "png", "tiff"])
def test_a_long_side_is_kept_to_and_the_full_size_told(decoder, keep, noise, format):
    data = encode(Image(noise((300, 500, 3)), "srgb"), format)
    read = decoder.decode(keep(f"a.{format}", data), 100)
    assert (read.image.size, read.full_size) == ((100, 60), (500, 300))


def test_a_long_side_beyond_the_picture_changes_nothing(decoder, smooth, keep):
    assert decoder.decode(keep("a.png", encode(smooth, "png")), 5000).image.size == smooth.size


def test_a_smaller_picture_has_the_mean_light_of_the_larger(decoder, keep):
    checks = np.indices((64, 64)).sum(0) % 2 * 255
    data = encode(Image(np.repeat(checks[:, :, None], 3, 2).astype(np.uint8), "srgb"), "png")
    read = decoder.decode(keep("a.png", data), 8)
    assert set(read.image.pixels.ravel().tolist()) == {188}


def test_transparent_colors_do_not_bleed_into_a_smaller_picture(decoder, keep):
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[:, ::2] = (255, 0, 0, 255)
    pixels[:, 1::2] = (0, 255, 0, 0)
    read = decoder.decode(keep("a.png", encode(Image(pixels, "srgb", "straight"), "png")), 4)
    assert read.image.pixels[0, 0].tolist() == [255, 0, 0, 128]


def test_an_animated_webp_is_refused_rather_than_losing_its_frames(decoder, keep):
    frames = [PIL.Image.new("RGB", (8, 8), each) for each in ("red", "blue")]
    data = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(UnsupportedFormatError, match=r"a\.webp is an animated WebP; safelight reads stills"):
        decoder.decode(keep("a.webp", data))


@pytest.mark.parametrize(
    ("settings", "word"), [(Settings(max_pixels=3000), "max_pixels"), (Settings(max_side_px=50), "max_side_px")]
)
@pytest.mark.parametrize("format", ["jpeg", "png", "tiff", "webp"])
def test_a_picture_beyond_the_limits_is_refused_from_its_header(smooth, settings, word, format):
    with pytest.raises(TooLargeError, match=f"setting {word}"):
        open_picture(memoryview(encode(smooth, format)), f"a.{format}", settings)
