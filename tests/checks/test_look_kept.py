"""A second reading of the look: what it says is kept, what it does not say is found."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.checks.look_kept import check
from safelight.core.image import Image
from safelight.errors import ParameterError
from safelight.pixels.color import fused
from safelight.pixels.color.bake import to_ctf
from safelight.pixels.color.cube import read_cube
from safelight.pixels.color.grade import Grade, grade_transform
from safelight.pixels.color.look import cube_look, lut_look
from safelight.pixels.color.lut import read_lut
from safelight.pixels.color.lut_pieces import pieces_of
from safelight.pixels.color.spaces import matrix_between
from safelight.pixels.color.transforms import matrix
from safelight.pixels.measure.color_lut import finished_by, look_of

from .targets import judged, seen


def lut(size: int = 17, warm: float = 0.06) -> bytes:
    axis = np.linspace(0, 1, size)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    rows = np.stack([red**0.9 + warm * green, green**1.05, blue**1.2 * (1 - warm)], axis=-1).reshape(-1, 3)
    return f"LUT_3D_SIZE {size}\n".encode() + "\n".join(" ".join(f"{v:.6f}" for v in row) for row in rows).encode()


def capture(side: int = 160) -> np.ndarray:
    y, x = np.mgrid[0:side, 0:side] / side
    codes = np.stack([0.2 + 0.5 * x, 0.25 + 0.4 * y, 0.6 - 0.4 * x * y], axis=-1)
    return np.rint(codes * 65535).astype(np.uint16)


def looked(data: bytes, strength: float = 1.0) -> np.ndarray:
    cube = read_cube(data, "brand.cube")
    return fused.apply(capture(), "srgb", [cube_look(cube, "srgb", "srgb", strength)], "srgb", np.uint8)


def against(pixels, data, **look):
    expected = {"look": {"lut": "brand.cube", "strength": 1.0, **look}}
    return judged(
        check, seen(pixels, original=Image(capture(), "srgb"), expected=expected, resources={"brand.cube": data})
    )


def test_a_picture_that_has_its_look_passes():
    verdict, values, evidence = against(looked(lut()), lut())
    assert verdict.word == "pass" and values["worst_twentieth"] < 0.6
    assert evidence == ()


def test_a_picture_without_its_look_fails_and_shows_where():
    plain = (capture() // 257).astype(np.uint8)
    verdict, values, evidence = against(plain, lut())
    assert verdict.word == "fail" and values["typical"] > 2
    assert 0 < (evidence[0].box[2] - evidence[0].box[0]) * (evidence[0].box[3] - evidence[0].box[1]) < 0.5


def test_a_look_of_half_strength_is_not_the_look():
    assert against(looked(lut(), 0.5), lut(), strength=0.5)[0].word == "pass"
    assert against(looked(lut(), 0.5), lut())[0].word != "pass"


def test_a_correction_before_the_look_is_allowed_for():
    rows = np.diag([1.1, 1.0, 0.9])
    cube = read_cube(lut(), "brand.cube")
    painted = fused.apply(capture(), "srgb", [matrix(rows), cube_look(cube, "srgb", "srgb")], "srgb", np.uint8)
    assert against(painted, lut(), before=rows.ravel().tolist())[0].word == "pass"
    assert against(painted, lut())[0].word != "pass"


def test_no_look_asks_nothing():
    assert check.measure(seen(looked(lut()))).measures == ()


def test_a_raw_is_not_re_read_and_so_never_passes():
    original = Image(capture().astype(np.float32) / 65535, "linear_rec2020")
    subject = seen(looked(lut()), original=original, expected={"look": {"lut": "brand.cube"}})
    assert judged(check, subject)[0].word == "warn"


def test_a_lut_that_was_not_handed_over_is_refused():
    subject = seen(looked(lut()), original=Image(capture(), "srgb"), expected={"look": {"lut": "gone.cube"}})
    with pytest.raises(ParameterError, match=r"the look 'gone.cube' is not among the files"):
        check.measure(subject)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_the_second_reading_agrees_with_the_painter_to_a_code_value_in_ten_thousand(seed):
    cube = read_cube(lut(9), "brand.cube")
    codes = np.random.default_rng(seed).uniform(-0.1, 1.1, (50, 3)).astype(np.float32)
    from safelight.pixels.color.look import lut_transform

    painted = fused.paint_as_is(codes[None], lut_transform(cube))[0]
    assert look_of([cube], codes.astype(np.float64)) == pytest.approx(painted, abs=2e-5)


def in_3dl(side=17):
    grid = " ".join(str(round(each)) for each in np.linspace(0, 1023, side))
    axis = np.linspace(0, 1, side)
    rows = (
        f"{4095 * r**0.9:.0f} {4095 * g**1.05:.0f} {4095 * 0.9 * b**1.2:.0f}" for r in axis for g in axis for b in axis
    )
    return f"{grid}\n{chr(10).join(rows)}\n".encode()


def in_spi1d():
    body = "\n".join(f"{(0.02 + each / 40) ** 1.1:.6f}" for each in range(41))
    return f"Version 1\nFrom -0.1 1.3\nLength 41\nComponents 1\n{{\n{body}\n}}\n".encode()


def in_csp():
    shaper = "3\n0.0 0.5 1.5\n0.0 0.6 1.0\n"
    axis = np.linspace(0, 1, 5)
    rows = "\n".join(f"{r**0.8:.5f} {g:.5f} {b**1.1:.5f}" for b in axis for g in axis for r in axis)
    return f"CSPLUTV100\n3D\n\nBEGIN METADATA\nEND METADATA\n\n{shaper * 3}\n5 5 5\n{rows}\n".encode()


CLF = b"""<?xml version="1.0" encoding="UTF-8"?>
<ProcessList id="a" compCLFversion="3"><Matrix inBitDepth="32f" outBitDepth="32f"><Array dim="3 3">
0.9 0.1 0 0 1 0 0.05 0 0.95</Array></Matrix><LUT1D inBitDepth="32f" outBitDepth="32f"><Array dim="3 1">
0 0.6 1</Array></LUT1D></ProcessList>
"""


@pytest.mark.parametrize(
    ("data", "name"),
    [(in_3dl(), "a.3dl"), (in_spi1d(), "a.spi1d"), (in_csp(), "a.csp"), (CLF, "a.clf")],
    ids=["3dl", "spi1d", "csp", "clf"],
)
def test_a_look_of_any_format_with_tables_is_read_a_second_time(data, name):
    found = read_lut(data, name)
    codes = np.random.default_rng(8).uniform(-0.1, 1.2, (400, 3)).astype(np.float32)
    painted = fused.paint_as_is(codes[None], found.transform)[0]
    assert look_of(pieces_of(found), codes.astype(np.float64)) == pytest.approx(painted, abs=1e-4)

    given_ = {"original": Image(capture(), "srgb"), "expected": {"look": {"lut": name}}, "resources": {name: data}}
    right = fused.apply(capture(), "srgb", [lut_look(found, "srgb", "srgb")], "srgb", np.uint8)
    assert judged(check, seen(right, **given_))[0].word == "pass"
    assert judged(check, seen((capture() // 257).astype(np.uint8), **given_))[0].word == "fail"


def test_a_formula_has_no_second_reading_and_so_never_passes():
    data = to_ctf([grade_transform(Grade(contrast=0.3, saturation=1.2))], "grade")
    subject = seen(
        (capture() // 257).astype(np.uint8),
        original=Image(capture(), "srgb"),
        expected={"look": {"lut": "grade.ctf"}},
        resources={"grade.ctf": data},
    )
    verdict, values, _ = judged(check, subject)
    assert verdict.word == "warn" and values == {"typical": None}
    assert verdict.judged[0].measure.why.startswith("grade.ctf holds a formula")


def test_spaces_are_those_that_were_declared():
    cube = read_cube(lut(9), "brand.cube")
    codes = np.random.default_rng(1).uniform(0.2, 0.7, (40, 3)).astype(np.float32)
    painted = fused.apply(
        codes[None], "display_p3", [cube_look(cube, "adobe_rgb", "srgb")], "srgb", np.float32
    )[0]  # fmt: skip
    read = finished_by(codes, "display_p3", [cube], input_space="adobe_rgb", output_space="srgb")
    assert read == pytest.approx(np.clip(painted, 0, 1), abs=2e-4)
    assert matrix_between("display_p3", "srgb").shape == (3, 3)
