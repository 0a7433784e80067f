"""The database: only what really matches, and lensfun's own arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.pixels.geometry.lens_database import LensRow, Taken, find_row
from safelight.pixels.geometry.optics import Optics

lensfunpy = pytest.importorskip("lensfunpy")

CANON = Taken("Canon", "Canon EOS 6D", "EF24-105mm f/4L IS USM", 24.0, 4.0)
GOPRO = Taken("GoPro", "HERO4 Silver", "", 3.0, 2.8)


def row_of(taken, size=(5472, 3648)):
    row = find_row(taken, size)
    assert isinstance(row, LensRow), row
    return row


def modifier(row, size, focal, flags, **more):
    database = lensfunpy.Database()
    camera = next(each for each in database.cameras if row.camera.endswith(each.model))
    lens = next(each for each in database.find_lenses(camera) if each.model == row.lens)
    made = lensfunpy.Modifier(lens, camera.crop_factor, *size)
    made.initialize(focal, 4.0, 10.0, scale=1.0, flags=flags, **more)
    return made


def test_names_that_differ_in_maker_and_spaces_are_one():
    assert row_of(CANON).lens == "Canon EF 24-105mm f/4L IS USM"


def test_a_camera_with_one_lens_needs_no_lens_name():
    row = row_of(GOPRO, (1280, 960))
    assert (row.lens, row.projection, row.red) == ("HERO4", "equisolid", None)


@pytest.mark.parametrize(
    ("taken", "why"),
    [
        (Taken("Hasselblad", "X2D 100C", "XCD 90V", 90.0, 4.0), "lensfun has no camera Hasselblad X2D 100C"),
        (Taken("GoPro", "HERO6 Black", "", 3.0, 2.8), "lensfun has no camera GoPro HERO6 Black"),
        (Taken("Canon", "Canon EOS 6D", "EF24-105mm f/9L", 24.0, 4.0), "has no lens EF24-105mm f/9L for the EOS 6D"),
        (Taken("Canon", "Canon EOS 6D", "", 24.0, 4.0), "names no lens, and"),
        (Taken("Canon", "Canon EOS 6D", CANON.lens, 400.0, 4.0), "24 to 105 mm, the file says 400 mm"),
        (Taken("Canon", "Canon EOS 6D", CANON.lens, None, 4.0), "names no focal length"),
        (Taken("", "", "", None, None), "names no camera"),
    ],
)
def test_what_does_not_match_is_said_and_never_guessed(taken, why):
    found = find_row(taken, (6000, 4000))
    assert isinstance(found, str)
    assert why in found.replace("Canon EOS", "EOS")


def test_the_fit_is_lensfuns_own_map():
    size = (5472, 3648)
    row = row_of(CANON)
    optics = Optics(size, row.distortion, row.red, row.blue)
    made = modifier(row, size, 24.0, lensfunpy.ModifyFlags.DISTORTION | lensfunpy.ModifyFlags.TCA)
    for x in np.linspace(0, size[0] - 1, 6):
        for y in np.linspace(0, size[1] - 1, 5):
            theirs = made.apply_subpixel_geometry_distortion(float(x), float(y), 1, 1)[0, 0]
            ours = [optics.bend([[x + 0.5, y + 0.5]], each)[0] - 0.5 for each in ("red", "green", "blue")]
            assert np.abs(np.array(ours) - theirs).max() < 0.02


def test_a_fisheye_becomes_what_lensfun_makes_of_it():
    size = (1280, 960)
    row = row_of(GOPRO, size)
    optics = Optics(size, row.distortion, projection=row.projection, focal=row.focal)
    flags = lensfunpy.ModifyFlags.DISTORTION | lensfunpy.ModifyFlags.GEOMETRY
    made = modifier(row, size, 3.0, flags, targeom=lensfunpy.LensType.RECTILINEAR)
    for x in np.linspace(0, 1279, 5):
        for y in np.linspace(0, 959, 5):
            theirs = made.apply_geometry_distortion(float(x), float(y), 1, 1)[0, 0]
            assert np.abs(optics.bend([[x + 0.5, y + 0.5]])[0] - 0.5 - theirs).max() < 0.25


def test_the_fall_off_is_lensfuns():
    row = row_of(CANON, (3000, 2000))
    made = modifier(row, (3001, 2001), 24.0, lensfunpy.ModifyFlags.VIGNETTING, pixel_format=np.float32)
    even = np.ones((2001, 3001, 3), np.float32)
    made.apply_color_modification(even)
    y, x = np.mgrid[:2001, :3001]
    squared = ((x - 1500) ** 2 + (y - 1000) ** 2) / (1500.5**2 + 1000.5**2)
    k1, k2, k3 = row.vignetting
    light = 1 + k1 * squared + k2 * squared**2 + k3 * squared**3
    assert np.abs(1 / even[..., 1] / light - 1).max() < 0.006
