"""Clipping paths in files, read back by other people's programs."""

import re
import shutil
import subprocess

import numpy as np
import pytest

from safelight.core.image import Image
from safelight.errors import ParameterError, UnreadableError
from safelight.media.clipping_path import NamedPath, clipping_name, named_path, pack_paths, read_paths, svg_of
from safelight.media.encode import encode
from safelight.pixels.matte.bezier import fit_path, path_area
from safelight.pixels.matte.contour import trace_contours
from tests.pixels.matte.test_path import disk

SIZE = (400, 300)


def ring_path(name="Path 1"):
    """A disk with a hole, off center, in a picture of 400 x 300, and its area in px."""
    alpha = np.zeros((300, 400), np.float32)
    alpha[:, 40:340] = disk(300, 110) - disk(300, 40, (130, 170))
    path = fit_path(trace_contours(alpha))
    return named_path(path, name, SIZE), path_area(path)


def test_a_path_comes_back_as_it_was_packed():
    path, _ = ring_path()
    packed = pack_paths([path, ring_path("Umriß 2")[0]], "Path 1")
    found = read_paths(packed)
    assert [each.name for each in found] == ["Path 1", "Umriß 2"]
    assert clipping_name(packed) == "Path 1"
    wanted, got = (np.array([curve for ring in each.subpaths for curve, _ in ring]) for each in (path, found[0]))
    assert np.abs(wanted - got).max() < 1e-6
    assert [[c for _, c in r] for r in path.subpaths] == [[c for _, c in r] for r in found[0].subpaths]


def test_a_clipping_path_that_is_not_there_is_refused():
    with pytest.raises(ParameterError, match="the clipping path is 'Silo'; the file has: Path 1"):
        pack_paths([ring_path()[0]], "Silo")


@pytest.mark.parametrize("name", ["", "x" * 256, "形"])
def test_a_name_that_photoshop_has_no_room_for_is_refused(name):
    with pytest.raises(ParameterError, match="1 to 255 characters of Latin-1"):
        pack_paths([NamedPath(name, ())])


def test_knots_without_a_subpath_are_refused():
    with pytest.raises(UnreadableError, match="more knots than its subpath announces"):
        read_paths(b"8BIM\x07\xd0\x02P1\x00\x00\x00\x00\x1a" + b"\x00\x01" + bytes(24))


@pytest.mark.data
def test_paths_that_photoshop_wrote_are_read(shared_data):
    from safelight.media.jpeg_segments import read_jpeg_header

    data = (shared_data / "psd-paths" / "dogs_app13_paths.jpg").read_bytes()
    found = read_paths(read_jpeg_header(memoryview(data)).photoshop)
    assert [(each.name, len(each.subpaths), sum(map(len, each.subpaths))) for each in found] == [
        ("Silo", 8, 241),
        ("TOP", 2, 26),
        ("metal base", 3, 1925),
    ]


def clipped_area(file):
    """Share of pixels that ImageMagick keeps of a file clipped by its path."""
    tool = shutil.which("convert") or pytest.skip("ImageMagick is not installed")
    words = [tool, str(file), "-alpha", "transparent", "-clip", "-alpha", "opaque", "+clip",
             "-channel", "A", "-separate", "-format", "%[fx:mean]", "info:"]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return float(re.findall(r"[\d.e+-]+", done.stdout)[0])


@pytest.mark.parametrize("kind", ["jpeg", "tiff"])
def test_imagemagick_clips_the_area_of_the_path(tmp_path, kind):
    # 12 MP: ImageMagick counts the pixels that a path touches, half a pixel more all along it.
    path, area = ring_path()
    gray = Image(np.full((3000, 4000, 3), 128, np.uint8), "srgb")
    file = tmp_path / f"clipped.{kind}"
    file.write_bytes(encode(gray, kind, paths=pack_paths([path], "Path 1")))
    assert clipped_area(file) * 120_000 == pytest.approx(area, rel=0.002)


@pytest.mark.parametrize("kind", ["jpeg", "tiff"])
def test_exiftool_names_the_clipping_path(tmp_path, kind):
    tool = shutil.which("exiftool") or pytest.skip("exiftool is not installed")
    file = tmp_path / f"clipped.{kind}"
    gray = Image(np.full((300, 400, 3), 128, np.uint8), "srgb")
    file.write_bytes(encode(gray, kind, paths=pack_paths([ring_path()[0]], "Path 1")))
    done = subprocess.run([tool, "-a", "-G1", "-Photoshop:all", str(file)], capture_output=True, text=True, check=True)
    assert re.search(r"Clipping Path Name\s*: Path 1\s", done.stdout)


def test_an_svg_has_each_curve_in_pixels():
    path, _ = ring_path()
    text = svg_of([path], SIZE).decode()
    assert text.count("C") == sum(map(len, path.subpaths))
    assert 'viewBox="0 0 400 300"' in text
    numbers = np.array([float(each) for each in re.findall(r"\d+\.\d+", text.split(' d="')[1])])
    assert numbers.min() >= 0 and 250 < numbers.max() < 400
