"""Looks of every format, and files that nobody should lay on a picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from safelight.errors import DeclarationError
from safelight.pixels.color import fused
from safelight.pixels.color.bake import lattice, to_ctf, to_cube
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.gamut import keep_hues
from safelight.pixels.color.grade import Grade, grade_transform
from safelight.pixels.color.lut import read_lut

CODES = np.random.default_rng(5).random((20, 30, 3)).astype(np.float32)
GRADED = [grade_transform(Grade(contrast=0.3, saturation=1.1, power=(1.05, 1.0, 0.95)))]


def hald(level, change=lambda codes: codes, dtype=np.uint8):
    side = level * level
    codes = change(lattice(side)).reshape(level**3, level**3, 3)
    top = np.iinfo(dtype).max
    return cv2.imencode(".png", np.rint(codes[..., ::-1] * top).astype(dtype))[1].tobytes()


def through(lut, codes=CODES):
    return fused.paint_as_is(codes, lut.transform)


@pytest.mark.parametrize(("dtype", "allowed"), [(np.uint8, 2 / 255), (np.uint16, 1e-4)])
def test_a_hald_that_does_nothing_changes_nothing(dtype, allowed):
    assert np.abs(through(read_lut(hald(4, dtype=dtype), "plain.png")) - CODES).max() < allowed


def test_red_runs_fastest_in_a_hald():
    swapped = read_lut(hald(4, lambda codes: codes[..., [0, 2, 1]], np.uint16), "swapped.png")
    assert np.abs(through(swapped) - CODES[..., [0, 2, 1]]).max() < 1e-4


def test_a_large_hald_is_thinned_to_what_opencolorio_holds():
    lut = read_lut(hald(12, lambda codes: codes**1.2), "large.png")
    assert lut.kind == "3-D, 129 points a side"
    assert np.abs(through(lut) - CODES**1.2).max() < 4 / 255


def test_a_baked_look_does_what_its_parameters_do():
    lut = read_lut(to_cube(GRADED, "grade", side=33), "grade.cube")
    wanted = keep_hues(fused.apply(CODES, "srgb", GRADED, "srgb", np.float32), "srgb")
    off = delta_e_2000(lab_from(through(lut), "srgb"), lab_from(wanted, "srgb"))
    assert off.mean() < 0.3
    assert np.percentile(off, 99) < 2


def test_a_ctf_keeps_the_formulas():
    lut = read_lut(to_ctf(GRADED, "grade"), "grade.ctf")
    assert lut.kind == "a formula"
    assert np.abs(through(lut) - fused.apply(CODES, "srgb", GRADED, "srgb", np.float32)).max() < 1e-4


def written_3dl(side=17, ends=(0, 1023)):
    grid = " ".join(str(round(each)) for each in np.linspace(*ends, side))
    axis = np.rint(np.linspace(0, 4095, side)).astype(int)
    rows = "\n".join(f"{r} {g} {b}" for r in axis for g in axis for b in axis)  # blue fastest
    return f"{grid}\n{rows}\n".encode()


def written_spi1d(body="0\n0.5\n1\n", head="Version 1\nFrom 0.0 1.0\nLength 3\nComponents 1\n"):
    return f"{head}{{\n{body}}}\n".encode()


def written_spi3d(side=3, rows=None):
    axis = np.linspace(0, 1, side)
    lines = [
        f"{i} {j} {k} {axis[i]} {axis[j]} {axis[k]}" for i in range(side) for j in range(side) for k in range(side)
    ]
    lines = lines if rows is None else lines[:rows]
    return ("SPILUT 1.0\n3 3\n" + f"{side} {side} {side}\n" + "\n".join(lines) + "\n").encode()


def written_csp(inputs="0.0 1.0"):
    shaper = f"2\n{inputs}\n0.0 1.0\n"
    axis = (0, 1)
    rows = "\n".join(f"{r} {g} {b}" for b in axis for g in axis for r in axis)
    return f"CSPLUTV100\n3D\n\nBEGIN METADATA\nEND METADATA\n\n{shaper * 3}\n2 2 2\n{rows}\n".encode()


CLF = """<?xml version="1.0" encoding="UTF-8"?>
<ProcessList id="a" compCLFversion="3"><Matrix inBitDepth="32f" outBitDepth="32f"><Array dim="3 3">
1 0 0 0 1 0 0 0 1</Array></Matrix></ProcessList>
"""


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (written_3dl(), "plain.3dl"),
        (written_spi1d(), "plain.spi1d"),
        (written_spi3d(), "plain.spi3d"),
        (written_csp(), "plain.csp"),
        (CLF.encode(), "plain.clf"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_each_format_that_does_nothing_changes_nothing(data, name):
    assert np.abs(through(read_lut(data, name)) - CODES).max() < 1e-3


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"", "look.txt", r"look.txt ends in '.txt'; a look is read from .cube, .png, .3dl"),
        (hald(4)[:400], "cut.png", "cut.png ends before its pixels do"),
        (
            cv2.imencode(".png", np.zeros((60, 64, 3), np.uint8))[1].tobytes(),
            "odd.png",
            "odd.png is 64 x 60 px; a Hald",
        ),
        (cv2.imencode(".png", np.zeros((100, 100, 3), np.uint8))[1].tobytes(), "odd.png", "is 100 x 100 px; a Hald"),
        (b"GIF89a" + bytes(50), "fake.png", "fake.png is no PNG picture"),
        (written_3dl()[:4000], "cut.3dl", "cut.3dl cannot be read as a look: .*3D LUT size"),
        (
            written_3dl(ends=(1023, 0)),
            "back.3dl",
            "back.3dl: the grid of inputs runs backwards or stands still: 1023 959",
        ),
        (written_3dl(ends=(512, 512)), "still.3dl", "still.3dl: the grid of inputs runs backwards or stands still"),
        (
            written_spi1d(head="Version 1\nFrom 1.0 0.0\nLength 3\nComponents 1\n"),
            "b.spi1d",
            "From 1.0 0.0 runs backwards",
        ),
        (written_spi1d("0\nnan\n1\n"), "nan.spi1d", "nan.spi1d line 7: 'nan' is not a number"),
        (written_spi1d("0\n1\n"), "cut.spi1d", "cut.spi1d cannot be read as a look"),
        (written_spi3d(rows=20), "cut.spi3d", "cut.spi3d"),
        (written_csp("1.0 0.0"), "back.csp", "back.csp: the red shaper runs backwards: 1.0 0.0"),
        (written_csp().replace(b"1 1 1", b"1 1 inf"), "inf.csp", "inf.csp line .*'inf' is not a number"),
        (CLF.encode()[:150], "cut.clf", "cut.clf ends before </ProcessList>"),
        (CLF.replace("1 0 0 0 1 0 0 0 1", "nan 0 0 0 1 0 0 0 1").encode(), "nan.clf", "nan.clf"),
        (CLF.replace("<Matrix", '<Reference path="/etc/passwd"/><Matrix').encode(), "ref.clf", "refers to other files"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + CLF.encode(), "dtd.ctf", "refers to other files"),
        (b"\x00" * 500, "zeros.3dl", "zeros.3dl cannot be read as a look"),
        (b"LUT_3D_SIZE 2\n" + b"0 0 0\n" * 7, "cut.cube", "the table ends after 7 lines"),
    ],
    ids=lambda each: each if isinstance(each, str) and " " not in each else "",
)
def test_a_file_that_does_not_hold_is_refused_by_name(data, name, message):
    with pytest.raises(DeclarationError, match=message) as refusal:
        read_lut(data, name)
    assert "/tmp" not in str(refusal.value)


@pytest.mark.data
def test_the_measurement_looks_are_read_and_the_broken_ones_refused(shared_data):
    refused = set()
    for path in sorted((shared_data / "luts").rglob("*.*")):
        try:
            lut = read_lut(path.read_bytes(), path.name)
        except DeclarationError:
            refused.add(path.name)
        else:
            assert np.isfinite(through(lut)).all()
    assert refused == {"ocio_error_truncated_file.3dl", "sony_spi1d_Exception_Raising.spi1d"}
