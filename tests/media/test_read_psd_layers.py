"""Layers of a PSD, held against files that psd-tools writes: names, groups, masks, notes, guides and hostile bytes."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from psd_tools import PSDImage
from psd_tools.constants import BlendMode, Compression, Resource
from psd_tools.psd.image_resources import ImageResource

from safelight.errors import UnreadableError
from safelight.media.clipping_path import NamedPath, iterate_resources, pack_paths, read_paths
from safelight.media.hand_off import pack_guides
from safelight.media.psd_layers import from_data, read_layers, read_mask, to_data
from safelight.media.sandbox import Decoder

SIZE = 40, 30
KNOT = (((0.25, 0.25), (0.25, 0.25), (0.25, 0.25)), True)


def mask_of_test():
    mask = np.zeros(SIZE[::-1], np.uint8)
    mask[5:20, 10:30] = 255
    mask[5, 10:30] = 97
    return mask


def written(depth=8, compression=Compression.RLE, edit=None):
    """A PSD with an original, a masked result, a group with a half-painted layer, a guide and a path."""
    document = PSDImage.new("RGB", SIZE, depth=depth)
    dtype = np.uint16 if depth == 16 else np.uint8
    pixels = np.full((SIZE[1], SIZE[0], 3), 90 if depth == 8 else 23130, dtype)
    document.create_pixel_layer_from_array(pixels, name="Original", compression=compression)
    result = document.create_pixel_layer_from_array(pixels, name="AI result", compression=compression)
    result.create_mask(Pillow.fromarray(mask_of_test()))
    painted = np.zeros((10, 20, 4), dtype)
    painted[:, :10] = np.iinfo(dtype).max
    retouch = document.create_pixel_layer_from_array(painted, name="Staub Ω", compression=compression)
    retouch.opacity = 128
    group = document.create_group([retouch], name="Retusche")
    if edit is not None:
        edit(document, group)
    resources = document._record.image_resources
    paths = pack_paths([NamedPath("Path 1", ((KNOT, KNOT, KNOT),))], "Path 1") + pack_guides([("row", 12.5)])
    for number, name, body in iterate_resources(paths):
        resources[number] = ImageResource(key=number, name=name.decode("latin-1"), data=body)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("compression", [Compression.RAW, Compression.RLE, Compression.ZIP])
def test_layers_groups_mask_guides_and_path_are_read_as_psd_tools_wrote_them(depth, compression):
    data = memoryview(written(depth, compression))
    found = read_layers(data)
    assert found.size == SIZE
    told = [(each.name, each.kind, each.shown, round(each.opacity, 3), each.mask) for each in found.layers]
    assert told == [
        ("Original", "pixels", True, 1.0, ""),
        ("AI result", "pixels", True, 1.0, "on"),
        ("Staub Ω", "pixels", True, round(128 / 255, 3), ""),
        ("Retusche", "group", True, 1.0, ""),
    ]
    assert found.layers[0].box == (0, 0, *SIZE) and found.layers[0].covers == 1.0
    assert found.layers[2].covers == pytest.approx(100 / 1200, abs=1e-3)
    assert np.array_equal(read_mask(data, "AI result"), mask_of_test())
    assert found.guides == (("row", 12.5),)
    assert [each.name for each in read_paths(found.paths)] == ["Path 1"]
    assert from_data(to_data(found)) == found


def test_what_lies_in_a_hidden_group_is_hidden_and_a_hidden_layer_is():
    def hide(document, group):
        group.visible = False
        next(each for each in document if each.name == "Original").visible = False

    shown = {each.name: each.shown for each in read_layers(memoryview(written(edit=hide))).layers}
    assert shown == {"Original": False, "AI result": True, "Staub Ω": False, "Retusche": False}


def test_opacities_of_a_group_multiply_and_blends_and_clips_are_told():
    def mix(document, group):
        group.opacity = 51
        result = next(each for each in document if each.name == "AI result")
        result.blend_mode = BlendMode.MULTIPLY
        result.clipping = True

    found = {each.name: each for each in read_layers(memoryview(written(edit=mix))).layers}
    assert found["Staub Ω"].opacity == pytest.approx(128 / 255 * 0.2)
    assert (found["AI result"].blend, found["AI result"].clipped) == ("mul", True)


def test_a_mask_that_is_switched_off_or_feathered_says_so():
    def off(document, _):
        document[1]._record.mask_data.flags.mask_disabled = True

    def feathered(document, _):
        document[1]._record.mask_data.flags.parameters_applied = True

    assert read_layers(memoryview(written(edit=off))).layers[1].mask == "off"
    assert read_layers(memoryview(written(edit=feathered))).layers[1].mask == "other"


def test_layers_of_16_bits_that_lie_in_a_block_of_their_own_are_read():
    """Photoshop leaves the section of layers empty in files of 16 bits and puts them into block Lr16."""
    plain = written(16)
    at = 26
    for _ in range(2):
        at += 4 + struct.unpack_from(">I", plain, at)[0]
    (whole,) = struct.unpack_from(">I", plain, at)
    (size,) = struct.unpack_from(">I", plain, at + 4)
    info, rest = plain[at + 8 : at + 8 + size], plain[at + 4 + whole :]
    block = b"8BIMLr16" + struct.pack(">I", len(info)) + info + bytes(-len(info) % 4)
    section = struct.pack(">II", 0, 0) + block
    moved = memoryview(plain[:at] + struct.pack(">I", len(section)) + section + rest)
    assert read_layers(moved) == read_layers(memoryview(plain))
    assert np.array_equal(read_mask(moved, "AI result"), mask_of_test())


def test_notes_that_were_pinned_in_photoshop_are_read():
    text = b"\xfe\xff" + "Kante glätten".encode("utf-16-be")
    body = b"txtA" + bytes(2) + struct.pack(">H", 1) + bytes(16 + 16 + 10) + bytes(6)
    body += struct.pack(">I", 12 + len(text)) + b"txtC" + struct.pack(">I", len(text)) + text
    note = struct.pack(">HHI", 2, 1, 1) + struct.pack(">I", len(body) + 4) + body
    plain = written()
    at = 26
    for _ in range(2):
        at += 4 + struct.unpack_from(">I", plain, at)[0]
    (whole,) = struct.unpack_from(">I", plain, at)
    own = plain[at + 4 : at + 4 + whole]
    (size,) = struct.unpack_from(">I", own)
    block = b"8BIMAnno" + struct.pack(">I", len(note)) + note + bytes(-len(note) % 4)
    section = own[: 4 + size] + struct.pack(">I", 0) + block
    data = plain[:at] + struct.pack(">I", len(section)) + section + plain[at + 4 + whole :]
    assert read_layers(memoryview(data)).notes == ("Kante glätten",)


def test_two_layers_of_one_name_or_none_give_no_mask():
    data = memoryview(written())
    assert read_mask(data, "Original") is None and read_mask(data, "nobody") is None

    def twice(document, _):
        document[0].name = "AI result"

    assert read_mask(memoryview(written(edit=twice)), "AI result") is None


def test_a_flat_psd_has_no_layers():
    document = PSDImage.frompil(Pillow.new("RGB", SIZE))
    out = io.BytesIO()
    document.save(out)
    assert read_layers(memoryview(out.getvalue())).layers == ()


@given(cut=st.integers(0, 3000), flips=st.lists(st.tuples(st.integers(0, 2999), st.integers(0, 255)), max_size=6))
@settings(max_examples=150, deadline=None)
def test_cut_and_damaged_bytes_are_read_or_refused_in_words_and_nothing_else(cut, flips):
    data = bytearray(WHOLE)
    for at, value in flips:
        data[at % len(data)] = value
    data = data[: len(data) - cut] if cut < 1500 else data
    try:
        read_layers(memoryview(bytes(data)))
        read_mask(memoryview(bytes(data)), "AI result")
    except UnreadableError as error:
        assert str(error)


WHOLE = written()


def test_the_sandbox_reads_them_in_its_child_and_a_jpeg_has_none(tmp_path):
    path = tmp_path / "a.psd"
    path.write_bytes(written(16))
    Pillow.new("RGB", SIZE).save(tmp_path / "a.jpg")
    (tmp_path / "cut.psd").write_bytes(written()[:900])
    with Decoder() as decoder:
        layered, mask = decoder.layers(path, "AI result")
        assert [each.name for each in layered.layers][1] == "AI result" and np.array_equal(mask, mask_of_test())
        assert decoder.layers(tmp_path / "a.jpg", "AI result") is None
        assert decoder.layers(path, "nobody")[1] is None
        with pytest.raises(UnreadableError, match=r"cut\.psd"):
            decoder.layers(tmp_path / "cut.psd", "AI result")
    assert Resource.PATH_INFO_0.value == 2000
