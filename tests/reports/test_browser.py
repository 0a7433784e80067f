"""The page in a real browser: hostile strings, toggles, keys, no request."""

from pathlib import Path

import pytest

from safelight.reports.page import write_page
from tests.reports.sample import HOSTILE, batch

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"there is no browser at {CHROMIUM}")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(write_page(batch()), encoding="utf-8")
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
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
    page.wait_for_selector(f"#f{n}", state="visible")
    return page.locator(f"#f{n}")


def test_hostile_strings_open_no_dialog_and_ask_for_nothing(page):
    for n in range(1, 5 + len(HOSTILE) + 1):
        look(page, n)
    page.wait_for_timeout(300)
    assert page.heard == []
    assert HOSTILE[1] in page.locator("#f7 h2").inner_text()


def test_every_picture_is_drawn(page):
    broken = "[...document.images].filter(i => { i.loading = 'eager'; return i.complete && !i.naturalWidth; }).length"
    page.evaluate("document.querySelectorAll('.look').forEach(l => l.style.display = 'grid')")
    page.wait_for_timeout(300)
    assert page.evaluate(broken) == 0


def test_backslash_toggles_before_and_after_on_the_same_place(page):
    opened = look(page, 1)
    assert opened.locator(".before").is_visible()
    assert opened.locator(".after").is_visible()
    page.keyboard.press("\\")
    assert not opened.locator(".before").is_visible()
    after = opened.locator(".after img").bounding_box()
    page.keyboard.press("\\")
    assert not opened.locator(".after").is_visible()
    assert opened.locator(".before img").bounding_box() == after
    page.keyboard.press("y")
    assert opened.locator(".after").is_visible()


def test_a_click_on_the_picture_toggles_too(page):
    opened = look(page, 1)
    opened.locator(".after .fit").click()
    assert not opened.locator(".before").is_visible()


def test_overlays_switch_and_lie_on_the_picture(page):
    opened = look(page, 1)
    picture = opened.locator(".after img").first.bounding_box()
    box = opened.locator(".after .bx").first.bounding_box()
    assert box["x"] == pytest.approx(picture["x"] + 0.2 * picture["width"], abs=2)
    assert box["y"] == pytest.approx(picture["y"] + 0.3 * picture["height"], abs=2)
    assert box["width"] == pytest.approx(0.3 * picture["width"], abs=3)
    page.keyboard.press("b")
    assert not opened.locator(".after .bx").first.is_visible()
    assert not opened.locator(".after .heat").is_visible()
    page.keyboard.press("o")
    heat = opened.locator(".after .heat").bounding_box()
    assert heat["width"] == pytest.approx(picture["width"], abs=1)
    opened.get_by_role("button", name="Heat").click()
    assert not opened.locator(".after .heat").is_visible()


def test_the_next_place_is_one_key_away(page):
    opened = look(page, 1)
    page.keyboard.press(".")
    assert opened.locator(".mark").nth(1).get_attribute("aria-pressed") == "true"
    page.keyboard.press(".")
    assert opened.locator(".mark").nth(0).get_attribute("aria-pressed") == "true"


def test_the_whole_page_is_reached_by_keys(page):
    page.locator(".frame").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("#f2", state="visible")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#f3", state="visible")
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('.look') !== null")
    page.keyboard.press("Escape")
    page.wait_for_selector("#f3", state="hidden")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#f3"


def test_letter_keys_can_be_switched_off(page):
    page.get_by_role("button", name="Letter keys on").click()
    opened = look(page, 1)
    page.keyboard.press("b")
    assert opened.locator(".after .bx").first.is_visible()


def test_the_sheet_shows_only_what_was_asked_for(page):
    page.get_by_role("button", name="Refused").click()
    assert page.locator(".frame:visible").count() == 1


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
    opened = context.new_page()
    opened.goto(path.as_uri() + "#f1")
    assert opened.locator("#f1 .before img").is_visible()
    assert opened.locator("#f1 .bx").first.is_visible()
    context.close()
