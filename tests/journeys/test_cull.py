"""``safelight cull``: a folder goes in, classes and a contact sheet come out."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from tests.shoots import jpeg, product

from .cli import lines, safelight


@pytest.fixture(scope="module")
def culled(tmp_path_factory):
    home = tmp_path_factory.mktemp("cull")
    shoot = home / "card"
    shoot.mkdir()
    sharp = product(seed=4, width=1300, height=1000)
    frames = {
        "one.jpg": sharp,
        "two.jpg": np.roll(sharp, 4, axis=1),
        "soft <b>.jpg": cv2.GaussianBlur(product(seed=9, width=1300, height=1000), (0, 0), 4),
    }
    for n, (name, pixels) in enumerate(frames.items()):
        (shoot / name).write_bytes(jpeg(pixels, taken=f"2026:03:01 10:00:0{n}"))
    clutter = np.random.default_rng(1).integers(20, 230, (25, 33, 3), np.uint8)
    busy = cv2.resize(clutter, (1300, 1000), interpolation=cv2.INTER_NEAREST)
    busy[250:750, 400:900] = product(seed=6, width=1300, height=1000)[250:750, 400:900]
    (shoot / "busy.jpg").write_bytes(jpeg(busy, taken="2026:03:01 12:30:00"))
    (shoot / "cut.jpg").write_bytes((shoot / "one.jpg").read_bytes()[:20_000])
    done = safelight("cull", shoot, "--json", folder=home, code=3)
    return home, done


def test_every_file_has_a_class_and_every_class_a_confidence(culled):
    _, done = culled
    told = {each["file"]: each for each in lines(done)}
    assert {name: each["class"] for name, each in told.items()} == {
        "busy.jpg": "pick",
        "one.jpg": "pick",
        "two.jpg": "alternate",
        "soft <b>.jpg": "reject",
        "cut.jpg": "unreadable",
    }
    assert all(0.3 < told[name]["confidence"] <= 1 for name in ("one.jpg", "two.jpg", "soft <b>.jpg"))
    assert told["soft <b>.jpg"]["confidence"] > 0.9


def test_the_contact_sheet_shows_every_frame_with_its_reasons(culled):
    home, done = culled
    place = Path(re.search(r"contact sheet: (\S+)", done.stderr).group(1))
    assert place == home / "out" / "card" / "contact.html"
    page = place.read_text("utf-8")
    assert "Group g01" in page
    assert re.search(r"[Oo]ne\.jpg goes first in g01: ", page)
    assert "unknown" not in page
    assert "Could not be read" in page
    assert "cut.jpg is a cut JPEG" in page
    assert "soft &lt;b&gt;.jpg" in page
    assert "<b>.jpg" not in page
    assert 'http-equiv="refresh"' not in page
    assert "The number beside a class is the chance that you leave it as it is" in page
    for each in ("pick", "unreadable"):  # counts lead to where the frames stand
        assert f'href="#{each}"' in page
        assert f'id="{each}"' in page
    for each in re.findall(r'src="(thumbnails/[^"]+)"', page):
        with Pillow.open(place.parent / each) as seen:
            assert max(seen.size) == 320


def test_a_busy_background_is_told_before_anything_is_retouched(culled):
    home, done = culled
    told = {each["file"]: each["outside"] for each in lines(done) if each["class"] != "unreadable"}
    (said,) = told.pop("busy.jpg")
    assert re.fullmatch(r"a busy background or a close-up: structure along \d\d% of the frame's rim, limit 15%", said)
    assert set(map(tuple, told.values())) == {()}
    assert "of the frame&#39;s rim, limit 15%" in (home / "out" / "card" / "contact.html").read_text("utf-8")


def test_views_of_an_article_come_with_the_color_of_the_goods(tmp_path):
    shoot = tmp_path / "packshots"
    shoot.mkdir()
    for n, (view, color) in enumerate({"front": (150, 24, 30), "back": (146, 22, 29), "side": (30, 60, 160)}.items()):
        pixels = np.full((1000, 1300, 3), 214, np.uint8)
        pixels[200:800, 300 + 90 * n : 900 + 90 * n] = color
        noise = np.random.default_rng(n).normal(0, 8, pixels.shape[:2])[..., None]
        pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
        (shoot / f"WJ12_{view}.jpg").write_bytes(jpeg(pixels, taken=f"2026:03:01 1{n}:00:00"))
    done = safelight("cull", shoot, "--json", folder=tmp_path)
    assert {each["view"]: each["colorway"] for each in lines(done)} == {"front": "red", "back": "red", "side": "blue"}
    assert "WJ12, front, red" in (tmp_path / "out" / "packshots" / "contact.html").read_text("utf-8")


def test_a_second_cull_measures_nothing_and_says_the_same(culled):
    home, first = culled
    before = {each: each.stat().st_mtime_ns for each in (home / "out" / "card" / "thumbnails").iterdir()}
    again = safelight("cull", home / "card", "--json", folder=home, code=3)
    assert lines(again) == lines(first)
    assert "intake: 0" not in again.stderr
    assert {each: each.stat().st_mtime_ns for each in (home / "out" / "card" / "thumbnails").iterdir()} == before


def test_a_new_frame_joins_the_sheet(culled):
    home, _ = culled
    (home / "card" / "three.jpg").write_bytes(jpeg(product(seed=21, width=1300, height=1000)))
    told = {each["file"]: each for each in lines(safelight("cull", home / "card", "--json", folder=home, code=3))}
    assert told["three.jpg"]["class"] == "pick"
    assert "three.jpg" in (home / "out" / "card" / "contact.html").read_text("utf-8")
