from __future__ import annotations

import numpy as np
import pytest
import simplejpeg

from safelight.errors import UnreadableError, UnsupportedFormatError
from safelight.media import raw_header
from safelight.media.probe import open_picture
from tests.media.dng import gray_card, make_dng, with_preview

WINDOW = "GOPR0024_x1800_y200_1200x900.dng"


@pytest.mark.parametrize("share", [0.02, 0.18, 0.5, 0.9])
def test_a_gray_card_is_neutral_and_as_bright_as_the_sensor_saw_it(decoder, keep, share):
    read = decoder.decode(keep("a.dng", make_dng(gray_card(share))))
    middle = read.image.pixels[8:-8, 8:-8].reshape(-1, 3) / 65535
    assert np.abs(middle - share).max() < 0.002


def test_a_clipped_sensor_is_white(decoder, keep):
    full = np.full((64, 64), 16_383, np.uint16)
    read = decoder.decode(keep("a.dng", make_dng(full)))
    assert read.image.pixels[8:-8, 8:-8].min() >= 65_500


def test_exposure_does_not_depend_on_the_brightest_pixel_of_the_frame(decoder, keep):
    card = gray_card(0.8)
    spot = card.copy()
    spot[2:4, 2:4] = 16_383
    plain = decoder.decode(keep("a.dng", make_dng(card))).image.pixels[20:40, 20:40]
    spotted = decoder.decode(keep("b.dng", make_dng(spot))).image.pixels[20:40, 20:40]
    assert np.array_equal(plain, spotted)


@pytest.mark.parametrize(("orientation", "corner"), [(1, (0, 0)), (3, (1, 1)), (6, (0, 1)), (8, (1, 0))])
def test_a_raw_is_turned_upright_once(decoder, keep, orientation, corner):
    card = gray_card(0.1, 80)[:64]
    card[:16, :16] = gray_card(0.9, 16)
    read = decoder.decode(keep("a.dng", make_dng(card, orientation=orientation)))
    assert read.full_size == read.image.size == ((64, 80) if orientation >= 5 else (80, 64))
    row, column = (-8 if each else 8 for each in corner)
    assert read.image.pixels[row, column].min() > 50_000
    assert (read.image.pixels.min(axis=2) > 50_000).mean() < 0.1


@pytest.mark.data
def test_a_raw_is_scene_linear_rec2020_and_upright(decoder, shared_data):
    read = decoder.decode(shared_data / "raw" / WINDOW)
    assert (read.image.space, read.image.pixels.dtype, read.scene_referred) == ("linear_rec2020", np.uint16, True)
    assert read.image.size == read.full_size == (1200, 900)


@pytest.mark.data
def test_the_probe_of_a_raw_has_the_size_that_decoding_gives(decoder, shared_data):
    for name in (WINDOW, "canon_eos_6d_lossy_linear.dng"):
        path = shared_data / "raw" / name
        assert decoder.probe(path).size == decoder.decode(path).image.size


@pytest.mark.data
def test_a_smaller_raw_is_the_larger_one_seen_from_afar(decoder, shared_data):
    import cv2

    path = shared_data / "raw" / WINDOW
    small = decoder.decode(path, 600).image.pixels.astype(np.float32) / 65535
    full = decoder.decode(path).image.pixels.astype(np.float32) / 65535
    shrunk = cv2.resize(full, (600, 450), interpolation=cv2.INTER_AREA)
    assert small.shape == shrunk.shape
    assert np.abs(small - shrunk).mean() < 0.01


@pytest.mark.data
def test_a_raw_without_a_reader_is_reported_with_the_way_out(decoder, shared_data):
    with pytest.raises(UnsupportedFormatError) as refusal:
        decoder.decode(shared_data / "raw" / "GOPR0024.GPR")
    assert str(refusal.value) == (
        "GOPR0024.GPR is a GoPro GPR file that LibRaw does not read; convert it to DNG with Adobe DNG Converter, "
        "or export 16-bit TIFF from the maker's software"
    )


@pytest.mark.data
def test_a_raw_without_its_pixels_is_never_a_black_picture(decoder, shared_data):
    for path in (
        *sorted((shared_data / "raw" / "metadata_only").iterdir()),
        shared_data / "hostile" / "IMG_1361_pruned_decodes_black.dng",
    ):
        with pytest.raises((UnreadableError, UnsupportedFormatError), match=path.name):
            decoder.decode(path)


@pytest.mark.parametrize("share", [0.2, 0.7, 0.98])
@pytest.mark.data
def test_a_cut_raw_is_refused(decoder, shared_data, keep, share):
    data = (shared_data / "raw" / WINDOW).read_bytes()
    with pytest.raises(UnreadableError, match=r"a\.dng is a DNG that is cut short"):
        decoder.decode(keep("a.dng", data[: int(len(data) * share)]))


@pytest.mark.data
def test_a_raw_with_damaged_sensor_data_is_refused(decoder, shared_data, keep):
    data = bytearray((shared_data / "raw" / WINDOW).read_bytes())
    data[len(data) // 2 : len(data) // 2 + 60_000] = b"\xff\xd9" * 30_000
    with pytest.raises(UnreadableError, match=r"a\.dng is a damaged or cut DNG"):
        decoder.decode(keep("a.dng", bytes(data)))


@pytest.mark.data
def test_a_raw_tells_its_capture(decoder, shared_data):
    capture = decoder.probe(shared_data / "raw" / "canon_eos_6d_lossy_linear.dng").capture
    assert (capture.make, capture.model) == ("Canon", "Canon EOS 6D")
    assert capture.lens == "EF24-105mm f/4L IS USM"
    assert capture.iso and capture.aperture_f and capture.shutter_s


@pytest.mark.data
def test_a_preview_is_upright_and_has_the_shape_of_the_picture(decoder, shared_data):
    path = shared_data / "raw" / "canon_eos_6d_lossy_linear.dng"
    preview = decoder.preview(path)
    assert preview is not None
    assert preview.image.space == "srgb"
    assert not preview.scene_referred
    assert preview.image.width / preview.image.height == pytest.approx(1224 / 816, rel=0.1)


@pytest.mark.data
def test_a_raw_without_a_preview_has_none(decoder, shared_data):
    assert decoder.preview(shared_data / "raw" / WINDOW) is None


def _jpeg(width: int = 960, height: int = 640) -> bytes:
    ramp = np.linspace(0, 255, width).astype(np.uint8)
    return simplejpeg.encode_jpeg(np.repeat(np.tile(ramp, (height, 1))[..., None], 3, axis=2), 92)


def test_a_header_says_the_same_without_the_numbers_of_the_sensor(monkeypatch):
    data = memoryview(with_preview(_jpeg()))
    handed = []
    whole = raw_header._without_sensor

    def seen(*asked):
        handed.append(whole(*asked))
        return handed[-1]

    monkeypatch.setattr(raw_header, "_without_sensor", seen)
    quick = open_picture(data, "a.dng")
    monkeypatch.setattr(raw_header, "_without_sensor", lambda data, *_: data)
    slow = open_picture(data, "a.dng")
    assert isinstance(handed[0], bytes)
    assert len(handed[0]) == len(data)
    assert sum(handed[0]) < sum(data) / 2  # the test's card is no black
    assert (quick.probe, quick.header) == (slow.probe, slow.header)


def test_libraw_knows_no_more_of_a_dng_that_says_nothing_of_how_it_was_shot(monkeypatch):
    data = memoryview(make_dng(np.full((40, 60), 3000, np.uint16)))
    quick = open_picture(data, "a.dng")
    monkeypatch.setattr(raw_header, "_is_silent", lambda *_: False)
    slow = open_picture(data, "a.dng")
    assert (quick.probe, quick.header) == (slow.probe, slow.header)
    assert quick.probe.capture.iso is None


def test_a_full_size_preview_is_found_by_the_directories(keep, decoder):
    opened = open_picture(memoryview(with_preview(_jpeg())), "a.dng")
    ((at, size),) = opened.header.jpegs
    assert bytes(opened.data[at : at + size]) == _jpeg()
    look = decoder.look(keep("a.dng", with_preview(_jpeg())), 400, preview=True)
    assert look.is_preview
    assert look.size == (960, 640)


def test_a_small_preview_in_a_directory_does_not_stand_for_the_frame(keep, decoder):
    look = decoder.look(keep("a.dng", with_preview(_jpeg(240, 160), sensor=(960, 640))), 400, preview=True)
    assert look.size in ((240, 160), (960, 640))  # LibRaw may know of no other


def test_a_damaged_full_size_preview_is_not_believed(keep, decoder):
    data = bytearray(with_preview(_jpeg()))
    ((at, size),) = open_picture(memoryview(bytes(data)), "a.dng").header.jpegs
    data[at + size // 2 : at + size] = bytes(size - size // 2)
    look = decoder.look(keep("a.dng", bytes(data)), 400, preview=True)
    assert not look.is_preview
