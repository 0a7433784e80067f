from __future__ import annotations

import pytest

from safelight.core import batch as told
from safelight.review.consistency import inconsistencies
from safelight.workflows.product_board import product_named, product_states
from safelight.workflows.products import Needs
from tests.review.story import Story

NEEDS = Needs({"packshot": ("front", "back")})


def view(story, name, side, *, color="", light="light-1", fill=85.0, white=(96.0, 0.0, 0.0), stops=0.2, look="a.cube"):
    story.file(name)
    sorted_as = {"path": name, "class": "pick", "stakes": "standard", "category": "packshot", "sku": "A1", "view": side}
    story.add(told.SORTED, f"asset-{name}", sorted_as | {"color": color, "lighting": light})
    steps = [{"step": "exposure", "params": {"stops": stops}}, {"step": "look", "params": {"lut": look}}]
    made = {"asset": f"asset-{name}", "edit_key": "e", "blobs": {"master": "m"}, "edit": {"steps": steps}}
    story.add(told.MADE, f"{name}-v1", made)
    colors = [
        {"name": f"neutrals_{axis}", "value": value, "word": "pass"} for axis, value in zip("Lab", white, strict=True)
    ]
    margins = [{"name": "fill", "value": fill, "word": "pass"}, {"name": "off_center_x", "value": 1.0, "word": "pass"}]
    verdicts = [
        {"check": "color_drift", "word": "pass", "measures": colors},
        {"check": "margins", "word": "pass", "measures": margins},
    ]
    story.add(told.JUDGED, f"{name}-v1", {"verdicts": verdicts})


def found(story):
    product = product_named(product_states(story.batch(), NEEDS), "A1")
    return {each.kind: each for each in inconsistencies(product)}


def test_views_that_belong_together_are_not_told_of():
    story = Story()
    view(story, "f.jpg", "front")
    view(story, "b.jpg", "back", white=(95.0, 0.4, 0.4), fill=60.0)  # another view has another outline
    assert found(story) == {}


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        ("color", {"white": (96.0, 0.0, 6.0)}, "what is nearly gray in the two lies ΔE00"),
        ("light", {"light": "light-2"}, "taken in different light (light-1 and light-2)"),
        ("exposure", {"stops": 0.9}, "corrected by"),
        ("grade", {"look": "b.cube"}, "graded apart: look"),
    ],
)
def test_views_of_one_colorway_are_held_against_each_other(kind, change, words):
    story = Story()
    view(story, "f.jpg", "front")
    view(story, "b.jpg", "back", **change)
    assert words in found(story)[kind].text
    assert found(story)[kind].files == ("b.jpg", "f.jpg")


def test_one_view_in_two_colorways_has_one_size_and_may_differ_in_color():
    story = Story()
    view(story, "red.jpg", "front", color="red", fill=84.0)
    view(story, "blue.jpg", "front", color="blue", fill=90.5, white=(80.0, 20.0, 20.0))
    told_of = found(story)
    assert set(told_of) == {"framing"}
    assert told_of["framing"].value == pytest.approx(6.5)


def test_the_measure_grows_with_the_difference():
    values = []
    for apart in (6.0, 8.0, 12.0):
        story = Story()
        view(story, "red.jpg", "front", color="red", fill=80.0)
        view(story, "blue.jpg", "front", color="blue", fill=80.0 + apart)
        values.append(found(story)["framing"].value)
    assert values == sorted(values)
