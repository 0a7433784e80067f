from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from safelight.core.image import Image
from safelight.errors import ParameterError, UnreadableError
from safelight.media.encode import decode_own, encode
from safelight.media.file_facts import read

SPACES = st.sampled_from(["srgb", "adobe_rgb", "display_p3"])
SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([3, 4]))


@st.composite
def pictures(draw, dtypes):
    pixels = draw(hnp.arrays(draw(st.sampled_from(dtypes)), draw(SHAPES)))
    return Image(pixels, draw(SPACES), "straight" if pixels.shape[2] == 4 else "none")


@settings(max_examples=40, deadline=None)
@given(image=pictures([np.uint8, np.uint16]), format=st.sampled_from(["png", "tiff"]))
def test_a_lossless_format_gives_back_the_same_codes_in_the_same_space(image, format):
    back = decode_own(encode(image, format))
    assert (back.space, back.alpha, back.pixels.dtype) == (image.space, image.alpha, image.pixels.dtype)
    assert np.array_equal(back.pixels, image.pixels)


@settings(max_examples=40, deadline=None)
@given(image=pictures([np.uint8, np.uint16]))
def test_a_tiff_under_zstandard_gives_back_the_same_codes(image):
    back = decode_own(encode(image, "tiff", compression="zstandard"))
    assert (back.space, back.alpha, back.pixels.dtype) == (image.space, image.alpha, image.pixels.dtype)
    assert np.array_equal(back.pixels, image.pixels)


def test_another_reader_sees_the_same_tiff_under_zstandard(noise):
    image = Image(noise((70, 2500, 3), np.uint16), "srgb")
    data = encode(image, "tiff", compression="zstandard")
    assert np.array_equal(tifffile.imread(io.BytesIO(data)), image.pixels)


def test_a_damaged_strip_under_zstandard_is_refused(noise):
    data = bytearray(encode(Image(noise((70, 2500, 3), np.uint16), "srgb"), "tiff", compression="zstandard"))
    data[8:20] = bytes(12)  # the first strip begins behind the header of 8 bytes
    with pytest.raises(UnreadableError, match="strip 0 does not decode; copy it again"):
        decode_own(bytes(data))


def test_floats_are_not_kept_under_zstandard(noise):
    image = Image(noise((4, 4, 3), np.uint8).astype(np.float32), "srgb")
    with pytest.raises(ParameterError, match="'zstandard' for uint8 and uint16"):
        encode(image, "tiff", compression="zstandard")


@settings(max_examples=10, deadline=None)
@given(image=pictures([np.uint8]))
def test_lossless_webp_gives_back_the_same_codes(image):
    assert np.array_equal(decode_own(encode(image, "webp", lossless=True)).pixels, image.pixels)


def test_a_float_tiff_keeps_values_beyond_white(noise):
    pixels = noise((5, 7, 3), np.float32) * 4 - 1
    back = decode_own(encode(Image(pixels, "linear_rec2020"), "tiff"))
    assert back.space == "linear_rec2020"
    assert np.array_equal(back.pixels, pixels)


@pytest.mark.parametrize("space", ["srgb", "adobe_rgb", "display_p3"])
def test_a_jpeg_keeps_a_smooth_picture_and_its_space(smooth, space):
    back = decode_own(encode(Image(smooth.pixels, space), "jpeg", quality=100))
    assert back.space == space
    error = np.abs(back.pixels.astype(int) - smooth.pixels)
    assert error.max() <= 3  # Y'CbCr of 8 bits rounds three times
    assert error.mean() < 0.5


@pytest.mark.parametrize("format", ["jpeg", "tiff", "png", "webp"])
def test_the_same_picture_has_the_same_bytes(smooth, format):
    assert encode(smooth, format) == encode(smooth, format)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_other_readers_see_the_same_tiff(noise, dtype):
    pixels = noise((40, 30, 4), dtype)
    data = encode(Image(pixels, "srgb", "straight"), "tiff")
    assert np.array_equal(tifffile.imread(io.BytesIO(data)), pixels)


def test_other_readers_see_the_same_png(noise):
    pixels = noise((40, 30, 4))
    data = encode(Image(pixels, "srgb", "straight"), "png")
    assert np.array_equal(np.asarray(PIL.Image.open(io.BytesIO(data))), pixels)


def test_a_tiff_of_many_strips_is_whole(noise):
    pixels = noise((700, 800, 3))
    assert np.array_equal(tifffile.imread(io.BytesIO(encode(Image(pixels, "srgb"), "tiff"))), pixels)


@pytest.mark.parametrize(("subsampling", "said"), [("444", "4:4:4"), ("422", "4:2:2"), ("420", "4:2:0")])
def test_a_jpeg_has_the_subsampling_that_was_asked_for(smooth, subsampling, said):
    facts = read(encode(smooth, "jpeg", subsampling=subsampling), "a.jpg")
    assert facts.subsampling == said


def test_a_jpeg_is_444_unless_told_otherwise(smooth):
    assert read(encode(smooth, "jpeg"), "a.jpg").subsampling == "4:4:4"


def test_file_facts_tell_size_depth_and_profile(noise):
    data = encode(Image(noise((20, 30, 4), np.uint16), "display_p3", "straight"), "png")
    facts = read(data, "a.png")
    assert (facts.format, facts.width, facts.height, facts.bits, facts.channels) == ("png", 30, 20, 16, 4)
    assert (facts.profile, facts.profile_embedded, facts.bytes) == ("display_p3", True, len(data))


def test_a_file_without_a_profile_says_that_none_is_embedded(smooth):
    facts = read(encode(smooth, "jpeg", icc=b""), "a.jpg")
    assert (facts.profile, facts.profile_embedded) == ("srgb", False)


@pytest.mark.parametrize(
    ("format", "dtype", "channels", "words"),
    [
        ("jpeg", np.uint16, 3, "jpeg takes uint8 pixels, got uint16: use pixels.color.spaces.to_integers first"),
        ("png", np.float32, 3, "png takes uint8 or uint16 pixels, got float32"),
        ("jpeg", np.uint8, 4, "jpeg has no alpha: composite the picture on a background first"),
        ("gif", np.uint8, 3, "format is 'gif'; safelight writes: jpeg, tiff, png, webp"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_with_the_way_out(format, dtype, channels, words):
    image = Image(np.zeros((2, 2, channels), dtype), "srgb", "straight" if channels == 4 else "none")
    with pytest.raises(ParameterError) as refusal:
        encode(image, format)
    assert words in str(refusal.value)


def test_premultiplied_alpha_is_refused():
    image = Image(np.zeros((2, 2, 4), np.uint8), "srgb", "premultiplied")
    with pytest.raises(ParameterError, match="png files carry straight alpha: divide the colors by it first"):
        encode(image, "png")


@pytest.mark.parametrize("quality", [0, 101])
def test_a_quality_out_of_range_is_refused(smooth, quality):
    with pytest.raises(ParameterError, match=rf"quality is {quality}; it takes 1 to 100 \(default 95\)"):
        encode(smooth, "jpeg", quality=quality)


def tables_of(data):
    with PIL.Image.open(io.BytesIO(data)) as picture:
        return picture.quantization


@pytest.mark.parametrize("quality", [90, 92, 94])
def test_a_jpeg_of_444_has_chroma_in_even_fine_steps_where_the_standard_table_is_coarse(noise, quality):
    image = Image(noise((64, 48, 3)), "srgb")
    data = encode(image, "jpeg", quality=quality)
    standard = io.BytesIO()
    PIL.Image.fromarray(image.pixels).save(standard, "JPEG", quality=quality, subsampling=0)
    luma = list(tables_of(standard.getvalue())[0])
    assert [list(each) for each in tables_of(data).values()] == [luma, luma[:1] * 64]
    fine, coarse = (
        np.abs(decode_own(each).pixels.astype(int) - image.pixels).mean() for each in (data, standard.getvalue())
    )
    assert fine < coarse
    assert decode_own(data).space == "srgb"


@pytest.mark.parametrize(("quality", "subsampling"), [(95, "444"), (89, "444"), (92, "420")])
def test_other_jpegs_have_the_standard_tables(noise, quality, subsampling):
    data = encode(Image(noise((64, 48, 3)), "srgb"), "jpeg", quality=quality, subsampling=subsampling)
    luma, chroma = tables_of(data)[0], tables_of(data)[1]
    assert list(luma) != list(chroma)
