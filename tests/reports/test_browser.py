"""The page in a real browser: hostile strings, toggles, keys, no request."""

from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from safelight.reports.page import write_page
from tests.browsers import CHROMIUM, open_page
from tests.reports.sample import HOSTILE, batch


@pytest.fixture(scope="module")
def browser():
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no browser at {CHROMIUM}")
    with sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(write_page(batch()), encoding="utf-8")
    opened = open_page(browser, viewport={"width": 1440, "height": 900})
    opened.heard = []
    opened.on("dialog", lambda dialog: (opened.heard.append(f"dialog {dialog.message}"), dialog.dismiss()))
    opened.on("console", lambda message: opened.heard.append(f"console {message.text}"))
    opened.on("pageerror", lambda error: opened.heard.append(f"error {error}"))
    opened.on(
        "request",
        lambda request: request.url.startswith(("data:", "file:")) or opened.heard.append(f"request {request.url}"),
    )
    opened.goto(path.as_uri())
    yield opened
    opened.close()


def look(page, n):
    page.evaluate(f"location.hash = '#f{n}'")
    return is_open(page, n)


def is_open(page, n):
    """Wait until a picture is open and has the keys: it shows at once, by its address alone; the page acts later."""
    expect(page.locator(f"#f{n}")).to_be_focused()
    return page.locator(f"#f{n}")


def sheet_is_back(page, n):
    """Wait until the sheet is back and its frame of a picture has the keys again."""
    expect(page.locator(f"#f{n}")).to_be_hidden()
    expect(page.locator(f'.frame[href="#f{n}"]')).to_be_focused()


def test_hostile_strings_open_no_dialog_and_ask_for_nothing(page):
    for n in range(1, 5 + len(HOSTILE) + 1):
        look(page, n)
    expect(page.locator("#f7 h2")).to_contain_text(HOSTILE[1])
    # A picture that is nowhere, asked for after all of them: what had come to life before it is heard before it.
    with page.expect_console_message() as last:
        page.evaluate("new Promise((done) => { const last = new Image(); last.onerror = done; last.src = 'nowhere'; })")
    assert page.heard == [f"console {last.value.text}"]


def test_every_picture_is_drawn(page):
    drawn = """Promise.all([...document.images].map(async (each) => {
      each.loading = 'eager';
      await each.decode();
      return each.naturalWidth > 0;
    }))"""
    page.evaluate("document.querySelectorAll('.look').forEach(l => l.style.display = 'grid')")
    told = page.evaluate(drawn)
    assert told
    assert all(told)


def test_backslash_toggles_before_and_after_on_the_same_place(page):
    opened = look(page, 1)
    expect(opened.locator(".before")).to_be_visible()
    expect(opened.locator(".after")).to_be_visible()
    page.keyboard.press("\\")
    expect(opened.locator(".before")).to_be_hidden()
    after = opened.locator(".after img").bounding_box()
    page.keyboard.press("\\")
    expect(opened.locator(".after")).to_be_hidden()
    assert opened.locator(".before img").bounding_box() == after
    page.keyboard.press("y")
    expect(opened.locator(".after")).to_be_visible()


def test_a_click_on_the_picture_toggles_too(page):
    opened = look(page, 1)
    opened.locator(".after .fit").click()
    expect(opened.locator(".before")).to_be_hidden()


def test_overlays_switch_and_lie_on_the_picture(page):
    opened = look(page, 1)
    picture = opened.locator(".after img").first.bounding_box()
    box = opened.locator(".after .bx").first.bounding_box()
    assert box["x"] == pytest.approx(picture["x"] + 0.2 * picture["width"], abs=2)
    assert box["y"] == pytest.approx(picture["y"] + 0.3 * picture["height"], abs=2)
    assert box["width"] == pytest.approx(0.3 * picture["width"], abs=3)
    page.keyboard.press("b")
    expect(opened.locator(".after .bx").first).to_be_hidden()
    expect(opened.locator(".after .heat")).to_be_hidden()
    page.keyboard.press("o")
    expect(opened.locator(".after .heat")).to_be_visible()
    heat = opened.locator(".after .heat").bounding_box()
    assert heat["width"] == pytest.approx(picture["width"], abs=1)
    opened.get_by_role("button", name="Heat").click()
    expect(opened.locator(".after .heat")).to_be_hidden()


def test_the_next_place_is_one_key_away(page):
    opened = look(page, 1)
    page.keyboard.press(".")
    expect(opened.locator(".mark").nth(1)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press(".")
    expect(opened.locator(".mark").nth(0)).to_have_attribute("aria-pressed", "true")


def test_the_whole_page_is_reached_by_keys(page):
    page.locator(".frame").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    is_open(page, 2)
    page.keyboard.press("ArrowRight")
    is_open(page, 3)
    for _ in range(30):
        page.keyboard.press("Tab")
        expect(page.locator("#f3 :focus")).to_have_count(1)
    page.keyboard.press("Escape")
    sheet_is_back(page, 3)


def test_letter_keys_can_be_switched_off(page):
    page.get_by_role("button", name="Letter keys on").click()
    expect(page.get_by_role("button", name="Letter keys off")).to_be_visible()
    opened = look(page, 1)
    page.keyboard.press("b")
    page.keyboard.press("Escape")  # keys come in turn: where this one was heard, the letter was too
    sheet_is_back(page, 1)
    look(page, 1)
    expect(opened.locator(".after .bx").first).to_be_visible()


def test_the_sheet_shows_only_what_was_asked_for(page):
    page.get_by_role("button", name="Refused").click()
    expect(page.locator(".frame:visible")).to_have_count(1)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (720, 450), (360, 640)])
def test_nothing_overflows_sideways(page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    look(page, 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#f1 .after img").first.bounding_box()["width"] > 60


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_chrome_is_neutral(page, scheme):
    page.emulate_media(color_scheme=scheme)
    colors = page.evaluate(
        "['--canvas','--bar','--panel','--raised','--hover','--active','--line','--line-2','--control','--t1','--t2',"
        "'--t3'].map(n => getComputedStyle(document.documentElement).getPropertyValue(n).trim())"
    )
    assert all(each[1:3] == each[3:5] == each[5:7] for each in colors)
    assert ("#1f1f1f" if scheme == "dark" else "#ececec") in colors


def test_without_script_the_evidence_is_there(browser, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(write_page(batch()), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    opened = open_page(context)
    opened.goto(path.as_uri() + "#f1")
    assert opened.locator("#f1 .before img").is_visible()
    assert opened.locator("#f1 .bx").first.is_visible()
    context.close()
