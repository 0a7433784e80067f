"""Out to a retoucher and back: layers and ticket, what changed and where, and what is refused with its way out."""

from __future__ import annotations

import io
import json
import shutil

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageCms

from safelight.cli import terminal
from safelight.cli.main import run_words
from safelight.core.batch import MADE
from safelight.core.edit import Edit
from safelight.media.encode import decode_own
from safelight.store import Store


class Done:
    """What a command said, and its exit code."""

    def __init__(self, stdout, stderr):
        self.stdout, self.stderr = stdout, stderr


def safelight(*words, folder, code=0):
    """Run a command in this process, expect its exit code, and return what it said."""
    said = {"out": [], "err": []}
    with terminal.speaking_to(lambda stream, text: said[stream].append(text)):
        left = run_words([str(each) for each in words], str(folder))
    out, err = ("".join(f"{each}\n" for each in said[stream]) for stream in ("out", "err"))
    assert left == code, f"exit {left}, expected {code}\n{out}\n{err}"
    return Done(out, err)


def lines(done):
    return [json.loads(each) for each in done.stdout.splitlines()]


AS = ("--as", "Ines", "--reason", "dust on the cap")
FILE = "SKU00_front.jpg"


@pytest.fixture(scope="module")
def out(studio):
    """A layered PSD of one file and a flat TIFF of another."""
    psd = safelight("checkout", "spring", FILE, "-o", "desk", "--as", "Ines", "--json", folder=studio)
    words = ("--format", "tiff", "-o", "desk", "--as", "Ines", "--json")
    tiff = safelight("checkout", "spring", "SKU01_front.jpg", *words, folder=studio)
    return lines(psd)[0], lines(tiff)[0]


def flat(path):
    """What a program without layers shows of a PSD or TIFF of ours: (H, W, 3) uint16."""
    from safelight.media.decode import decode_bytes

    return decode_bytes(path.read_bytes(), path.name).image.pixels[..., :3]


def save(pixels, path, like=None, **more):
    """Write a TIFF or JPEG as another program would: its own bytes, our XMP kept where `like` is named."""
    import tifffile

    from safelight.media.decode import decode_bytes

    tags = []
    if like is not None:
        xmp = decode_bytes(like.read_bytes(), like.name).metadata.xmp
        tags = [(700, "B", len(xmp), xmp, True)]
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    tifffile.imwrite(path, pixels, photometric="rgb", extratags=tags, iccprofile=more.get("icc", icc), metadata=None)
    return path


def spotted(pixels, row=500, column=520, side=40, by=6000):
    """A retouch: a square inside the product, lighter."""
    out = pixels.astype(np.int32)
    out[row : row + side, column : column + side] += by
    return np.clip(out, 0, 65535).astype(np.uint16)


def versions(folder, file=FILE):
    with Store.open(folder / ".safelight") as store:
        facts = list(store.ledger.facts(kind=MADE))
        asset = next(e.subject for e in store.ledger.facts(kind="file.seen") if e.body["path"].endswith(file))
        made = [each.body for each in facts if each.body["asset"] == asset]
        return [(Edit.from_data(e["edit"]), e, decode_own(store.blobs.get(e["blobs"]["master"]))) for e in made]


def test_a_psd_goes_out_with_original_result_mask_guides_path_note_and_ticket(studio, out):
    from psd_tools import PSDImage

    from safelight.media.clipping_path import clipping_name
    from safelight.media.decode import decode_bytes
    from safelight.media.hand_off import ticket_in

    path = studio / "desk" / out[0]["file"]
    document = PSDImage.open(path)
    assert [each.name for each in document] == ["Original", "Background", "AI result", "Your retouch"]
    assert (document.width, document.height, document.depth) == (1100, 900, 16)
    mask = np.asarray(document[2].mask.topil())
    assert mask[500, 550] == 255 and mask[20, 20] == 0
    assert 1032 in document.image_resources and 2000 in document.image_resources and 2999 in document.image_resources
    assert ticket_in(decode_bytes(path.read_bytes(), "x.psd").metadata.xmp) == out[0]["ticket"]
    assert FILE in out[0]["note"] and "Keep size, frame and profile" in out[0]["note"]
    assert clipping_name(b"") == ""


def test_what_a_program_mixes_of_the_layers_is_what_the_file_shows(studio, out):
    """Photoshop mixes code values; along the edge too that gives our picture, mixed in light."""
    from psd_tools import PSDImage

    path = studio / "desk" / out[0]["file"]
    _, ground, subject, _ = PSDImage.open(path)
    mask = np.asarray(subject.mask.topil()).astype(np.float64)[..., None] / 255
    mixed = subject.numpy()[..., :3] * mask + ground.numpy()[..., :3] * (1 - mask)
    assert np.abs(mixed * 65535 - flat(path)).max() < 2
    machine = versions(studio)[0]
    x0, y0, _ = (row[2] for row in machine[1]["geometry"])
    master = machine[2].pixels
    assert machine[1]["geometry"][0][0] == 1.0
    x0, y0 = round(x0), round(y0)
    inside = flat(path)[max(0, y0) :, max(0, x0) :]
    shown = master[max(0, -y0) :, max(0, -x0) :][: inside.shape[0], : inside.shape[1]]
    inside = inside[: shown.shape[0], : shown.shape[1]]
    assert np.abs(inside.astype(int) - shown).max() < 128  # half a code of 8 bits


def test_a_flat_16_bit_tiff_comes_back_as_a_person_s_version_beside_the_machine_s(studio, out):
    sent = studio / "desk" / out[0]["file"]
    before = versions(studio)
    back = save(spotted(flat(sent)), studio / "desk" / "cap_final_v2.tif", like=sent)
    [line] = lines(safelight("checkin", "spring", back, *AS, "--json", folder=studio))
    assert line["standing"] == "taken" and line["how"] == "mark" and line["path"].endswith(FILE)
    assert len(line["changed"]["places"]) == 1
    x0, y0, x1, y1 = line["changed"]["places"][0]
    assert x0 * 1100 < 520 < 560 < x1 * 1100 + 1 and y0 * 900 < 500 < 540 < y1 * 900 + 1
    assert abs(line["changed"]["share"] - 1600 / (1100 * 900)) < 2e-4
    assert line["matte"] == "" and line["changed"]["delta_e"] > 2
    again = safelight("checkin", "spring", back, *AS, folder=studio)
    assert "was taken in before" in again.stdout

    safelight("run", "spring", folder=studio)
    now = versions(studio)
    assert len(now) == len(before) + 1 and now[0][1]["blobs"] == before[0][1]["blobs"]
    edit, body, master = now[-1]
    assert body["made_by"] == "person" and edit.step("retouch").amended and not edit.step("retouch").stale
    machine = now[0][2].pixels.astype(int)
    changed = np.abs(master.pixels.astype(int) - machine).max(axis=-1) > 300
    assert abs(int(changed.sum()) - 1600) < 20
    assert (master.pixels[0, 0] == 65535).all()
    shown = safelight("versions", "spring", FILE, folder=studio).stdout
    assert "retouch: added, by Ines" in shown


def test_a_later_look_marks_the_retouch_stale_and_repaints_nothing(studio, out):
    safelight("amend", "spring", FILE, "exposure", "--set", "stops=1.5", *AS, folder=studio)
    safelight("run", "spring", folder=studio)
    _, held = versions(studio)[-2:]
    edit, _, master = held
    assert edit.step("exposure").params["stops"] == 1.5 and edit.step("retouch").stale
    assert np.abs(master.pixels.astype(int) - versions(studio)[-2][2].pixels).max() == 0
    safelight("amend", "spring", FILE, "exposure", *AS, folder=studio)
    safelight("amend", "spring", FILE, "retouch", *AS, folder=studio)
    safelight("run", "spring", folder=studio)
    assert versions(studio)[-1][1]["render_key"] == versions(studio)[0][1]["render_key"]


def test_what_a_person_painted_beside_the_cut_out_is_kept(studio, out):
    """A shadow brushed on the white: the cut-out grows by it, and the ground stays exactly white."""
    sent = studio / "desk" / out[1]["file"]
    pixels = flat(sent).copy()
    pixels[770:790, 300:800] = np.minimum(pixels[770:790, 300:800], 52000)
    back = save(pixels, studio / "desk" / out[1]["file"].replace(".tif", "_back.tif"))
    [line] = lines(safelight("checkin", "spring", back, *AS, "--json", folder=studio))
    assert line["standing"] == "taken" and line["how"] == "name" and line["matte"]
    safelight("run", "spring", folder=studio)
    edit, _, master = versions(studio, "SKU01_front.jpg")[-1]
    assert edit.step("cutout").amended and edit.step("retouch").amended
    shadow = np.abs(master.pixels.astype(int) - 52000).max(axis=-1) < 60
    assert shadow.sum() > 3000
    assert (master.pixels[0] == 65535).all()


def refused(studio, path, *more, code=3):
    done = safelight("checkin", "spring", path, *AS, *more, "--json", folder=studio, code=code)
    return lines(done)[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: p[::2, ::2], "came back smaller, 550 x 450 px instead of 1100 x 900 px"),
        (np.rot90, "came back turned"),
        (lambda p: p[100:800, 150:950], "send it uncropped"),
        (lambda p: np.roll(p, (4, 9), (0, 1)), "its content lies 9.0 px right and 4.0 px down"),
        (lambda p: np.where(p == 65535, 58000, p).astype(np.uint16), "came back on #e2e2e2 instead of #ffffff"),
    ],
)
def test_what_does_not_lie_on_what_went_out_is_refused_with_the_way_out(studio, out, tmp_path, change, said):
    sent = studio / "desk" / out[0]["file"]
    back = save(np.ascontiguousarray(change(spotted(flat(sent)))), tmp_path / "odd.tif", like=sent)
    line = refused(studio, back)
    assert line["standing"] == "refused" and said in line["said"]


def test_a_file_of_another_picture_under_a_name_that_went_out_is_refused(studio, out, tmp_path):
    noise = np.random.default_rng(1).integers(0, 65535, (900, 1100, 3)).astype(np.uint16)
    line = refused(studio, save(noise, tmp_path / out[0]["file"].replace(".psd", ".tif")))
    assert "shows another picture" in line["said"]


def test_a_cut_or_foreign_file_is_refused_and_nothing_is_recorded(studio, out, tmp_path):
    cut = tmp_path / "cut.psd"
    cut.write_bytes((studio / "desk" / out[0]["file"]).read_bytes()[:90_000])
    words = tmp_path / "words.psd"
    words.write_text("not a picture")
    assert "cut" in refused(studio, cut)["said"]
    assert refused(studio, words)["standing"] == "refused"


def test_a_renamed_jpeg_without_any_mark_is_asked_about_and_taken_in_with_a_yes(studio, out, tmp_path):
    sent = studio / "desk" / out[0]["file"]
    eight = (spotted(flat(sent), by=9000) // 257).astype(np.uint8)
    path = tmp_path / "IMG_7.jpg"
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Pillow.fromarray(eight).save(path, "JPEG", quality=95, subsampling=0, icc_profile=icc)
    line = refused(studio, path)
    assert line["standing"] == "asked" and line["how"] == "picture"
    assert "no ticket" in line["said"] and "has thrown detail away" in line["said"] and "--confirm" in line["said"]
    assert refused(studio, path, "--confirm", code=0)["standing"] == "taken"
    x0, y0, x1, y1 = line["changed"]["places"][0]
    assert x0 * 1100 < 522 and 558 < x1 * 1100 < 580 and y0 * 900 < 502 and 538 < y1 * 900 < 560
    assert line["changed"]["share"] * 990_000 < 2000


def test_an_8_bit_file_in_adobe_rgb_is_converted_and_shows_no_change_of_its_own(studio, out, tmp_path):
    from safelight.core.image import Image
    from safelight.media.encode import encode
    from safelight.pixels.color.fused import apply

    sent = studio / "desk" / out[0]["file"]
    adobe = apply(spotted(flat(sent)), "srgb", (), "adobe_rgb", np.uint8)
    path = tmp_path / out[0]["file"].replace(".psd", ".tif")
    path.write_bytes(encode(Image(adobe, "adobe_rgb"), "tiff"))
    line = refused(studio, path, code=0)
    assert line["standing"] == "taken" and len(line["changed"]["places"]) == 1
    assert any("8 bits instead of 16" in each for each in line["reasons"])
    assert any("adobe_rgb instead of srgb" in each for each in line["reasons"])
    assert abs(line["changed"]["share"] * 990_000 - 1600) < 250
    assert line["matte"] == ""


def test_what_comes_back_as_it_went_out_changes_nothing(studio, tmp_path):
    words = ("-o", tmp_path / "again", "--as", "Ines", "--json")
    [line] = lines(safelight("checkout", "spring", "SKU01_front.jpg", *words, folder=studio))
    [back] = lines(safelight("checkin", "spring", tmp_path / "again" / line["file"], *AS, "--json", folder=studio))
    assert back["standing"] == "unchanged"


def test_a_vendor_gets_manifest_and_brief_and_the_return_check_says_what_is_missing(studio, tmp_path):
    folder = tmp_path / "acme"
    none = safelight(
        "checkout", "spring", FILE, "--vendor", "Acme", "-o", folder, "--as", "Ines", folder=studio, code=2
    )
    assert "a vendor gets a deadline and a brief" in none.stderr
    words = ("--vendor", "Acme", "--due", "2020-05-01", "--brief", "Clean the cap.", "--format", "tiff", "--as", "Ines")
    safelight("checkout", "spring", FILE, "SKU01_front.jpg", *words, "-o", folder, folder=studio)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["vendor"] == "Acme" and manifest["due"] == "2020-05-01" and len(manifest["files"]) == 2
    assert "Clean the cap." in (folder / "BRIEF.txt").read_text()
    assert "late" in safelight("checkout", "spring", folder=studio).stdout
    back = tmp_path / "back"
    back.mkdir()
    shutil.copy(folder / "BRIEF.txt", back)
    first = next(each for each in manifest["files"] if each["file"].startswith("SKU00"))
    save(spotted(flat(folder / first["file"]), row=520), back / first["file"], like=folder / first["file"])
    done = lines(safelight("checkin", "spring", back, *AS, "--json", folder=studio, code=3))
    assert [each["standing"] for each in done] == ["taken", "missing"]
    assert "SKU01_front" in done[1]["said"] and "late" in done[1]["said"]


def test_a_watched_folder_takes_returns_in_and_paints_them(studio, out, tmp_path):
    sent = studio / "desk" / out[0]["file"]
    hot = tmp_path / "hot"
    hot.mkdir()
    save(spotted(flat(sent), row=540, by=-5000), hot / "done.tif", like=sent)
    (hot / "notes.txt").write_text("see mail")
    before = len(versions(studio))
    words = ("--returns", "spring", "--as", "Ines", "--once", "--json")
    done = lines(safelight("watch", hot, *words, folder=studio))
    told = {each["file"]: each for each in done}
    assert not told["notes.txt"]["done"] and told["done.tif"]["done"]
    assert len(versions(studio)) == before + 1


def test_xmp_that_names_a_ticket_of_elsewhere_is_refused(studio, out, tmp_path):
    import tifffile

    from safelight.media.hand_off import pack_ticket

    xmp = pack_ticket("0123456789", "")
    path = tmp_path / "other.tif"
    data = io.BytesIO()
    pixels = flat(studio / "desk" / out[0]["file"])
    tifffile.imwrite(data, pixels, photometric="rgb", extratags=[(700, "B", len(xmp), xmp, True)], metadata=None)
    path.write_bytes(data.getvalue())
    assert "ticket 0123456789, which is none of this batch's" in refused(studio, path)["said"]


def test_a_shadow_goes_out_as_its_own_layer_and_comes_back_once(studio, out):
    from psd_tools import PSDImage

    own = "SKU01_front.jpg"
    for each in versions(studio, own)[-1][0].steps:
        if each.amended:
            safelight("amend", "spring", own, each.step, *AS, folder=studio)
    safelight("amend", "spring", own, "shadow", "--set", "kind=contact", "--set", "strength=0.45", *AS, folder=studio)
    safelight("run", "spring", folder=studio)
    before = versions(studio, own)[-1]
    assert before[0].step("shadow").params["kind"] == "contact" and before[0].step("retouch") is None
    words = ("-o", "desk", "--as", "Ines", "--json")
    [line] = lines(safelight("checkout", "spring", own, *words, folder=studio))
    path = studio / "desk" / line["file"]
    document = PSDImage.open(path)
    assert [each.name for each in document] == ["Original", "Background", "Shadow", "AI result", "Your retouch"]
    mixed = document[1].numpy()[..., :3]
    for layer in (document[2], document[3]):
        mask = np.asarray(layer.mask.topil()).astype(np.float64)[..., None] / 255
        mixed = layer.numpy()[..., :3] * mask + mixed * (1 - mask)
    assert np.abs(mixed * 65535 - flat(path)).max() < 2
    assert 0 < np.asarray(document[2].mask.topil()).max() < 128
    back = save(spotted(flat(path)), studio / "desk" / "shaded.tif", like=path)
    assert refused(studio, back, code=0)["standing"] == "taken"
    safelight("run", "spring", folder=studio)
    edit, _, master = versions(studio, own)[-1]
    assert edit.step("shadow").amended and edit.step("retouch").amended
    apart = np.abs(master.pixels.astype(int) - before[2].pixels).max(axis=-1)
    # The shadow's mask has 8 bits: half a code of those is what it may be off by.
    assert abs(int((apart > 400).sum()) - 1600) < 20


def test_an_approved_file_neither_goes_out_nor_comes_in(studio, out):
    unnamed = safelight("checkout", "spring", FILE, folder=studio, code=2)
    assert "needs the name of a person" in unnamed.stderr
    sent = studio / "desk" / out[0]["file"]
    back = save(spotted(flat(sent), row=560), studio / "desk" / "late.tif", like=sent)
    safelight("decide", "spring", FILE, "approve", "--as", "Tom", folder=studio)
    gone = safelight("checkout", "spring", FILE, "--as", "Ines", folder=studio, code=1)
    assert "was approved by Tom, which freezes its pixels" in gone.stderr
    assert "was approved by Tom" in safelight("checkin", "spring", back, *AS, "--confirm", folder=studio, code=1).stderr
