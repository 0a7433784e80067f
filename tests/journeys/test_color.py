"""Color from the capture to gate 1: casts that a brand would see, looks, swatches, drift."""

from __future__ import annotations

import numpy as np
import pytest
import simplejpeg

from safelight.core.batch import JUDGED, MADE
from safelight.core.edit import Edit
from safelight.pixels.color.spaces import decode, matrix_between
from safelight.store import Store
from tests.charts import draw_chart
from tests.colored import SWATCH, cast_of, matte_box
from tests.journeys.cli import lines, safelight
from tests.media.dng import NEUTRAL, make_dng
from tests.shoots import encode, jpeg, product

GUIDE = f"""
client = "Acme"
[tolerance]
delta_e = 3.0
[swatches]
"TRUE" = "{" ".join(map(str, SWATCH))}"
"CAST" = "{" ".join(map(str, SWATCH))}"
"""


def written(folder, **pictures):
    """Write packshots NAME_front.jpg and the guide; return the folder to run."""
    place = folder / "shoot" / "packshots"
    place.mkdir(parents=True)
    for n, (name, pixels) in enumerate(pictures.items()):
        data = jpeg(pixels, taken=f"2026:03:01 10:{n:02}:00", model=f"Body {n}", quality=95)
        (place / f"{name}_front.jpg").write_bytes(data)
    (folder / "acme.toml").write_text(GUIDE)
    return folder


def verdicts(folder):
    """What each file's checks said last, by file name and check."""
    with Store.open(folder / ".safelight") as store:
        held = {each.subject: each.body["asset"] for each in store.ledger.facts(kind=MADE)}
        names = {each.body["asset"]: "" for each in store.ledger.facts(kind=MADE)}
        for each in store.ledger.facts(kind="file.seen"):
            names[each.subject] = each.body["path"].rsplit("/", 1)[-1]
        told = {}
        for each in store.ledger.facts(kind=JUDGED):
            told[names[held[each.subject]]] = {v["check"]: v for v in each.body["verdicts"]}
    return told


def value(verdict, name):
    return next(each["value"] for each in verdict["measures"] if each["name"] == name)


def test_a_cast_of_five_planted_before_the_pipeline_fails_gate_1(tmp_path):
    folder = written(tmp_path, TRUE=matte_box(), CAST=matte_box(cast=cast_of(5.0)))
    done = safelight("run", "shoot", "--guide", "acme.toml", "--json", folder=folder)
    found = {each["file"]: each for each in lines(done)}
    told = verdicts(folder)
    good, bad = (told[f"{name}_front.jpg"]["color_difference"] for name in ("TRUE", "CAST"))
    assert good["word"] == "pass", good
    assert bad["word"] == "fail", bad
    # Lightness is taken where the product is lit as its swatch is, so that the light that a cast adds does not count.
    assert 3.5 < value(bad, "delta_e") < 5.5
    assert value(good, "delta_e") < 1.5
    assert bad["evidence"] and "style guide acme" in bad["evidence"][0]["text"]
    waiting = found["packshots/CAST_front.jpg"]
    assert waiting["standing"] == "waiting" and waiting["route"] != "auto"
    refused = safelight("decide", "shoot", "CAST_front.jpg", "approve", "--as", "Ines", folder=folder, code=1)
    assert "fails gate 1 (color_difference" in refused.stderr


def test_a_swatch_is_held_to_three_where_the_guide_says_nothing_of_a_tolerance(tmp_path):
    folder = written(tmp_path, CAST=matte_box(cast=cast_of(5.0)), ACE=matte_box((60.0, -20.0, 20.0)))
    (folder / "acme.toml").write_text(GUIDE.replace("[tolerance]\ndelta_e = 3.0\n", ""))
    planned = {each["file"]: each for each in lines(
        safelight("run", "shoot", "--guide", "acme.toml", "--dry-run", "--json", folder=folder)
    )}  # fmt: skip
    assert "color_difference" in planned["packshots/CAST_front.jpg"]["checks"]
    safelight("run", "shoot", "--guide", "acme.toml", folder=folder)
    told = verdicts(folder)
    bad = told["CAST_front.jpg"]["color_difference"]
    assert bad["word"] == "fail", bad
    assert next(each["limit"] for each in bad["measures"] if each["name"] == "delta_e") == pytest.approx(3.0)
    # Nothing speaks for this one's color and nobody promised any: it is not stopped for it.
    assert "color_difference" not in told["ACE_front.jpg"]


def test_an_approved_picture_is_the_reference_of_its_article_where_no_swatch_is_known(tmp_path):
    back = matte_box(cast=cast_of(8.0), box=(0.42, 0.15, 0.6, 0.85), seed=5)
    folder = written(tmp_path, MUG=matte_box(), ACE=matte_box((60.0, -20.0, 20.0)))
    (folder / "shoot/packshots/MUG_back.jpg").write_bytes(jpeg(back, taken="2026:03:01 11:00:00", model="Body 7"))
    (folder / "acme.toml").write_text('client = "Acme"\n[tolerance]\ndelta_e = 3.0\n')
    safelight("run", "shoot", "--guide", "acme.toml", folder=folder)
    assert {each["color_difference"]["word"] for each in verdicts(folder).values()} == {"warn"}
    safelight("decide", "shoot", "MUG_front.jpg", "approve", "--as", "Ines", folder=folder)
    safelight("run", "shoot", "--guide", "acme.toml", folder=folder)
    told = verdicts(folder)
    judged = told["MUG_back.jpg"]["color_difference"]
    assert judged["word"] == "fail", judged
    assert value(judged, "delta_e") > 3
    assert "the approved hero packshots/MUG_front.jpg is" in judged["evidence"][0]["text"]
    assert value(judged, "backdrop") < 0.5  # white was laid behind both
    assert told["ACE_front.jpg"]["color_difference"]["word"] == "warn"  # another article has another color


def test_a_chart_in_the_same_light_speaks_for_frames_that_nothing_else_speaks_for(tmp_path):
    light = np.clip(draw_chart("classic_after_2014") @ matrix_between("linear_rec2020", "srgb").T, 0, 1)
    frames = {f"ACE{n}": matte_box((60.0, 5.0 * n, 20.0), paper=0.88, seed=n) for n in range(3)}
    cast = matte_box(cast=cast_of(5.0), paper=0.65, seed=7)
    folder = written(tmp_path, CHART=encode(light), **frames, CAST=cast, BLOWN=matte_box(seed=9))
    for n, each in enumerate(sorted((folder / "shoot" / "packshots").iterdir())):
        # One camera, one session: one light.
        each.write_bytes(retaken(each, taken=f"2026:03:01 10:{n:02}:00", model="Body"))
    rule = "[tolerance]\ndelta_e = 3.0\n[step.white_balance]\nred = 0.0\nblue = 0.0\n"
    (folder / "acme.toml").write_text(f'client = "Acme"\n{rule}')
    safelight("run", "shoot", "--guide", "acme.toml", folder=folder)
    told = {name: each["color_difference"] for name, each in verdicts(folder).items()}
    assert "CHART_front.jpg" not in told  # it stands aside
    for name in ("ACE0_front.jpg", "ACE1_front.jpg", "ACE2_front.jpg"):
        assert told[name]["word"] == "pass", told[name]
        assert value(told[name], "patches") < 1
        assert any("chart in packshots/CHART_front.jpg" in each["why"] for each in told[name]["measures"])
    assert told["CAST_front.jpg"]["word"] == "fail", told["CAST_front.jpg"]
    assert value(told["CAST_front.jpg"], "patches") > 3
    assert told["BLOWN_front.jpg"]["word"] == "warn"
    assert "no unclipped paper" in told["BLOWN_front.jpg"]["measures"][0]["why"]


def test_a_gray_card_in_the_set_balances_its_light_and_stands_aside(tmp_path):
    light = (1.12, 1.0, 0.84)
    tint = np.array([1.05, 1.0, 0.95], np.float32)  # a warm paper, which the frames alone would take for the light
    card = encode(np.full((900, 1100, 3), 0.2, np.float32) * np.float32(light))
    frames = {f"ACE{n}": matte_box((60.0, 5.0, 20.0 + n), cast=light * tint, paper=0.6, seed=n) for n in range(3)}
    folder = written(tmp_path, GRAY_CARD=card, **frames)
    for n, each in enumerate(sorted((folder / "shoot" / "packshots").iterdir())):
        each.write_bytes(retaken(each, taken=f"2026:03:01 10:{n:02}:00", model="Body"))
    told = {each["file"]: each for each in lines(safelight("run", "shoot", "--json", folder=folder))}
    assert "a gray card at 0.20 of white: kept" in " ".join(told["packshots/GRAY_CARD_front.jpg"]["reasons"])
    made = last_edits(folder)
    assert len(made) == 3
    red, green, blue = matrix_between("srgb", "linear_rec2020") @ np.array(light)  # where corrections work
    for edit in made.values():
        params = edit.step("white_balance").params
        assert params["red"] == pytest.approx(np.log2(green / red), abs=0.02)
        assert params["blue"] == pytest.approx(np.log2(green / blue), abs=0.02)
        assert "by the gray card packshots/GRAY_CARD_front.jpg" in edit.step("white_balance").reasons[0].text


@pytest.mark.slow
def test_a_chart_speaks_for_raw_captures_too_where_the_view_adds_no_contrast(tmp_path):
    light = np.clip(draw_chart("classic_after_2014") @ matrix_between("linear_rec2020", "srgb").T, 0, 1)
    place = tmp_path / "shoot" / "packshots"
    place.mkdir(parents=True)
    frames = {f"ACE{n}": matte_box((60.0, 5.0 * n, 20.0), paper=0.8, seed=n) for n in range(3)}
    frames["CAST"] = matte_box(cast=cast_of(6.0), paper=0.65, seed=7)
    for name, codes in {"CHART": encode(light), **frames}.items():
        (place / f"{name}_front.dng").write_bytes(make_dng(sensor_of(codes)))
    rule = "[tolerance]\ndelta_e = 3.0\n[step.white_balance]\nred = 0.0\nblue = 0.0\n[step.develop]\ncontrast = 1.0\n"
    (tmp_path / "acme.toml").write_text(f'client = "Acme"\n{rule}')
    safelight("run", "shoot", "--guide", "acme.toml", folder=tmp_path)
    told = {name: each["color_difference"] for name, each in verdicts(tmp_path).items()}
    for name in ("ACE0_front.dng", "ACE1_front.dng", "ACE2_front.dng"):
        assert told[name]["word"] == "pass", told[name]
    assert told["CAST_front.dng"]["word"] == "fail", told["CAST_front.dng"]
    assert value(told["CAST_front.dng"], "patches") > 3


def retaken(path, **said):
    """The same picture with other metadata."""
    return jpeg(simplejpeg.decode_jpeg(path.read_bytes()), quality=95, **said)


def brand_look(side=17):
    """A LUT that warms, darkens and mixes channels."""
    axis = np.linspace(0, 1, side)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    rows = np.stack([red**0.9, 0.95 * green**1.05 + 0.05 * red, blue**1.2 * 0.95], axis=-1).reshape(-1, 3)
    return f"LUT_3D_SIZE {side}\n" + "\n".join(" ".join(f"{v:.6f}" for v in row) for row in rows)


def mosaic_of(pixels):
    """An RGGB mosaic of sRGB code values, with a sensor's 14 bits."""
    light = (pixels.astype(np.float32) / 255) ** 2.2 * 12000
    mosaic = np.empty(pixels.shape[:2], np.float32)
    for row, column, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        mosaic[row::2, column::2] = light[row::2, column::2, channel]
    return np.rint(mosaic).astype(np.uint16)


def sensor_of(codes):
    """An RGGB mosaic of a picture's own light."""
    light = decode((codes / 255).astype(np.float32), "srgb") * np.float32(NEUTRAL) * 12000
    mosaic = np.empty(codes.shape[:2], np.float32)
    for row, column, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        mosaic[row::2, column::2] = light[row::2, column::2, channel]
    return np.rint(mosaic[: len(mosaic) // 2 * 2, : mosaic.shape[1] // 2 * 2]).astype(np.uint16)


def test_a_look_is_read_a_second_time_at_gate_1_after_whatever_was_corrected(tmp_path):
    folder = written(tmp_path, DARK=matte_box(cast=(0.6, 0.6, 0.6), paper=1.4), TRUE=matte_box())
    (folder / "shoot" / "packshots" / "RAW_front.dng").write_bytes(make_dng(mosaic_of(product(3, 1000, 800))))
    (folder / "brand.cube").write_text(brand_look())
    look = '[picture]\nlook = "brand.cube"\n[step.grade]\ncontrast = 0.2\n'
    (folder / "acme.toml").write_text(f'client = "Acme"\n{look}')
    safelight("run", "shoot", "--guide", "acme.toml", folder=folder)
    told = verdicts(folder)
    for name in ("DARK_front.jpg", "TRUE_front.jpg", "RAW_front.dng"):
        kept = told[name]["look_kept"]
        assert kept["word"] == "pass", (name, kept)
        assert value(kept, "worst_twentieth") < 1.5
        # Nobody promised a color, and a look that was kept is no proof of one.
        assert "color_difference" not in told[name]


def test_no_look_is_not_judged(tmp_path):
    folder = written(tmp_path, TRUE=matte_box())
    safelight("run", "shoot", "--guide", "acme.toml", folder=folder)
    found = verdicts(folder)["TRUE_front.jpg"]
    assert "look_kept" not in found
    assert found["color_drift"]["word"] == "pass"


def test_a_frame_that_cannot_carry_its_look_is_warned_of_before_anything_is_painted(tmp_path):
    folder = written(tmp_path, DARK=matte_box((12.0, 3.0, 2.0), paper=0.06), TRUE=matte_box())
    rows = np.clip((np.linspace(0, 1, 33) - 0.16) / 0.8, 0, 1)
    (folder / "deep.cube").write_text("LUT_1D_SIZE 33\n" + "\n".join(f"{v:.6f} {v:.6f} {v:.6f}" for v in rows))
    (folder / "acme.toml").write_text('client = "Acme"\n[picture]\nlook = "deep.cube"\n')
    told = {
        each["file"].rsplit("/", 1)[-1]: " ".join(each["reasons"])
        for each in lines(safelight("cull", "shoot", "--guide", "acme.toml", "--json", folder=folder))
    }
    assert "of the frame is shadows below code value" in told["DARK_front.jpg"]
    assert "where the look leaves no texture" in told["DARK_front.jpg"]
    assert "the look" not in told["TRUE_front.jpg"]
    plain = lines(safelight("cull", "shoot", "--json", folder=folder))
    assert not any("the look" in text for each in plain for text in each["reasons"])


def test_a_lens_is_corrected_for_raw_and_for_finished_files_on_request(tmp_path):
    folder = written(tmp_path, TRUE=matte_box())
    (folder / "shoot" / "packshots" / "RAW_front.dng").write_bytes(make_dng(mosaic_of(product(3, 1000, 800))))
    safelight("run", "shoot", "--guide", "acme.toml", folder=folder)
    edits = {len(each.steps): each for each in last_edits(folder).values()}
    finished, raw = edits[min(edits)], edits[max(edits)]
    assert finished.step("lens") is None
    assert "no lens correction: the file names no focal length" in raw.step("lens").reasons[0].text
    bent = ("--set", "source=manual", "--set", "distortion=1,0,-0.06,0,0", "--as", "Ines", "--reason", "bowed shelf")
    safelight("amend", "shoot", "TRUE_front.jpg", "lens", *bent, folder=folder)
    safelight("run", "shoot", "--guide", "acme.toml", folder=folder)
    [given] = [each for each in last_edits(folder).values() if each.original == finished.original]
    assert given.step("lens").params["distortion"][2] == -0.06
    told = verdicts(folder)["TRUE_front.jpg"]
    assert told["margins"]["word"] == "pass"  # the frame follows its subject through the lens
    assert told["color_difference"]["word"] == "pass"


def last_edits(folder):
    with Store.open(folder / ".safelight") as store:
        return {each.body["asset"]: Edit.from_data(each.body["edit"]) for each in store.ledger.facts(kind=MADE)}
