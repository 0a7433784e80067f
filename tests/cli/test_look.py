"""``safelight look``: from a guide, an edit or a LUT to sentences, tables and files."""

from __future__ import annotations

import json

import cv2
import numpy as np

from safelight.cli.main import run_words
from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.pixels.color.grade import Grade, grade_transform
from safelight.pixels.color.lut import read_lut
from safelight.plugins import step_named


def graded_edit(folder):
    params = step_named("grade").params.accept({"contrast": 0.4, "saturation": 1.2}, fill=True)
    edit = Edit("ab" * 32).with_step(EditStep("exposure", 1, {"stops": 2.0, "highlight_protection": 0.0}, Actor("person", "Ines")))  # fmt: skip  # noqa: E501
    path = folder / "hero.json"
    path.write_text(edit.with_step(EditStep("grade", 1, params, Actor("person", "Ines"))).to_json())
    return path


def test_an_edits_grade_is_baked_and_its_correction_is_not(tmp_path, capsys):
    source, out = graded_edit(tmp_path), tmp_path / "hero.cube"
    assert run_words(["look", "bake", str(source), "-o", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["space"] == "srgb"
    from safelight.pixels.color.bake import to_table

    wanted = to_table([grade_transform(Grade(contrast=0.4, saturation=1.2))])
    assert np.abs(read_lut(out.read_bytes(), "hero.cube").cube.table.reshape(wanted.shape) - wanted).max() < 1e-5


def test_an_edit_is_baked_to_a_ctf(tmp_path):
    out = tmp_path / "hero.ctf"
    assert run_words(["look", "bake", str(graded_edit(tmp_path)), "-o", str(out)]) == 0
    assert read_lut(out.read_bytes(), "hero.ctf").kind == "a formula"


def test_a_look_is_inspected_in_words_and_in_json(tmp_path, capsys):
    source = graded_edit(tmp_path)
    assert run_words(["look", "inspect", str(source)]) == 0
    assert "steepest" in capsys.readouterr().out
    assert run_words(["look", "inspect", str(source), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["steepest"] > 1.1
    assert len(told["hues"]) == 12


def test_a_reference_is_matched(tmp_path, capsys):
    dice = np.random.default_rng(2)
    for name, tint in (("reference.png", (0.7, 0.9, 1.0)), ("one.png", (1, 1, 1)), ("two.png", (1, 1, 1))):
        picture = np.clip(dice.normal(120, 40, (60, 80, 3)) * tint, 0, 255).astype(np.uint8)
        cv2.imwrite(str(tmp_path / name), picture)
    out = tmp_path / "look.cube"
    words = ["look", "match", *(str(tmp_path / each) for each in ("reference.png", "one.png", "two.png"))]
    assert run_words([*words, "-o", str(out), "--strength", "0.8", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["distance_after"] < told["distance_before"]
    assert "curve" in told["grade"]
    assert read_lut(out.read_bytes(), "look.cube").kind == "3-D, 33 points a side"


def test_what_cannot_be_baked_is_refused_with_the_way_out(tmp_path, capsys):
    source = graded_edit(tmp_path)
    assert run_words(["look", "bake", str(source), "-o", str(tmp_path / "hero.xmp")]) == 2
    assert "a look is baked to .cube or .ctf" in capsys.readouterr().err
    empty = tmp_path / "empty.json"
    empty.write_text(Edit("ab" * 32).to_json())
    assert run_words(["look", "bake", str(empty), "-o", str(tmp_path / "x.cube")]) == 2
    assert "grades nothing" in capsys.readouterr().err
    assert run_words(["look", "inspect", str(tmp_path / "none.cube")]) == 2
    assert "none.cube cannot be read" in capsys.readouterr().err


def test_an_unknown_method_is_refused(tmp_path, capsys):
    assert run_words(["look", "match", "a.png", "b.png", "-o", str(tmp_path / "x.cube"), "--method", "magic"]) == 2
    assert "it takes transport or axes" in capsys.readouterr().err
