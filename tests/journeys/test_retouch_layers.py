"""A layered PSD that comes back: its mask is the cut-out; what was painted on, path, notes and guides are kept."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as Pillow
from psd_tools import PSDImage
from psd_tools.psd.image_resources import ImageResource

from safelight.media.clipping_path import NamedPath, iterate_resources, pack_paths
from safelight.pixels.matte.matte_png import decode_matte
from safelight.store import Store
from tests.journeys.test_retouch import AS, FILE, lines, safelight, versions
from tests.shoots import write_shoot


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    folder = tmp_path_factory.mktemp("layered")
    write_shoot(folder / "spring", 1)
    safelight("run", "spring", folder=folder)
    return folder


@pytest.fixture(scope="module")
def sent(studio):
    [line] = lines(safelight("checkout", "spring", FILE, "-o", "desk", "--as", "Ines", "--json", folder=studio))
    return studio / "desk" / line["file"]


def stack_of(path):
    """The layers as they went out: code values and masks by name."""
    own = {each.name: each for each in PSDImage.open(path)}
    pixels = {name: np.rint(each.numpy()[..., :3] * 65535) for name, each in own.items() if name != "Your retouch"}
    return pixels, np.asarray(own["AI result"].mask.topil())


def save(out, sent, *, mask, retouch=None, hidden="", paths=b""):
    """Write a PSD as an editing program would: layers of its own making, mixed code value by code value."""
    pixels, _ = stack_of(sent)
    document = PSDImage.new("RGB", (1100, 900), depth=16)
    mixed = pixels["Original"]
    for name in ("Original", "Background", "AI result"):
        layer = document.create_pixel_layer_from_array(pixels[name].astype(np.uint16), name=name)
        share = np.ones(mask.shape) if name != "AI result" else mask / 255
        if name == "AI result":
            layer.create_mask(Pillow.fromarray(mask))
        if name == hidden:
            layer.visible = False
            share = np.zeros(mask.shape)
        mixed = pixels[name] * share[..., None] + mixed * (1 - share[..., None])
    if retouch is not None:
        document.create_pixel_layer_from_array(retouch, name="Your retouch")
        share = retouch[..., 3:] / 65535
        mixed = retouch[..., :3] * share + mixed * (1 - share)
    record = document._record
    flat_planes = np.rint(mixed).astype(">u2")
    record.image_data.set_data([flat_planes[..., each].tobytes() for each in range(3)], record.header)
    before = PSDImage.open(sent).image_resources
    for number in (1060, 1039, 1032):
        record.image_resources[number] = before[number]
    for number, name, body in iterate_resources(paths):
        record.image_resources[number] = ImageResource(key=number, name=name.decode("latin-1"), data=body)
    with out.open("wb") as file:
        record.write(file)
    return out


def checked_in(studio, path, *more, code=0):
    [line] = lines(safelight("checkin", "spring", path, *AS, *more, "--json", folder=studio, code=code))
    return line


def matte_of(studio, sha256):
    with Store.open(studio / ".safelight") as store:
        return decode_matte(store.blobs.get(sha256))


def test_a_brushed_mask_becomes_the_version_s_matte_where_it_shrank_too(studio, sent, tmp_path):
    """By the flat picture alone white that is taken off a mask would stay in the cut-out."""
    _, mask = stack_of(sent)
    before = matte_of(studio, versions(studio)[-1][0].step("cutout").artifacts["matte"].sha256)
    rows, columns = np.nonzero(mask == 255)
    at = int(rows.max()) - 40
    brushed = mask.copy()
    brushed[at:, :] = 0  # a foot is taken off
    added = slice(20, 60), slice(30, 90)
    brushed[added] = 255  # and a piece of the paper is kept
    retouch = np.zeros((900, 1100, 4), np.uint16)
    middle = int(columns.mean())
    retouch[at - 200 : at - 180, middle : middle + 20] = (9000, 9000, 50000, 65535)
    back = save(tmp_path / "layers.psd", sent, mask=brushed, retouch=retouch)
    line = checked_in(studio, back)
    assert line["standing"] == "taken" and line["layers"]["mask_read"]
    told = {each["name"]: each for each in line["layers"]["layers"]}
    assert told["Your retouch"]["covers"] == pytest.approx(400 / 990_000, rel=0.01)
    assert any(each.startswith("the cut-out is its mask's") for each in line["reasons"])
    assert any("layer Your retouch: pixels" in each for each in line["reasons"])
    found = matte_of(studio, line["matte"])
    assert found[at:].max() < 2 * 257  # less than two codes of its eight bits stay as they went out
    assert (found[added] == 65535).all()
    untouched = np.abs(brushed.astype(int) - mask) == 0
    assert np.array_equal(found[untouched], before[untouched])
    safelight("run", "spring", folder=studio)
    edit, body, master = versions(studio)[-1]
    assert body["made_by"] == "person"
    assert edit.step("cutout").amended and edit.step("cutout").artifacts["matte"].sha256 == line["matte"]
    blue = (master.pixels[..., 2].astype(int) - master.pixels[..., 0]) > 30_000
    assert abs(int(blue.sum()) - 400) < 60
    with Store.open(studio / ".safelight") as store:
        assert store.blobs.get(line["layered"]) == back.read_bytes()


def test_a_hidden_result_layer_is_not_believed_and_the_flat_picture_is_read(studio, sent, tmp_path):
    _, mask = stack_of(sent)
    white = np.zeros((900, 1100, 4), np.uint16)
    pixels, _ = stack_of(sent)
    white[..., :3] = pixels["AI result"]
    white[..., 3] = mask.astype(np.uint16) * 257
    white[400:440, 500:540, :3] = 2000
    back = save(tmp_path / "hidden.psd", sent, mask=np.zeros_like(mask), retouch=white, hidden="AI result")
    line = checked_in(studio, back, "--confirm")
    assert not line["layers"]["mask_read"]
    assert any("AI result is hidden: its mask was not read" in each for each in line["reasons"])


def test_a_path_that_was_redrawn_is_read_back_and_held_against_the_cut_out(studio, sent, tmp_path):
    _, mask = stack_of(sent)
    square = tuple((((x, y),) * 3, True) for x, y in ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6)))
    paths = pack_paths([NamedPath("Vendor", (square,))], "Vendor")
    retouch = np.zeros((900, 1100, 4), np.uint16)
    retouch[480:500, 500:520] = (60000, 2000, 2000, 65535)
    line = checked_in(studio, save(tmp_path / "path.psd", sent, mask=mask, retouch=retouch, paths=paths), "--confirm")
    own = line["layers"]["path"]
    assert (own["name"], own["knots"], own["clips"], own["changed"]) == ("Vendor", 4, True, True)
    assert own["deviation"]["far_off"] > 50
    assert any("path Vendor was changed" in each and "cut-out, which stands" in each for each in line["reasons"])
    assert line["layers"]["guides"] and 0 <= line["layers"]["guides"][0][1] <= 1


def test_an_untouched_stack_has_its_mask_read_and_changes_nothing(studio, tmp_path):
    [line] = lines(safelight("checkout", "spring", FILE, "-o", tmp_path, "--as", "Ines", "--json", folder=studio))
    back = checked_in(studio, tmp_path / line["file"])
    assert back["standing"] == "unchanged"
    assert back["layers"]["path"]["changed"] is False and back["layers"]["path"]["deviation"]["off_hard_edge"] < 0.5
