import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.pixels.color.spaces import convert
from safelight.pixels.measure.colorway import NAMES, Colorway, Swatch, group_colorways, measure_colorway, name_of
from safelight.workflows.category import COLORS


def picture(code, backdrop="#e8e8e8", skin=None, size=240):
    """A product of one color on paper, with folds of light and shade, and hands of the color `skin`."""

    def light(text):
        rgb = np.array([[int(text[at : at + 2], 16) / 255 for at in (1, 3, 5)]], np.float32)
        return convert(rgb, "srgb", "linear_rec2020")[0]

    rng = np.random.default_rng(0)
    made = np.broadcast_to(light(backdrop), (size, size, 3)).copy()
    folds = 0.75 + 0.35 * np.sin(np.linspace(0, 18, size))[None, :, None]
    y, x = np.mgrid[:size, :size] / size
    body = (np.abs(x - 0.5) < 0.22) & (np.abs(y - 0.5) < 0.34)
    made = np.where(body[..., None], light(code) * folds, made)
    if skin:
        arms = (np.abs(np.abs(x - 0.5) - 0.29) < 0.05) & (np.abs(y - 0.5) < 0.3)
        made = np.where(arms[..., None], light(skin), made)
    return (made * (1 + 0.01 * rng.normal(size=made.shape))).astype(np.float32)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("#c4202c", "red"),
        ("#1f4fc4", "blue"),
        ("#1c2444", "navy"),
        ("#1f7a45", "green"),
        ("#f0cf3a", "yellow"),
        ("#5b2f9e", "purple"),
        ("#141416", "black"),
        ("#f2b6c6", "pink"),
        ("#e87a24", "orange"),
        ("#11706e", "teal"),
    ],
)
def test_a_product_is_named_by_its_color_in_light_and_shade(code, name):
    assert measure_colorway(picture(code)).name == name


@pytest.mark.parametrize("backdrop", ["#ffffff", "#c8c8c8", "#404040", "#9fc4e8", "#e8c4c4"])
def test_the_backdrop_has_no_say(backdrop):
    assert measure_colorway(picture("#1f7a45", backdrop)).name == "green"


@pytest.mark.parametrize("skin", ["#f1c9a5", "#c68a5e", "#8d5a3b", "#5a3825"])
def test_skin_of_every_tone_is_left_out(skin):
    found = measure_colorway(picture("#1f4fc4", skin=skin))
    assert found.name == "blue"
    assert not {"brown", "camel", "beige"} & {each.name for each in found.swatches}


def test_a_product_of_skins_own_color_stays():
    assert measure_colorway(picture("#a68458")).name == "camel"


def test_a_matte_says_what_the_subject_is():
    rgb = picture("#c4202c")
    alpha = np.zeros(rgb.shape[:2], np.float32)
    alpha[:20, :20] = 1
    assert measure_colorway(rgb, alpha).name in ("white", "silver")


def test_every_name_is_one_that_file_names_may_hold():
    assert set(NAMES) <= COLORS
    assert len(NAMES) == 25


def test_each_anchor_has_its_own_name():
    assert name_of((0.2, 0.0, 0.0)) == "black"
    assert name_of((0.6, 0.0, 0.0)) == "gray"


def view(lightness, a, b):
    return Colorway((Swatch((lightness, a, b), 1.0, name_of((lightness, a, b))),), 1.0)


def test_recolors_of_one_product_are_kept_apart_and_views_of_one_colorway_joined():
    colors = {"red": "#c4202c", "blue": "#1f4fc4", "black": "#141416"}
    found = {f"{n}_{v}": measure_colorway(picture(c, b)) for n, c in colors.items() for v, b in
             (("front", "#e8e8e8"), ("back", "#b0b0b0"))}  # fmt: skip
    assert group_colorways(found) == {n: (f"{n}_back", f"{n}_front") for n in sorted(colors)}


def test_two_colorways_of_one_name_are_numbered():
    found = group_colorways({"a": view(0.45, -0.02, -0.2), "b": view(0.55, -0.02, -0.11)}, limit=0.03)
    assert list(found) == ["blue", "blue 2"]


def test_a_view_without_a_subject_stands_alone():
    assert group_colorways({"a": view(0.5, 0.2, 0.1), "b": Colorway((), 0.0)}) == {"red": ("a",), "": ("b",)}


colors = st.builds(view, st.floats(0.1, 0.95), st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))


@given(found=st.dictionaries(st.text("abcdef", min_size=1, max_size=2), colors, max_size=6))
def test_every_view_is_in_one_colorway_whatever_their_order(found):
    groups = group_colorways(found)
    assert sorted(each for views in groups.values() for each in views) == sorted(found)
    assert group_colorways(dict(reversed(found.items()))) == groups


@pytest.mark.parametrize(
    "rgb",
    [
        np.zeros((1, 1, 3), np.float32),
        np.full((40, 40, 3), np.nan, np.float32),
        np.full((40, 40, 3), np.inf, np.float32),
        np.full((5, 400, 3), -1, np.float32),
        np.full((30, 30, 3), 0.5, np.float32),
    ],
)
def test_pictures_without_anything_in_them_give_an_answer(rgb):
    found = measure_colorway(rgb)
    assert found.name == "" or found.name in NAMES


def test_the_same_picture_gives_the_same_colors():
    rgb = picture("#8d5a3b", skin="#f1c9a5")
    assert measure_colorway(rgb) == measure_colorway(rgb.copy())


def test_turning_and_mirroring_change_no_name():
    rgb = picture("#11706e", skin="#c68a5e")
    for turned in (np.rot90(rgb), np.flipud(rgb), np.fliplr(rgb), np.rot90(rgb, 2)):
        assert measure_colorway(np.ascontiguousarray(turned)).name == "teal"
