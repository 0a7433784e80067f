import numpy as np

from safelight.core.image import Image
from safelight.core.step import Member, Picture
from safelight.steps.colorway import step
from tests.pixels.measure.test_colorway import picture


def proposed(rgb):
    size = (rgb.shape[1], rgb.shape[0])
    return step.propose(Picture(Image(rgb, "linear_rec2020"), size), None, {}, None)


def test_a_frame_says_its_color_with_its_share_and_why():
    found = proposed(picture("#1f7a45"))
    assert found.facts["name"] == "green"
    assert found.facts["colors"][0]["share"] > 0.9
    assert found.reasons[0].text.startswith("green over ")
    assert found.confidence.value > 0.8


def test_an_empty_frame_is_not_named_surely():
    found = proposed(np.full((60, 60, 3), 0.8, np.float32))
    assert found.confidence.value < 0.8


def test_the_views_of_an_article_are_sorted_into_its_colorways():
    members = [
        Member(name, "", name, {"colorway": proposed(picture(code, paper)).facts})
        for name, code, paper in (("a", "#c4202c", "#ffffff"), ("b", "#c4202c", "#b0b0b0"), ("c", "#1c2444", "#ffffff"))
    ]
    assert step.gather(members, {})["colorways"] == {"navy": ["c"], "red": ["a", "b"]}
    assert step.gather([Member("d", "", "d", {})], {})["colorways"] == {"": ["d"]}
