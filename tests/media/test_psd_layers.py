"""Layered PSD, read back by psd-tools and by our own reader."""

import io
import struct

import numpy as np
import pytest

from safelight.core.image import Image
from safelight.errors import ParameterError
from safelight.media.clipping_path import pack_paths
from safelight.media.decode import decode_bytes
from safelight.media.writers.psd import Layer, write_layers
from tests.media.test_clipping_path import ring_path


def layered(dtype, **more):
    chance = np.random.default_rng(3)
    pixels = (chance.random((300, 400, 3)) * np.iinfo(dtype).max).astype(dtype)
    mask = np.zeros((300, 400), np.uint8)
    mask[40:200, 60:300] = 255
    shade = np.dstack([np.zeros_like(pixels), pixels[..., :1] // 2])
    layers = [Layer("Original", pixels), Layer("Subject", pixels, mask), Layer("Shadow", shade, visible=False)]
    return pixels, mask, shade, write_layers(Image(pixels, "srgb"), layers, **more)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_layers_masks_and_the_merged_picture_come_back_exactly(dtype):
    from psd_tools import PSDImage

    pixels, _, shade, data = layered(dtype)
    top = np.iinfo(dtype).max
    original, subject, shadow = PSDImage.open(io.BytesIO(data))
    assert (np.rint(original.numpy()[..., :3] * top) == pixels).all()
    assert (np.asarray(subject.mask.topil()) > 127)[100, 100] and subject.mask.bbox == (0, 0, 400, 300)
    assert (np.rint(shadow.numpy()[..., 3] * top) == shade[..., 3]).all()
    assert [original.visible, shadow.visible] == [True, False]
    assert (decode_bytes(data, "back.psd").image.pixels[..., :3] == pixels).all()


def test_path_guides_profile_and_note_are_in_the_file():
    from psd_tools import PSDImage
    from psd_tools.constants import Resource

    packed = pack_paths([ring_path()[0]], "Path 1")
    *_, data = layered(np.uint8, paths=packed, guides=[("row", 30.0), ("column", 60.5)], note="the <left> sleeve")
    found = PSDImage.open(io.BytesIO(data)).image_resources
    assert 2000 in found and b"8BIM\x0b\xb7" in data and b"\x06Path 1" in data
    guides = struct.pack(">IBIB", 30 * 32, 1, 1936, 0)  # place in 32nds of a pixel, 1 for a row
    assert Resource.GRID_AND_GUIDES_INFO in found and guides in data
    assert b"the &lt;left&gt; sleeve" in data
    assert decode_bytes(data, "back.psd").image.space == "srgb"


def test_the_same_layers_give_the_same_bytes():
    assert layered(np.uint8)[3] == layered(np.uint8)[3]


def test_a_layer_of_another_size_is_refused():
    small = np.zeros((30, 40, 3), np.uint8)
    with pytest.raises(ParameterError, match="layer Subject is 40 x 30 uint8, the picture 60 x 50 uint8"):
        write_layers(Image(np.zeros((50, 60, 3), np.uint8), "srgb"), [Layer("Subject", small)])


def test_no_layer_at_all_is_refused():
    with pytest.raises(ParameterError, match="one layer at least"):
        write_layers(Image(np.zeros((50, 60, 3), np.uint8), "srgb"), [])
