"""Look: LUTs of every kind against interpolation written out, and files that are refused by line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.core.edit import Artifact
from safelight.core.image import Image
from safelight.core.step import Picture
from safelight.errors import DeclarationError
from safelight.pixels.color import fused
from safelight.pixels.color.cube import read_cube
from safelight.pixels.color.look import cube_look, lut_transform
from safelight.steps.look.step import PARAMS, step

CODES = np.random.default_rng(4).random((40, 50, 3)).astype(np.float32)


class Guide:
    """Tools of a run whose style guide brings one file."""

    def __init__(self, data: bytes) -> None:
        self.data, self.kept = data, {}

    def resource(self, name):
        assert name == "looks/client.cube"
        return self.data

    def put(self, kind, data, media_type):
        self.kept[kind] = data
        return Artifact(kind, kind, media_type)

    def get(self, artifact):
        return self.kept[artifact.sha256]


def written(head, rows):
    return (head + "\n".join(f"{r:.7g} {g:.7g} {b:.7g}" for r, g, b in rows) + "\n").encode()


def cube_3d(table, head=""):
    return written(f'TITLE "made"\n{head}LUT_3D_SIZE {len(table)}\n', table.reshape(-1, 3))


def lattice(side, low=(0, 0, 0), high=(1, 1, 1)):
    axes = [np.linspace(a, b, side) for a, b in zip(low, high, strict=True)]
    blue, green, red = np.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
    return np.stack([red, green, blue], axis=-1)


def warm(side=9):
    """A look that bends, tints and mixes channels."""
    at = lattice(side)
    out = 0.9 * at**1.2 + 0.05 * at[..., ::-1] * at + np.array([0.03, 0.01, 0.0])
    return np.clip(out, 0, 1)


def tetrahedral(table, codes, low=(0, 0, 0), high=(1, 1, 1)):
    """Six tetrahedra a cell; the order of the fractions picks one."""
    side = len(table)
    place = (np.clip((codes - low) / (np.array(high) - low), 0, 1) * (side - 1)).reshape(-1, 3)
    cell = np.minimum(place.astype(int), side - 2)
    rest = place - cell
    order = np.argsort(-rest, axis=1, kind="stable")
    corner = cell.copy()
    fractions = np.take_along_axis(rest, order, axis=1)
    weights = np.column_stack([1 - fractions[:, 0], -np.diff(fractions, axis=1), fractions[:, 2]])
    out = weights[:, :1] * table[corner[:, 2], corner[:, 1], corner[:, 0]]
    for n in range(3):
        np.put_along_axis(corner, order[:, n : n + 1], np.take_along_axis(corner, order[:, n : n + 1], 1) + 1, axis=1)
        out = out + weights[:, n + 1 : n + 2] * table[corner[:, 2], corner[:, 1], corner[:, 0]]
    return out.reshape(codes.shape)


def linear(line, codes, low=(0, 0, 0), high=(1, 1, 1)):
    out = [np.interp(codes[..., n], np.linspace(low[n], high[n], len(line)), np.asarray(line)[:, n]) for n in range(3)]
    return np.stack(out, axis=-1)


def through(data, codes=CODES, **params):
    """What a picture of sRGB code values looks like after the step."""
    view = step.paint(PARAMS.accept({"lut": "looks/client.cube"} | params, fill=True), Guide(data), {})
    return fused.apply(codes, "srgb", [view], "srgb", np.float32)


def test_a_3d_lut_is_read_tetrahedrally():
    assert np.abs(through(cube_3d(warm())) - tetrahedral(warm(), CODES)).max() < 1e-4


def test_a_3d_lut_over_another_domain_is_stretched_to_it():
    low, high = (-0.1, 0.0, 0.1), (1.2, 1.5, 0.9)
    data = cube_3d(warm(), "DOMAIN_MIN -0.1 0 0.1\nDOMAIN_MAX 1.2 1.5 0.9\n")
    assert np.abs(through(data) - tetrahedral(warm(), CODES, low, high)).max() < 1e-4


def test_a_1d_lut_is_read_linearly():
    line = np.column_stack([np.linspace(0, 1, 17) ** p for p in (0.8, 1.0, 1.3)])
    data = written("LUT_1D_SIZE 17\n", line)
    assert np.abs(through(data) - linear(line, CODES)).max() < 1e-4


def test_a_shaper_comes_before_the_table():
    line = np.repeat(np.linspace(0, 1, 33)[:, None] ** 0.5, 3, axis=1)
    rows = np.concatenate([line, warm(5).reshape(-1, 3)])
    data = written("LUT_1D_SIZE 33\nLUT_3D_SIZE 5\n", rows)
    assert np.abs(through(data) - tetrahedral(warm(5), linear(line, CODES))).max() < 1e-4


def test_a_lut_that_does_nothing_changes_nothing():
    assert np.abs(through(cube_3d(lattice(5))) - CODES).max() < 1e-5
    painted = step.paint(PARAMS.accept({"lut": "looks/client.cube"}, fill=True), Guide(cube_3d(lattice(17))), {})
    codes = np.random.default_rng(0).integers(0, 256, (60, 60, 3)).astype(np.uint8)
    assert np.abs(fused.apply(codes, "srgb", [painted], "srgb", np.uint8).astype(int) - codes).max() <= 1


def test_no_lut_is_no_look():
    view = step.paint(PARAMS.defaults(), Guide(b""), {})
    assert (fused.apply(CODES, "srgb", [view], "srgb", np.float32) - CODES).max() < 1e-5


@given(st.floats(0, 1))
@settings(max_examples=10)
def test_strength_mixes_code_values(strength):
    strength = round(strength, 2)
    mixed = CODES + strength * (tetrahedral(warm(), CODES) - CODES)
    assert np.abs(through(cube_3d(warm()), strength=strength) - mixed).max() < 2e-4


def test_half_a_look_between_two_spaces_is_half_way_in_the_output():
    data, wanted = cube_3d(warm(33)), {"input_space": "adobe_rgb", "output_space": "display_p3"}
    full, half = (through(data, strength=each, **wanted) for each in (1.0, 0.5))
    to_p3 = lambda codes: fused.apply(codes, "srgb", (), "display_p3", np.float32)  # noqa: E731
    expected = (to_p3(CODES) + to_p3(full)) / 2
    assert np.abs(to_p3(half) - expected).max() < 5e-3  # sampled anew at 65 points a side


def test_the_lut_works_in_the_space_that_is_declared():
    data = cube_3d(warm())
    codes = fused.apply(CODES, "srgb", (), "adobe_rgb", np.float32)
    expected = fused.apply(tetrahedral(warm(), codes).astype(np.float32), "adobe_rgb", (), "srgb", np.float32)
    assert np.abs(through(data, input_space="adobe_rgb", output_space="adobe_rgb") - expected).max() < 2e-4


def test_what_lies_beyond_the_domain_is_held_and_not_a_number_does_no_harm():
    codes = np.float32([[[2.0, 2.0, 2.0], [-1.0, -1.0, -1.0], [np.nan, 0.5, 0.5], [0.5, 0.5, 0.5]]])
    out = through(cube_3d(warm()), codes)
    assert out[0, 0] == pytest.approx(warm()[-1, -1, -1], abs=1e-4)
    assert out[0, 1] == pytest.approx(warm()[0, 0, 0], abs=1e-4)
    assert np.isfinite(out[0, 2]).all()
    assert out[0, 3] == pytest.approx(tetrahedral(warm(), codes[:, 3:])[0, 0], abs=1e-4)


def test_a_lut_that_keeps_grays_keeps_them():
    gray = np.repeat(np.linspace(0, 1, 256, dtype=np.float32)[None, :, None], 3, axis=2)
    table = lattice(9) ** 1.4
    out = through(cube_3d(table), gray)
    assert np.ptp(out, axis=2).max() < 1e-5


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "bad.cube has neither LUT_1D_SIZE nor LUT_3D_SIZE"),
        (b"LUT_3D_SIZE 2\n0 0 0\n1 1 1\n", "line 3: the table ends after 2 lines of numbers; LUT_3D_SIZE 2 takes 8"),
        (b"LUT_1D_SIZE 2\n0 0 0\n1 1 1\n1 1 1\n", "line 4: the table goes on to 3 lines"),
        (b"LUT_1D_SIZE 2\n0 0 0\nnan 1 1\n", r"line 3: 'nan 1 1' is not 3 numbers"),
        (b"LUT_1D_SIZE 2\n0 0 0\n1 inf 1\n", r"line 3: '1 inf 1' is not 3 numbers"),
        (b"LUT_1D_SIZE 2\n# fine\n0 0\n1 1 1\n", r"line 3: '0 0' is not 3 numbers"),
        (b"LUT_1D_SIZE 2\n0 0\n1 1 1 1\n", r"line 2: '0 0' is not 3 numbers"),
        (b"LUT_1D_SIZE 2\n0 0 0\n1 1 1O\n", r"line 3: '1 1 1O' is not 3 numbers"),
        (b"LUT_3D_SIZE 1\n0 0 0\n", "line 1: LUT_3D_SIZE is 1; it takes a whole number from 2 to 129"),
        (b"LUT_3D_SIZE 500\n0 0 0\n", "takes a whole number from 2 to 129"),
        (b"LUT_3D_SIZE 2.5\n0 0 0\n", "takes a whole number"),
        (b"LUT_OUT_VIDEO_RANGE\nLUT_3D_SIZE 2\n", "line 1: 'LUT_OUT_VIDEO_RANGE' is no keyword"),
        (b"LUT_1D_SIZE 2\nLUT_1D_SIZE 2\n0 0 0\n1 1 1\n", "line 2: LUT_1D_SIZE is said twice"),
        (b"LUT_1D_SIZE 2\n0 0 0\nDOMAIN_MIN 0 0 0\n1 1 1\n", "line 3: DOMAIN_MIN stands behind numbers"),
        (b"LUT_1D_SIZE 2\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 0 1\n0 0 0\n1 1 1\n", "not below DOMAIN_MAX"),
        (b"LUT_3D_INPUT_RANGE 1 0\nLUT_3D_SIZE 2\n", "line 1: .* the first must be below the second"),
        (bytes(range(256)) * 20, "bad.cube"),
    ],
)
def test_a_file_that_does_not_hold_is_refused_by_line(data, message):
    with pytest.raises(DeclarationError, match=message):
        read_cube(data, "bad.cube")


def test_comments_carriage_returns_and_a_byte_order_mark_are_passed_over():
    cube = read_cube(
        b'\xef\xbb\xbfTITLE "Film"\r\n# made\r\nLUT_1D_SIZE 2\r\n\r\n0 0 0\r\n# between\r\n1 1 1\r\n', "a.cube"
    )
    assert cube.title == "Film"
    assert cube.line.tolist() == [[0, 0, 0], [1, 1, 1]]


def propose(data, light=None, **wanted):
    light = np.full((40, 60, 3), 0.2, np.float32) if light is None else light
    guide = Guide(data)
    picture = Picture(Image(light, "linear_rec2020"), (60, 40))
    return step.propose(picture, None, wanted, guide), guide


def test_the_lut_is_kept_with_the_edit():
    proposal, guide = propose(cube_3d(warm()), lut="looks/client.cube")
    assert guide.kept["lut"] == guide.data
    guide.data = b"the guide has changed"
    view = step.paint(proposal.params, guide, proposal.artifacts)
    painted = fused.apply(CODES, "srgb", [view], "srgb", np.float32)
    assert np.abs(painted - tetrahedral(warm(), CODES)).max() < 1e-4


def test_the_proposal_says_how_far_colors_move():
    proposal, _ = propose(cube_3d(warm()), lut="looks/client.cube")
    assert proposal.facts["mean_delta_e"] > 1
    assert "moves colors by ΔE00" in proposal.reasons[0].text
    assert proposal.confidence.value > 0.8


def test_a_look_that_clips_the_picture_is_doubted():
    light = np.random.default_rng(0).uniform(0.1, 0.9, (40, 60, 3)).astype(np.float32)
    proposal, _ = propose(cube_3d(np.clip(lattice(17) * 1.6, 0, 1)), light, lut="looks/client.cube")
    assert proposal.confidence.value < 0.4
    assert any(each.code == "look_clips" and each.doubt for each in proposal.reasons)


def test_a_guide_without_a_look_gets_none():
    proposal, guide = propose(b"")
    assert proposal.params["lut"] == ""
    assert not guide.kept


@pytest.mark.data
def test_real_cube_files_agree_with_numpy(shared_data):
    folder = shared_data / "luts" / "cube"
    nilut = read_cube((folder / "nilut_LUT01_33.cube").read_bytes(), "nilut")
    painted = fused.paint_as_is(CODES, lut_transform(nilut))
    assert np.abs(painted - tetrahedral(nilut.table, CODES)).max() < 1e-5
    eotf = read_cube((folder / "iridas_cube_eotf_sRGB_3D.cube").read_bytes(), "eotf")
    painted = fused.paint_as_is(CODES, lut_transform(eotf))
    assert np.abs(painted - tetrahedral(eotf.table, CODES, *eotf.table_domain)).max() < 1e-5
    demo = read_cube((folder / "iridas_cube_Demo.cube").read_bytes(), "demo")
    assert (
        np.abs(fused.paint_as_is(CODES, lut_transform(demo)) - linear(demo.line, CODES, *demo.line_domain)).max() < 1e-5
    )
    for name in ("resolve_cube_LogC_Video.cube", "resolve_cube_Three_Dimensional_Table_With_Shaper.cube"):
        both = read_cube((folder / name).read_bytes(), name)
        expected = tetrahedral(both.table, linear(both.line, CODES, *both.line_domain), *both.table_domain)
        assert np.abs(fused.paint_as_is(CODES, lut_transform(both)) - expected).max() < 1e-5


@pytest.mark.data
def test_a_truncated_real_file_is_refused(shared_data):
    data = (shared_data / "luts" / "cube" / "nilut_LUT01_33.cube").read_bytes()
    with pytest.raises(DeclarationError, match=r"line \d+: (the table ends after \d+ lines|'.*' is not 3 numbers)"):
        read_cube(data[:500_000], "nilut_LUT01_33.cube")


def test_a_look_builds_in_every_pair_of_spaces():
    cube = read_cube(cube_3d(warm(3)), "warm")
    for one in PARAMS["input_space"].choices:
        for other in PARAMS["output_space"].choices:
            view = cube_look(cube, one, other, 0.5)
            assert np.isfinite(fused.apply(CODES, "srgb", [view], "srgb", np.float32)).all()
