"""A batch leaves once its sample was on the screen as large as is asked; the way back stands where lineage is."""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import expect

from safelight.core import batch as told
from safelight.core.facts import NewFact
from safelight.store import Store
from tests.browsers import until
from tests.web import floor as floors
from tests.web.conftest import desk_at, enter

MOST = 300  # presses; a picture of 24 MP has some 40 windows at 100 %
SLOW = 60_000  # ms: a machine at work answers when it can


def spare(store):
    """Route the pictures that pass every check as a lane does that spares them their own look, all others to review."""
    with Store.open(store) as opened:
        judged = {each.subject: each.body for each in opened.ledger.facts(kind=told.JUDGED, batch="shoot")}
        stakes = {each.subject: each.body["stakes"] for each in opened.ledger.facts(kind=told.SORTED, batch="shoot")}
        made = {each.subject: each.body["asset"] for each in opened.ledger.facts(kind=told.MADE, batch="shoot")}
        facts, spared = [], 0
        for each in opened.ledger.facts(kind=told.ROUTED, batch="shoot"):
            is_clean = all(one["word"] != "fail" for one in judged[each.subject]["verdicts"])
            is_spared = is_clean and stakes[made[each.subject]] != "high" and spared < 2
            where = {"route": "spot_check", "queue": "release"} if is_spared else {"route": "review"}
            facts.append(NewFact(told.ROUTED, each.subject, {**each.body, **where}, batch="shoot"))
            spared += is_spared
        opened.ledger.append(facts)
    return spared


@pytest.fixture(scope="module")
def spared(shoot, browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("spared")
    shutil.copytree(shoot.parent / "untouched", folder / "store")
    count = spare(folder / "store")
    with floors.served(folder / "store") as served:
        yield served, count, enter(browser, served.link, folder / "noa.json", "Noa Lind", "noa")


@pytest.fixture
def spared_desk(spared, browser, request):
    served, _, admin = spared
    yield from desk_at(served, browser, admin, request)


def look_on(page):
    """Press the key for the next place, and wait until what it brought counts as seen."""
    before = page.locator(".release").get_attribute("data-shown")
    page.keyboard.press(".")
    page.wait_for_function(
        "(was) => document.querySelector('.release').dataset.shown !== was", arg=before, timeout=SLOW
    )


def test_the_place_to_come_back_to_is_set_and_listed_where_lineage_is(spared_desk):
    page = spared_desk("#/review/shoot/BOX-10")
    page.get_by_role("button", name="Checkpoints").click()
    sheet = page.get_by_role("dialog", name="Checkpoints of shoot")
    expect(sheet.get_by_text("None yet")).to_be_visible(timeout=SLOW)
    sheet.get_by_label("Label").fill("before the look")
    sheet.get_by_role("button", name="Set a checkpoint").click()
    expect(sheet.get_by_text("Everything stands as it did")).to_be_visible(timeout=SLOW)
    expect(sheet.get_by_text("before the look", exact=True)).to_be_visible(timeout=SLOW)
    sheet.get_by_role("button", name="Close").click()
    expect(sheet).to_have_count(0, timeout=SLOW)


def test_a_batch_leaves_once_its_sample_was_on_the_screen_as_large_as_is_asked(spared_desk, spared):
    page, (floor, count, _) = spared_desk("#/release/shoot"), spared
    assert count
    rows = page.get_by_role("complementary", name="The sample").get_by_role("listitem")
    expect(rows).to_have_count(count, timeout=SLOW)
    page.get_by_role("button", name="Release", exact=False).last.click()
    expect(page.get_by_text(re.compile(r"Look first: \d files? of the sample must be seen\.")).first).to_be_visible(
        timeout=SLOW
    )
    page.locator(".stage[data-slide]").wait_for()
    for _ in range(MOST):
        if rows.get_by_text("to be seen").count() == 0:
            break
        look_on(page)
    expect(rows.get_by_text("to be seen")).to_have_count(0, timeout=SLOW)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/#/board")
    told = page.get_by_role("status").filter(has_text="shoot is released and is being delivered")
    expect(told).to_be_visible(timeout=SLOW)  # where the eye is, not to a screen reader alone
    told.get_by_role("button", name="Close").click()
    expect(told).to_have_count(0, timeout=SLOW)
    (released,) = until(page, lambda: floor.facts("batch.released"))  # by the job that was asked for
    assert released["looked"] == "shown" and len(released["sample"]) == count
    places = [place for each in floor.facts("version.shown") for place in each["places"]]
    assert {(each["id"], each["percent"]) for each in places} >= {("whole", 100), ("middle", 200)}
    assert all(each["share"] >= 0.9 for each in places)
