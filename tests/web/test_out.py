"""Out to a hand and back on the screen: a retoucher, a vendor, and what is said where a file is not taken."""

from __future__ import annotations

import hashlib
import json
import re

import numpy as np
import pytest
import tifffile
from playwright.sync_api import expect

from safelight.api.problems import MEDIA, TYPE
from tests.api.test_check_out_and_in import spotted
from tests.web.conftest import enter
from tests.web.test_rooms import INVITE, review


def invited(desk, browser, floor, folder, login, name, role):
    """Let the admin invite somebody, who comes in by the link; return their browser's state."""
    page = desk()
    page.wait_for_selector("nav")
    link = page.evaluate(INVITE, [login, name, role])
    return enter(browser, f"{floor.url}{link}", folder / f"{login}.json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hands")


def sheet_of(page, sku):
    """Open the way out and back of the picture on the screen."""
    page.keyboard.press("e")
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("heading", name=re.compile(f"^{sku}"))).to_be_visible()
    return sheet


def taken_out(page, sheet, folder):
    with page.expect_download() as coming:
        sheet.get_by_role("button", name="Check out and download").click()
    name = coming.value.suggested_filename
    coming.value.save_as(folder / name)
    expect(sheet.get_by_role("region", name="What is out")).to_contain_text(name)
    return folder / name


def in_turn(ways):
    """Let each request go the next of these ways."""

    def go(route):
        ways.pop(0)(route)

    return go


def underway(route):
    """Answer as the server does while the same request is being carried out."""
    told = {"type": f"{TYPE}underway", "title": "Underway", "status": 409, "detail": "ask again in a second"}
    route.fulfill(status=409, content_type=MEDIA, body=json.dumps(told))


def by_name(floor, sku):
    return [each for each in floor.facts("retouch.returned") if each["path"].startswith(sku)]


def test_a_retoucher_takes_a_file_out_and_brings_it_back_as_a_version_by_hand(
    still, still_desk, browser, folder, tmp_path
):
    floor, _ = still
    rita = invited(still_desk, browser, floor, folder, "rita", "Rita Maas", "retoucher")
    page = review(still_desk, "BAG-06", state=rita)
    sheet = sheet_of(page, "BAG-06")
    expect(sheet).to_contain_text("Nothing of it is out.")
    sent = taken_out(page, sheet, tmp_path)
    [told] = [each for each in floor.facts("retouch.sent") if each["path"].startswith("BAG-06")]
    assert hashlib.sha256(sent.read_bytes()).hexdigest() == told["sha256"]
    assert sent.suffix == ".psd" and told["bits"] == 16
    back = spotted(sent.read_bytes(), tmp_path)

    # Everybody sees that it is out: on the board, and where its versions are.
    board = still_desk()
    expect(board.locator(".card", has_text="BAG-06")).to_contain_text("Out with Rita Maas")
    expect(page.get_by_role("list", name="Versions")).to_contain_text("Out with you")

    sheet.get_by_label("File that came back").set_input_files(
        {"name": "BAG-06 dusted.tif", "mimeType": "image/tiff", "buffer": back}
    )
    expect(sheet.get_by_role("button", name="Check in")).to_be_disabled()
    sheet.get_by_label("What was done").fill("dust on the handle")
    sheet.get_by_role("button", name="Check in").click()
    said = sheet.get_by_role("form", name="Bring it back").get_by_role("status")
    expect(said).to_contain_text("Taken in")
    expect(said).not_to_contain_text("--")
    expect(said).to_contain_text("It stands as a version by hand", timeout=600_000)
    assert [each["standing"] for each in by_name(floor, "BAG-06")] == ["taken"]
    expect(sheet.get_by_role("region", name="What is out")).to_contain_text("Nothing of it is out.")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Versions").click()
    first = page.get_by_role("dialog").get_by_role("listitem").first
    expect(first).to_contain_text("With a person’s hand")
    expect(first).to_contain_text("stands now")


def test_what_is_not_taken_in_says_why_and_nothing_of_it_is_lost(still, still_desk, browser, tmp_path):
    floor, _ = still
    page = review(still_desk, "BOX-10")
    sheet = sheet_of(page, "BOX-10")
    sheet.get_by_role("button", name="TIFF, flat").click()
    sent = taken_out(page, sheet, tmp_path)
    assert sent.suffix == ".tif"
    small = tmp_path / "small.tif"
    with tifffile.TiffFile(sent) as tiff:
        xmp = tiff.pages[0].tags[700].value
    tifffile.imwrite(
        small, np.full((600, 400, 3), 40000, np.uint16), photometric="rgb", extratags=[(700, "B", len(xmp), xmp, True)]
    )
    sheet.get_by_label("What was done").fill("threads taken off")
    sheet.get_by_label("File that came back").set_input_files(small)
    sheet.get_by_role("button", name="Check in").click()
    expect(sheet.get_by_role("status").filter(has_text="Not taken in")).to_contain_text("small.tif")
    expect(sheet.get_by_role("status").filter(has_text="Not taken in")).to_contain_text("400")
    expect(sheet.get_by_label("What was done")).to_have_value("threads taken off")

    # A line that is cut, and a way that is stopped, leave file and words where they are.
    ways = [lambda _: None, lambda route: route.abort(), underway, lambda route: route.continue_()]
    page.route("**/checkins*", in_turn(ways))
    sheet.get_by_label("File that came back").set_input_files(sent)
    sheet.get_by_role("button", name="Check in").click()
    expect(sheet.get_by_role("progressbar", name="Sent")).to_be_visible()
    sheet.get_by_role("button", name="Stop").click()
    expect(sheet.get_by_role("alert")).to_contain_text("Nothing was taken in")
    sheet.get_by_role("button", name="Send it again").click()
    expect(sheet.get_by_role("alert")).to_contain_text("The line was cut")

    # The line is back, and the try before is still being carried out: its answer is waited for, and told as what it is.
    sheet.get_by_role("button", name="Send it again").click()
    expect(sheet.get_by_role("status").filter(has_text="Nothing is other")).to_be_visible()
    assert not ways
    assert [each["standing"] for each in by_name(floor, "BOX-10")][-1] == "unchanged"


def test_a_word_that_is_still_being_carried_out_is_waited_for_and_said_once(still, still_desk):
    floor, _ = still
    page = review(still_desk, "CND-11")
    before = len(floor.facts("decision.made"))
    # The server hears it, its answer is lost; the next try meets the first one still at work.
    ways = [lambda route: (route.fetch(), route.abort()), underway, lambda route: route.continue_()]
    page.route("**/api/v1/decisions*", in_turn(ways))
    page.keyboard.press("Alt+r")
    page.get_by_label("Note", exact=True).fill("the wick leans")
    with page.expect_response(lambda told: told.url.endswith("/decisions") and told.ok):
        page.keyboard.press("Control+Enter")
    expect(page.locator(".saved")).to_contain_text("All saved")
    assert not ways
    assert [each["decided"] for each in floor.facts("decision.made")][before:] == ["reject"]


def test_a_vendor_finds_what_was_sent_to_it_and_nothing_else(still, still_desk, browser, folder, tmp_path):
    floor, _ = still
    page = review(still_desk, "RNG-07")
    sheet = sheet_of(page, "RNG-07")
    sheet.get_by_role("button", name="A vendor").click()
    sheet.get_by_role("button", name="Send it to the vendor").click()
    expect(sheet.get_by_label("Vendor", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(sheet.get_by_text("A vendor gets a deadline.")).to_be_visible()
    sheet.get_by_label("Vendor", exact=True).fill("Pixel House")
    sheet.get_by_label("Back by").fill("2999-01-01")
    sheet.get_by_label("Brief", exact=True).fill("Clean the stone; keep the gold's color.")
    sheet.get_by_role("button", name="Send it to the vendor").click()
    expect(sheet.get_by_role("region", name="What is out")).to_contain_text("Out with Pixel House, back by 1 Jan 2999")

    # Whoever looks at it holds it; leaving gives it back.
    page.goto(f"{floor.url}/#/board")
    page.wait_for_selector(".card")
    page.evaluate(GIVE_BACK)

    theirs = invited(still_desk, browser, floor, folder, "pixel", "Pixel House", "vendor")
    vendor = still_desk(state=theirs)
    expect(vendor.get_by_role("heading", name="Out", exact=True)).to_be_visible()
    expect(vendor.get_by_role("navigation", name="Rooms").get_by_role("link")).to_have_text(["Out"])
    expect(vendor.get_by_role("listitem")).to_have_count(1)
    expect(vendor.get_by_role("listitem")).to_contain_text("Clean the stone; keep the gold's color.")
    with vendor.expect_download() as coming:
        vendor.get_by_role("link", name="Download").click()
    coming.value.save_as(tmp_path / "stone.psd")
    vendor.get_by_role("button", name="Bring back RNG-07_front.jpg").click()
    sheet = vendor.get_by_role("dialog")
    expect(sheet.get_by_role("form", name="Take it out")).to_have_count(0)
    sheet.get_by_label("File that came back").set_input_files(tmp_path / "stone.psd")
    sheet.get_by_label("What was done").fill("nothing to clean")
    sheet.get_by_role("button", name="Check in").click()
    expect(sheet.get_by_role("status")).to_contain_text("Nothing is other")
    vendor.keyboard.press("Escape")
    expect(vendor.get_by_role("heading", name="Nothing is out")).to_be_visible()


GIVE_BACK = """async () => {
  const me = await (await fetch('/api/v1/me')).json();
  const { items } = await (await fetch('/api/v1/claims')).json();
  for (const { id } of items) {
    await fetch(`/api/v1/claims/${id}`, { method: 'DELETE', headers: { 'X-CSRF-Token': me.csrf } });
  }
}"""
