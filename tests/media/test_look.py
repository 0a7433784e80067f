"""A look: a small version of a picture, then parts of it at 100 %, from a decoder that keeps the rest."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from safelight.errors import UnreadableError
from safelight.media.sandbox import Decoder
from tests.media.dng import make_dng, with_preview


@pytest.fixture(scope="module")
def decoder():
    with Decoder() as started:
        yield started


def _written(folder, name, orientation=1, size=(1900, 1300), **how):
    rng = np.random.default_rng(3)
    coarse = rng.integers(0, 255, (13, 19, 3), dtype=np.uint8)
    picture = Pillow.fromarray(coarse).resize(size, Pillow.Resampling.BICUBIC)
    exif = Pillow.Exif()
    exif[274] = orientation
    data = io.BytesIO()
    picture.save(data, how.pop("format", "JPEG"), exif=exif, **how)
    path = folder / name
    path.write_bytes(data.getvalue())
    return path


@pytest.mark.parametrize("orientation", range(1, 9))
def test_parts_are_those_of_the_decoded_picture_however_it_was_held(decoder, tmp_path, orientation):
    path = _written(tmp_path, "a.jpg", orientation, quality=92)
    whole = decoder.decode(path).image.pixels
    look = decoder.look(path, 800)
    boxes = [(0, 0, 40, 30), (111, 222, 400, 333), (whole.shape[1] - 7, whole.shape[0] - 5, 9000, 9000)]
    for (x0, y0, x1, y1), part in zip(boxes, look.crops(boxes), strict=True):
        assert np.array_equal(part.pixels, whole[y0:y1, x0:x1])
    assert look.size == (whole.shape[1], whole.shape[0]) == look.small.full_size


def test_the_small_version_is_the_mean_of_two_by_two(decoder, tmp_path):
    path = _written(tmp_path, "a.jpg", quality=92)
    whole = decoder.decode(path).image.pixels.astype(np.float64)
    small = decoder.look(path, 800).small.image.pixels
    mean = whole.reshape(650, 2, 950, 2, 3).mean(axis=(1, 3))
    assert np.abs(small - mean).max() <= 0.5


def test_a_small_picture_is_looked_at_whole(decoder, tmp_path):
    look = decoder.look(_written(tmp_path, "a.png", size=(1, 1), format="PNG"), 800)
    assert look.small.image.size == look.size == (1, 1)
    assert look.crops([(0, 0, 256, 256)])[0].size == (1, 1)


def test_no_parts_are_asked_of_nobody(decoder, tmp_path):
    assert decoder.look(_written(tmp_path, "a.jpg"), 800).crops([]) == []


def test_a_picture_that_was_put_away_says_so(decoder, tmp_path):
    first = decoder.look(_written(tmp_path, "a.jpg"), 800)
    decoder.look(_written(tmp_path, "b.jpg"), 800)
    with pytest.raises(UnreadableError, match=r"a\.jpg was put away before all of it was looked at"):
        first.crops([(0, 0, 10, 10)])


def test_a_cut_picture_is_refused_as_it_is_when_decoded(decoder, tmp_path):
    path = _written(tmp_path, "a.jpg", quality=95)
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(UnreadableError, match="cut JPEG"):
        decoder.look(path, 800)


def test_a_look_survives_the_end_of_a_spent_decoder(tmp_path):
    from safelight.settings import Settings

    with Decoder(Settings(worker_lifetime=1)) as short:
        for name in ("a.jpg", "b.jpg"):
            look = short.look(_written(tmp_path, name), 800)
            assert look.crops([(0, 0, 10, 10)])[0].size == (10, 10)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_parts_of_a_raw_are_those_of_the_developed_picture(decoder, tmp_path, orientation):
    rng = np.random.default_rng(5)
    coarse = cv2.resize(
        rng.integers(600, 9000, (21, 32)).astype(np.float32), (1800, 1200), interpolation=cv2.INTER_CUBIC
    )
    path = tmp_path / "a.dng"
    path.write_bytes(make_dng(np.clip(coarse, 0, 16000).astype(np.uint16), orientation=orientation))
    whole = decoder.decode(path).image.pixels
    look = decoder.look(path, 400)
    boxes = [(0, 0, 41, 31), (301, 222, 600, 533), (whole.shape[1] - 33, whole.shape[0] - 25, 9000, 9000)]
    for (x0, y0, x1, y1), part in zip(boxes, look.crops(boxes), strict=True):
        assert np.array_equal(part.pixels, whole[y0:y1, x0:x1])
    assert look.size == (whole.shape[1], whole.shape[0]) == look.small.full_size


def test_a_raw_from_afar_is_the_developed_picture_from_afar(decoder, tmp_path):
    rng = np.random.default_rng(6)
    coarse = cv2.resize(
        rng.integers(600, 9000, (21, 32)).astype(np.float32), (1800, 1200), interpolation=cv2.INTER_CUBIC
    )
    path = tmp_path / "a.dng"
    path.write_bytes(make_dng(np.clip(coarse, 0, 16000).astype(np.uint16)))
    whole, small = decoder.decode(path).image.pixels, decoder.look(path, 400).small.image.pixels
    mean = cv2.resize(whole.astype(np.float32), small.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(small - mean).mean() < 0.002 * mean.mean()


def test_a_small_raw_is_looked_at_whole(decoder, tmp_path):
    path = tmp_path / "a.dng"
    path.write_bytes(make_dng(np.full((64, 64), 4000, np.uint16)))
    assert np.array_equal(decoder.look(path, 400).small.image.pixels, decoder.decode(path).image.pixels)


def test_what_was_handed_over_stays_as_it_was_when_the_next_is_looked_at(decoder, tmp_path):
    first = decoder.look(_written(tmp_path, "a.jpg", quality=92), 800)
    part = first.crops([(10, 10, 300, 200)])[0].pixels
    small, seen = first.small.image.pixels.copy(), part.copy()
    second = decoder.look(_written(tmp_path, "b.jpg", orientation=3, quality=92), 800)
    second.crops([(0, 0, 500, 400)])
    assert np.array_equal(first.small.image.pixels, small)
    assert np.array_equal(part, seen)


def test_parts_too_large_for_the_memory_that_is_kept_come_in_their_own(decoder, tmp_path):
    from safelight.media.rooms import MOST_KEPT_BYTES

    path = _written(tmp_path, "a.tif", size=(3100, 1900), format="TIFF")
    look = decoder.look(path, 800)
    whole = look.crops([(0, 0, 3100, 1900)])[0].pixels
    assert whole.nbytes > MOST_KEPT_BYTES
    assert np.array_equal(whole[:50, :60], look.crops([(0, 0, 60, 50)])[0].pixels)


def test_kept_memory_is_read_as_large_as_it_was_granted():
    from safelight.media.rooms import KeptRoom

    room = KeptRoom(4096)
    room.asked = 12
    assert room.array((1, 4, 3), "uint8").tolist() == [[[0, 0, 0]] * 4]
    with pytest.raises(UnreadableError, match=r"gave \(1, 5, 3\) uint8 in 12 bytes"):
        room.array((1, 5, 3), "uint8")
    room.close()


def test_a_raw_is_shown_small_without_its_light_at_full_size(tmp_path):
    from pathlib import Path

    rng = np.random.default_rng(5)
    coarse = Pillow.fromarray(rng.integers(0, 255, (20, 30, 3), dtype=np.uint8))
    jpeg = io.BytesIO()
    coarse.resize((6000, 4000), Pillow.Resampling.BILINEAR).save(jpeg, "JPEG", quality=85)
    path = tmp_path / "a.dng"
    path.write_bytes(with_preview(jpeg.getvalue()))
    with Decoder(threads=1) as fresh:
        seen = fresh.preview(path, 320)
        status = Path(f"/proc/{fresh._child.process.pid}/status").read_text()
    assert seen is not None
    assert max(seen.image.size) == 320
    most = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    assert most < 300 * 1024  # 452 MiB with it, some 150 without
