"""What the light table tells besides the picture: a phone, a crop, colors under the pointer, lineage, faces."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import pyvips
from playwright.sync_api import expect

from tests.web import floor as floors
from tests.web.conftest import desk_at, enter
from tests.web.test_journeys import SHARP, read_out, review

PORTRAITS = floors.ROOT.parent / "shared" / "data" / "portraits-hands"
# A page's own pictures can't be fetched (its content policy), so that what it shows is kept where it is made.
KEEP = """() => {
  const make = URL.createObjectURL;
  window.shownBlobs = [];
  URL.createObjectURL = (blob) => (window.shownBlobs.push(blob), make.call(URL, blob));
}"""
KEPT = "async () => [...new Uint8Array(await window.shownBlobs.at(-1).arrayBuffer())]"
BYTES = "async (src) => [...new Uint8Array(await (await fetch(src)).arrayBuffer())]"

LIT = """() => {
  const face = document.querySelector('.faces canvas');
  if (!face?.width || !face.height) return false;
  const codes = face.getContext('2d').getImageData(0, 0, face.width, face.height).data;
  return codes.some((each, i) => i % 4 === 0 && each > 60);
}"""


@pytest.fixture(scope="module")
def briefed(shoot, browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("briefed")
    shutil.copytree(shoot.parent / "untouched", folder / "store")
    floors.brief(folder / "store")
    with floors.served(folder / "store") as served:
        yield served, enter(browser, served.link, folder / "noa.json", "Noa Lind", "noa")


@pytest.fixture
def briefed_desk(briefed, browser, request):
    served, admin = briefed
    yield from desk_at(served, browser, admin, request)


def picture_at(page, src):
    """A picture of the server, as the page gets it."""
    return pyvips.Image.new_from_buffer(bytes(page.evaluate(BYTES, src)), "")


def version_of(page):
    """The version whose picture is on the stage."""
    return page.locator(".stage").get_attribute("data-slide")


def test_a_phone_shows_what_a_shop_makes_of_the_picture(desk):
    page = review(desk, "BOX-10")
    page.evaluate(KEEP)
    page.get_by_role("button", name="As a phone shows it").click()
    phone = page.get_by_role("dialog", name="As a phone shows it")
    phone.get_by_role("img").wait_for()
    data = bytes(page.evaluate(KEPT))
    picture = pyvips.Image.new_from_buffer(data, "")
    assert max(picture.width, picture.height) == 780  # 390 CSS px at two device px each
    expect(phone.get_by_text(f"{round(len(data) / 1000)} kB at 780 px")).to_have_count(1)
    # Color is halved both ways, as shops do it: the first component has two by two samples for one of the others.
    assert data[data.index(b"\xff\xc0") + 11] == 0x22
    phone.get_by_role("slider").focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    phone.get_by_text("JPEG quality 30").wait_for()
    page.wait_for_function("(most) => shownBlobs.at(-1).size < most", arg=0.8 * len(data))
    phone.get_by_role("button", name="Close").click()
    expect(phone).to_have_count(0)


@pytest.mark.parametrize("shape", ["1:1", "4:5", "16:9"])
def test_the_crop_of_a_channel_is_drawn_centered_and_as_large_as_it_can_be(desk, shape):
    page = review(desk, "BOX-10")
    page.get_by_label("Shape of a channel").select_option(shape)
    cut = page.locator(".stage .pane:not(.off) rect.over.solid").bounding_box()
    whole = page.evaluate(
        "() => { const [, x, y, w, h] = document.querySelector('.pane:not(.off) path.shade').getAttribute('d')"
        ".match(/^M(\\S+) (\\S+)h(\\S+)v(\\S+)h/).map(Number); return { x, y, width: w, height: h }; }"
    )
    pane = page.locator(".stage .pane:not(.off)").bounding_box()
    wide, high = map(int, shape.split(":"))
    assert cut["width"] / cut["height"] == pytest.approx(wide / high, rel=0.01)
    assert max(cut["width"] / whole["width"], cut["height"] / whole["height"]) == pytest.approx(1, abs=0.01)
    middle = (cut["x"] + cut["width"] / 2 - pane["x"], cut["y"] + cut["height"] / 2 - pane["y"])
    assert middle == pytest.approx((whole["x"] + whole["width"] / 2, whole["y"] + whole["height"] / 2), abs=1)


def test_the_color_under_the_pointer_and_its_distance_from_the_original_are_told(desk):
    page = review(desk, "BOX-10")
    page.keyboard.press("z")
    page.wait_for_selector('.stage[data-scale="100"]')
    page.wait_for_selector(SHARP)
    version = version_of(page)
    stage = page.locator(".stage").bounding_box()
    seen = 0
    for share in (0.35, 0.5, 0.62):
        words = read_out(page, stage["x"] + stage["width"] * share, stage["y"] + stage["height"] * 0.5)
        x, y = map(int, re.search(r"(\d+), (\d+)", words).groups())
        labs = [tuple(map(float, m)) for m in re.findall(r"L\* (\S+) a\* (\S+) b\* (\S+)", words.replace("−", "-"))]
        apart = float(re.search(r"ΔE₀₀ (\S+)", words).group(1))
        pixels = []
        for of in ("before/tiles", "tiles"):
            told = page.evaluate(f"async () => (await fetch('/api/v1/versions/{version}/{of}')).json()")
            size, level = told["tile_size"], told["max_level"]
            src = told["url"].format(level=level, x=x // size, y=y // size)
            tile = picture_at(page, src).colourspace("srgb")
            pixels.append(tile.crop(x % size, y % size, 1, 1).colourspace("lab"))
        for lab, own in zip(labs, pixels, strict=True):
            assert lab == pytest.approx(tuple(own.getpoint(0, 0)), abs=0.4)
        assert apart == pytest.approx(pixels[0].dE00(pixels[1]).getpoint(0, 0)[0], abs=0.3)
        seen += apart > 0.5
    assert seen  # the edit moved colors: a read-out that is always zero would not be noticed


def test_lineage_tells_the_original_who_made_the_version_and_what_is_missing(desk):
    page = review(desk, "BOX-10")
    line = page.get_by_role("list", name="Versions")
    line.get_by_text("steps").first.wait_for()
    rows = [each.inner_text() for each in line.locator("li").all()]
    assert rows[0].startswith("Original")
    assert re.search(r"\d+ steps", rows[1])
    assert re.search(r"0\.\d\d", rows[1])  # its confidence
    assert "Approved" in rows[-2]
    assert rows[-1].split() == ["Out", "and", "back", "Versions", "Checkpoints"]
    assert re.search(r"0 of [12]", rows[-2])
    # What every step did, how sure it is and why, stands beside.
    steps = page.locator(".steps li").all()
    assert len(steps) >= 5
    for each in steps:
        assert len(each.locator("p").first.inner_text()) > 8, each.inner_text()
    page.get_by_role("button", name="How automatic each step is").click()
    page.get_by_text("singled out for a person, who sets stops").wait_for()
    expect(page.locator(".steps .how")).to_have_count(len(steps))


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (1024, "light")])
def test_the_brief_and_its_reference_board_stand_beside_the_picture(briefed, briefed_desk, width, theme):
    page = briefed_desk("#/review/shoot/BOX-10", width=width, height=width * 5 // 8, theme=theme)
    page.wait_for_selector(SHARP)
    if width < 1280:
        page.keyboard.press("h")  # on a small screen what stands beside the picture is a key away
    brief = page.get_by_role("region", name="Brief")
    expect(brief).to_contain_text("warm, the paper pure white, shadows soft")
    expect(brief).to_contain_text("the label is read first")
    text = brief.inner_text()
    assert "nothing of stones here" not in text  # it is about another category
    assert text.count("Lena Falk") == 2
    first = brief.get_by_role("button", name="Reference: KET-09_front.jpg")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.board img')].every((each) => each.naturalWidth > 500)"
    )
    first.click()
    large = page.get_by_role("figure", name="Reference, large")
    shown, stage = large.bounding_box(), page.locator(".stage").bounding_box()
    assert shown["width"] > 250
    assert shown["x"] + shown["width"] < stage["x"] + stage["width"] * 0.75  # the picture itself stays in sight
    first.press("Escape")
    expect(large).to_have_count(0)
    assert "#/review/shoot/BOX-10" in page.url  # Escape closed the reference and nothing else


@pytest.mark.skipif(not PORTRAITS.is_dir(), reason="needs ../shared/data/portraits-hands")
def test_faces_stand_enlarged_with_what_can_be_told_of_their_eyes(browser, tmp_path, request):
    """Two frames of one portrait: their faces stand in the panel, and beside each other in compare."""
    shoot = tmp_path / "people"
    shoot.mkdir()
    frame = PORTRAITS / "mh03-black_main.jpg"
    shutil.copy(frame, shoot / "P_0001.jpg")
    darker = pyvips.Image.new_from_file(str(frame)).linear([0.9] * 3, [0] * 3).cast("uchar")
    darker.write_to_file(str(shoot / "P_0002.jpg"), Q=92)
    words = ["cull", "people", "--store", "store", "--out", "out"]
    done = subprocess.run([floors.SAFELIGHT, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with floors.served(tmp_path / "store") as floor:
        state = enter(browser, floor.link, tmp_path / "noa.json", "Noa Lind", "noa")
        opening = desk_at(floor, browser, state, request)
        page = next(opening)("#/cull/people")
        strip = page.get_by_role("complementary", name="Why").get_by_role("list", name="Faces and eyes")
        expect(strip.get_by_role("listitem")).to_have_count(1)
        expect(strip).to_contain_text(re.compile(r"open|can’t tell"))
        page.wait_for_function(LIT)
        page.keyboard.press("c")
        expect(page.locator(".compare figure")).to_have_count(2)
        expect(page.locator(".compare .faces")).to_have_count(2)
        page.locator(".compare .faces canvas").nth(1).wait_for()
        next(opening, None)
