from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageCms
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.errors import UnknownNameError
from safelight.media import convert
from safelight.media.icc import known_spaces, read_profile, standard_profile
from safelight.media.readers import Stored
from safelight.media.working import to_working
from safelight.pixels.color.spaces import SPACES, to_float, to_integers
from safelight.pixels.color.spaces import convert as between


@pytest.mark.parametrize("space", known_spaces())
def test_a_standard_profile_is_recognized_as_its_space(space):
    assert read_profile(standard_profile(space)).space == space


def test_there_is_a_profile_for_every_space():
    assert set(known_spaces()) == set(SPACES)


@pytest.mark.parametrize("space", ["srgb", "display_p3", "adobe_rgb", "prophoto_rgb"])
def test_littlecms_reads_a_standard_profile_as_the_space_that_it_is(space):
    codes = np.random.default_rng(3).integers(0, 256, (64, 64, 3), np.uint8)
    profiles = [PIL.ImageCms.ImageCmsProfile(io.BytesIO(standard_profile(each))) for each in (space, "srgb")]
    theirs = np.asarray(PIL.ImageCms.profileToProfile(PIL.Image.fromarray(codes), *profiles, renderingIntent=1))
    ours = to_integers(between(to_float(codes), space, "srgb"), np.uint8)
    assert np.abs(theirs.astype(int) - ours).max() <= 1


def test_a_profile_has_the_same_bytes_every_time():
    made = standard_profile("srgb")
    standard_profile.cache_clear()
    assert standard_profile("srgb") == made
    assert made[24:36] == bytes.fromhex("07ea00010001000000000000")


def test_the_profile_on_disk_is_the_one_that_is_made():
    assert Path(convert.__file__).with_name("prophoto_rgb.icc").read_bytes() == standard_profile("prophoto_rgb")


def test_an_unknown_space_is_refused_with_those_there_are():
    with pytest.raises(UnknownNameError, match="no color space called 'cmyk'; there are: srgb, "):
        standard_profile("cmyk")


@given(st.binary(max_size=600))
def test_rubbish_is_no_profile(data):
    assert read_profile(data) is None


@given(at=st.integers(0, 479), value=st.integers(0, 255))
def test_a_damaged_profile_never_raises(at, value):
    data = bytearray(standard_profile("srgb"))
    data[at % len(data)] = value
    read_profile(bytes(data))


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "space"),
    [
        ("sRGB-v2-magic", "srgb"),
        ("sRGB-v4", "srgb"),
        ("DisplayP3-v4", "display_p3"),
        ("DisplayP3-v2-micro", "display_p3"),
        ("AdobeCompat-v2", "adobe_rgb"),
        ("sGrey-v2-magic", "srgb"),
        ("Rec2020-v4", ""),
        ("CGATS001Compat-v2-micro", ""),
    ],
)
def test_profiles_of_other_makers_are_recognized_by_what_they_do(shared_data, name, space):
    assert read_profile((shared_data / "formats" / "icc" / f"{name}.icc").read_bytes()).space == space


@pytest.mark.data
@pytest.mark.parametrize("name", ["AdobeCompat-v4", "Rec2020-v4", "ProPhoto-v4", "ProPhoto-v2-micro", "sGrey-v2-magic"])
def test_numbers_converted_by_us_agree_with_littlecms_within_one_code(shared_data, name):
    profile = (shared_data / "formats" / "icc" / f"{name}.icc").read_bytes()
    gray = name.startswith("sGrey")
    codes = np.random.default_rng(4).integers(0, 256, (64, 64, 1 if gray else 3), np.uint8)
    ours, reasons = to_working(codes, Stored(codes, "gray" if gray else "rgb"), profile, np.empty)
    picture = PIL.Image.fromarray(codes[:, :, 0] if gray else codes)
    profiles = [PIL.ImageCms.ImageCmsProfile(io.BytesIO(each)) for each in (profile, standard_profile("srgb"))]
    theirs = np.asarray(PIL.ImageCms.profileToProfile(picture, *profiles, renderingIntent=1, outputMode="RGB"))
    mine = to_integers(between(to_float(ours), "linear_rec2020", "srgb"), np.uint8)
    assert reasons == ()
    assert np.abs(theirs.astype(int) - mine).max() <= 1


@pytest.mark.data
def test_press_colors_agree_with_littlecms(shared_data):
    profile = (shared_data / "formats" / "icc" / "CGATS001Compat-v2-micro.icc").read_bytes()
    codes = np.random.default_rng(5).integers(0, 256, (64, 64, 4), np.uint8)
    ours = convert.to_wide(codes, "cmyk", profile)
    profiles = [PIL.ImageCms.ImageCmsProfile(io.BytesIO(each)) for each in (profile, standard_profile("prophoto_rgb"))]
    flags = 0x2000 | 0x0100  # black point compensation, no resampling
    theirs = np.asarray(
        PIL.ImageCms.profileToProfile(
            PIL.Image.fromarray(codes, "CMYK"), *profiles, renderingIntent=1, outputMode="RGB", flags=flags
        )
    )
    # LittleCMS itself is 5 codes off in the darkest corner once it resamples four channels of ink.
    difference = np.abs(theirs.astype(float) * 257 - ours) / 257
    assert difference.max() <= 6
    assert difference.mean() <= 0.6
