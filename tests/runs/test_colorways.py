"""The colors of goods in a cull, by the thumbnails of what goes on (R54)."""

from __future__ import annotations

import json

import numpy as np
import pytest

from safelight.runs.colorways import measure_small, with_colorways
from safelight.runs.intake import take_in
from safelight.runs.journal import Journal
from safelight.runs.sort import COLORWAY, FACTS_STEPS, name_frames, similar_frames, sort_frames
from safelight.runs.task import IntakeTask, Sizes
from safelight.store import Store
from safelight.store.originals import Reference
from safelight.workflows.shot_list import NO_SHOTS
from tests.shoots import jpeg

from .test_sort import GUIDE

STEPS = tuple(each for each in FACTS_STEPS if each != "people")
RED, BLUE = (150, 24, 30), (30, 60, 160)


def garment(color, seed, cast=(1.0, 1.0, 1.0)):
    """Return a woven square of one color before white paper, 8 bits."""
    rng = np.random.default_rng(seed)
    picture = np.full((1100, 1200, 3), 215.0)
    weave = rng.normal(0, 9, (700, 600, 1)) + 18 * (np.arange(600)[None, :, None] // 11 % 2)
    left = 250 + 40 * seed
    picture[200:900, left : left + 600] = np.asarray(color) + weave
    return np.clip(picture * np.asarray(cast), 0, 255).astype(np.uint8)


@pytest.fixture
def shoot(tmp_path):
    """Return a function that takes pictures in as a cull does, sorts them and names their colors."""
    with Store.create(tmp_path / "s") as store:
        journal, asked = Journal(store, "b"), []

        def answers(work):
            for name, function, payload in work:
                asked.append(name)
                yield name, function(payload), None

        def culled(pictures):
            found = {}
            for n, (name, pixels) in enumerate(pictures.items()):
                path = tmp_path / name
                path.write_bytes(jpeg(pixels, taken=f"2026:03:01 1{n}:00:00"))
                known = path.stat()
                reference = Reference(str(path), known.st_size, known.st_mtime_ns, "")
                task = IntakeTask(reference, STEPS, str(store.root), Sizes(1600, 1600, 320), cull_only=True)
                found[name] = json.loads(json.dumps(take_in(task)))
            named = name_frames(found, GUIDE, NO_SHOTS)
            frames = sort_frames(found, named, similar_frames(found, named, GUIDE.culling), GUIDE)
            return {each.path: each for each in with_colorways(frames, found, journal, str(store.root), answers)}

        culled.asked = asked
        yield culled


def test_views_of_an_article_are_sorted_by_the_color_of_the_goods(shoot):
    told = shoot(
        {
            "WJ12_front.jpg": garment(RED, 0),
            "WJ12_back.jpg": garment(RED, 1),
            "WJ12_side.jpg": garment(BLUE, 2),
        }
    )
    assert {name: each.colorway for name, each in told.items()} == {
        "WJ12_front.jpg": "red",
        "WJ12_back.jpg": "red",
        "WJ12_side.jpg": "blue",
    }
    assert told["WJ12_side.jpg"].to_data()["colorway"] == "blue"


def test_the_paper_says_what_is_the_light_and_what_the_goods(shoot):
    gray = (120, 121, 122)
    told = shoot({"WJ12_front.jpg": garment(gray, 0), "WJ12_back.jpg": garment(gray, 1, cast=(1.0, 0.94, 0.86))})
    assert {each.colorway for each in told.values()} == {"gray"}


def test_what_shows_no_article_or_stays_behind_is_not_looked_at(shoot):
    dark = (garment(RED, 1) * 0.1).astype(np.uint8)
    told = shoot({"IMG_0001.jpg": garment(RED, 0), "WJ12_front.jpg": dark})
    assert told["WJ12_front.jpg"].cull == "reject"
    assert {each.colorway for each in told.values()} == {""}
    assert shoot.asked == []


def test_what_was_measured_is_known(shoot):
    pictures = {"WJ12_front.jpg": garment(RED, 0)}
    assert shoot(pictures) == shoot(pictures)
    assert len(shoot.asked) == 1


def test_thumbnails_name_the_colors_that_a_run_names(shared_data, tmp_path):
    home = shared_data / "ecommerce" / "catalogue"
    same = tries = 0
    with Store.create(tmp_path / "s") as store:
        from safelight.runs.colorways import _look

        for path in sorted(home.glob("*.jpg"))[::4]:
            known = path.stat()
            reference = Reference(str(path), known.st_size, known.st_mtime_ns, "")
            steps = ("metering", COLORWAY)
            found = take_in(IntakeTask(reference, steps, str(store.root), Sizes(1600, 1600, 320), cull_only=True))
            by_thumbnail = measure_small(_look(found, str(store.root)))
            same, tries = same + (by_thumbnail["name"] == found["facts"][COLORWAY]["facts"]["name"]), tries + 1
    assert tries == 16
    assert same >= 15
