"""What people do at the light table, in a real browser against a real server and a real shoot."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browsers import until
from tests.web.floor import AXE, PASSWORD, PAYLOADS

SHARP = '.stage[data-sharp="true"]'


def review(desk, sku, **kwargs):
    page = desk(f"#/review/shoot/{sku}", **kwargs)
    page.wait_for_selector(SHARP)
    page.wait_for_selector(".steps li .m")
    return page


def see_every_place(page):
    """Jump through the boxes at 200 % until nothing must be seen any more."""
    must = page.locator(".look button", has_text="must be seen")
    for _ in range(40):
        if not must.count():  # a key moves the mark at once; a place is seen once it stood sharp for a moment
            break
        page.keyboard.press(".")
        expect(must.and_(page.locator("[aria-current=true]"))).to_have_count(0)
    expect(page.locator(".decide .two")).not_to_contain_text("to see first")


def unmoved(page, place):
    """The picture of a place once it stands still: twice the same."""
    last = [place.screenshot()]

    def is_same():
        last.append(place.screenshot())
        return last[-1] == last[-2]

    until(page, is_same)
    return last[-1]


def read_out(page, x, y):
    """Move the pointer there from outside of the picture, so that what is told is told of this place."""
    page.mouse.move(2, 2)
    expect(page.locator(".stage .read")).to_have_count(0)
    page.mouse.move(x, y)
    page.wait_for_selector(".stage .read b")
    return page.locator(".stage .read").inner_text()


def approve_bag(desk, floor):
    """See the bag's doubtful places and approve it, unless somebody did: tests of this module share a floor."""
    if "approve" in [each["decided"] for each in floor.facts("decision.made")]:
        return
    page = review(desk, "BAG-06")
    see_every_place(page)
    page.keyboard.press("a")
    page.wait_for_url(lambda url: "BAG-06" not in url)
    saved(page)


def saved(page):
    page.locator(".saved", has_text="All saved").wait_for()


def test_the_board_shows_what_waits_and_starts_the_next(desk):
    page = desk()
    page.wait_for_selector(".card")
    expect(page.locator(".head")).to_have_text(re.compile("^ *Board"))
    expect(page.get_by_role("region", name="Exceptions").get_by_text("RNG-07_front.jpg")).to_have_count(1)
    page.keyboard.press("s")
    page.wait_for_selector(SHARP)
    assert "#/review/shoot/" in page.url


def test_letters_can_be_put_behind_alt(desk):
    page = desk()
    page.wait_for_selector(".card")
    page.keyboard.press("?")
    page.get_by_role("switch", name="Single-letter keys").click()
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    page.keyboard.press("s")
    page.wait_for_timeout(200)
    assert "#/review" not in page.url
    page.keyboard.press("Alt+s")
    page.wait_for_selector(SHARP)


def test_a_product_is_approved_by_keyboard_once_its_doubtful_places_were_seen(desk, floor):
    page = review(desk, "BAG-06")
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_contain_text("must be seen at 200 %")
    see_every_place(page)
    page.keyboard.press("a")
    page.wait_for_url(lambda url: "BAG-06" not in url)
    saved(page)
    assert [each["decided"] for each in floor.facts("decision.made")].count("approve") == 1
    places = floor.facts("version.shown")[0]["places"]
    assert places
    assert all(each["percent"] == 200 for each in places)


def test_before_and_after_swap_at_once_and_nothing_moves(desk):
    page = review(desk, "BOX-10")
    stage = page.locator(".stage")

    def swapped(word):
        page.keyboard.press("\\")
        expect(stage.locator(".lab").last).to_have_text(word)
        page.wait_for_selector(SHARP)
        return unmoved(page, stage)

    def comes_back():
        before, after = swapped("Original"), swapped("Painted")
        return before != after and (before, after) == (swapped("Original"), swapped("Painted"))

    # What comes late, as places and readouts do, may come between two looks, but not for ever.
    until(page, comes_back)


def test_zoom_keeps_the_pixel_under_the_pointer(desk):
    page = review(desk, "BOX-10")
    box = page.locator(".stage").bounding_box()
    at = (box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.4)
    before = read_out(page, *at)
    page.keyboard.press("z")
    page.wait_for_selector('.stage[data-scale="100"]')
    after = read_out(page, *at)
    places = [map(int, re.search(r"(\d+), (\d+)", words).groups()) for words in (before, after)]
    apart = [abs(a - b) for a, b in zip(*places, strict=True)]
    assert max(apart) <= 1


@pytest.mark.parametrize(("key", "mode"), [("y", "side"), ("Shift+Y", "wipe"), ("Shift+D", "difference")])
def test_before_and_after_are_compared_in_every_way(desk, key, mode):
    page = review(desk, "BOX-10")
    page.keyboard.press(key)
    expect(page.locator(f".stage.{mode}")).to_have_count(1)
    if mode == "wipe":
        grip = page.get_by_role("slider", name="Wipe between before and after")
        grip.focus()
        page.keyboard.press("End")
        expect(grip).to_have_attribute("aria-valuenow", "100")


def test_a_picture_goes_back_with_marks_reasons_and_words(desk, floor):
    page = review(desk, "CND-11")
    page.keyboard.press("r")
    page.get_by_role("button", name="Return this picture").click()
    expect(page.get_by_role("alert")).to_contain_text("at least one reason")
    page.get_by_label("Note", exact=True).fill("Take the rim from the original")
    box = page.locator(".stage").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 380, box["y"] + 360, steps=6)
    page.mouse.up()
    page.get_by_label("Words for mark A").fill("gray rim here")
    page.get_by_role("button", name=re.compile("The edge is chewed")).click()
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "CND-11" not in url)
    saved(page)
    last = floor.facts("decision.made")[-1]
    assert (last["decided"], list(last["reasons"])) == ("revise", ["edge_rough"])
    assert "Take the rim from the original" in last["reason"]
    drawn = floor.facts("note.made")[-1]
    assert len(drawn["points"]) > 2
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in drawn["points"])


def test_culling_by_keys_is_undone_even_after_a_reload(desk, floor):
    page = desk("#/cull/shoot")
    page.get_by_role("button", name="IMG_0420.jpg, Alternate").first.click()
    page.keyboard.press("x")
    page.get_by_role("button", name="IMG_0420.jpg, Reject").first.wait_for()
    saved(page)
    page.reload()
    page.get_by_role("button", name="IMG_0420.jpg, Reject").first.wait_for()
    page.keyboard.press("Control+z")
    page.get_by_role("button", name="IMG_0420.jpg, Alternate").first.wait_for()
    saved(page)
    assert [each["to"] for each in floor.facts("file.overruled")][-2:] == ["reject", "alternate"]


def test_a_group_is_surveyed_and_zoomed_together(desk):
    page = desk("#/cull/shoot")
    page.get_by_role("button", name=re.compile("^IMG_0419.jpg")).first.click()
    page.keyboard.press("n")
    page.wait_for_selector("figure .pane[data-sharp]")
    expect(page.locator(".compare figure")).to_have_count(3)
    expect(page.locator(".why").get_by_text("3 frames alike")).to_have_count(1)
    page.keyboard.press("z")
    page.keyboard.press("e")
    page.wait_for_selector(SHARP)


def test_a_server_that_is_away_loses_no_decision_and_doubles_none(desk, floor):
    page = review(desk, "RNG-07")
    before = len(floor.facts("decision.made"))
    page.context.set_offline(True)
    page.keyboard.press("Alt+r")
    page.get_by_label("Note", exact=True).fill("the stone is dark")
    page.keyboard.press("Control+Enter")
    page.locator(".saved", has_text="1 decision kept here").wait_for()
    page.wait_for_timeout(1500)
    assert len(floor.facts("decision.made")) == before
    page.context.set_offline(False)
    saved(page)
    assert [each["decided"] for each in floor.facts("decision.made")][before:] == ["reject"]


def test_whoever_comes_second_is_told_and_keeps_their_words(desk, floor):
    page = review(desk, "BOX-10")
    # Another browser decides first, and this one does not hear of it: its news are cut.
    other = review(desk, "BOX-10")
    page.evaluate("window.EventSource = undefined")
    page.route("**/api/v1/events*", lambda route: route.abort())
    page.route("**/api/v1/queues*", lambda route: route.abort())
    page.route("**/api/v1/batches/*/assets*", lambda route: route.abort())
    other.keyboard.press("r")
    other.get_by_label("Note", exact=True).fill("edge first")
    other.keyboard.press("Control+Enter")
    saved(other)
    page.keyboard.press("r")
    page.get_by_label("Note", exact=True).fill("my own words about the edge")
    page.keyboard.press("Control+Enter")
    page.locator(".saved", has_text="not taken").wait_for()
    page.locator(".saved").click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("my own words about the edge")
    expect(sheet).to_contain_text("meanwhile; nothing of yours was recorded")


def test_a_session_that_ends_comes_back_to_the_same_place(desk):
    page = review(desk, "BOX-10")
    place = page.url
    page.context.clear_cookies()
    page.keyboard.press("ArrowRight")
    page.evaluate("fetch('/api/v1/me')")
    page.reload()
    page.get_by_label("Login").fill("noa")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector(SHARP)
    assert page.url.split("/")[:7] == place.split("/")[:7]


def test_two_hundred_hostile_names_and_sentences_are_text_everywhere(desk):
    assert len(set(PAYLOADS)) == 200
    page = desk()
    page.locator(".exceptions li").nth(100).wait_for()
    expect(page.get_by_text(f"005 {PAYLOADS[5]}.jpg")).to_have_count(1)
    page.goto(page.url.split("#")[0] + "#/cull/hostile")
    page.wait_for_selector(".cell")
    for number in range(len(PAYLOADS)):
        if number % 4 == 0:  # every name passes through the grid and the filmstrip; every fourth through the panel
            page.locator(".why h2").first.wait_for()
        page.keyboard.press("ArrowRight")
    page.locator(".why").get_by_text("not a picture").first.wait_for()
    nothing_became_an_element(page)


def test_two_hundred_hostile_notes_and_a_hostile_camera_are_text_in_review_and_amend(desk):
    page = review(desk, "BOX-10")
    made, front = page.evaluate(PIN_ALL, list(PAYLOADS))
    assert made == 200
    page.goto(page.url.split("#")[0] + f"#/review/shoot/BOX-10/{front}")
    page.reload()
    page.locator(".stage .pin").nth(199).wait_for(state="attached")
    told = page.evaluate("[...document.querySelectorAll('.stage .pin')].map(each => each.title)")
    assert set(PAYLOADS) <= set(told)
    nothing_became_an_element(page)
    page.keyboard.press("d")
    page.locator(".list li").nth(199).wait_for(state="attached")
    expect(page.locator(".list")).to_contain_text(PAYLOADS[9])
    nothing_became_an_element(page)
    page.evaluate(UNPIN_ALL)


def nothing_became_an_element(page):
    made = "main script, main iframe, main video, main math, main details[ontoggle], main [onerror], main [onfocus]"
    assert page.locator(made).count() == 0


PIN_ALL = """async (texts) => {
  const me = await (await fetch('/api/v1/me')).json();
  const found = await (await fetch('/api/v1/batches/shoot/assets?sku=BOX-10')).json();
  const front = found.items.find((each) => each.version && each.view === 'front');
  let made = 0;
  for (const text of texts) {
    const headers = {'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf};
    headers['Idempotency-Key'] = crypto.randomUUID();
    const body = JSON.stringify({text, shape: 'pin', points: [[0.5, 0.5]]});
    made += (await fetch(`/api/v1/assets/${front.id}/notes`, {method: 'POST', headers, body})).ok ? 1 : 0;
  }
  return [made, front.id];
}"""
UNPIN_ALL = """async () => {
  const me = await (await fetch('/api/v1/me')).json();
  const found = await (await fetch('/api/v1/batches/shoot/assets?sku=BOX-10')).json();
  const front = found.items.find((each) => each.version && each.view === 'front');
  for (const note of (await (await fetch(`/api/v1/assets/${front.id}/notes`)).json()).items) {
    const headers = {'X-CSRF-Token': me.csrf, 'If-Match': `"${note.etag}"`};
    await fetch(`/api/v1/assets/${front.id}/notes/${note.id}`, {method: 'DELETE', headers});
  }
}"""


def test_color_moves_live_and_equals_what_the_server_paints(desk):
    page = review(desk, "BOX-10")
    page.keyboard.press("d")
    page.wait_for_selector('canvas[data-live="live"]')
    page.get_by_role("slider", name="stops", exact=True).first.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("PageUp")
    told = []

    def is_alike():
        """What moves live has come to rest; it resamples light and the server color: edges differ by a hair."""
        told.append(page.evaluate(COMPARE))
        return told[-1]["mean"] < 1.0 and told[-1]["median"] <= 1

    until(page, is_alike)
    assert told[-1]["stops"] > 1, told  # it was moved so far that a picture left behind would not be alike


COMPARE = """async () => {
  const canvas = document.querySelector('canvas[data-live]');
  const { width, height } = canvas;
  const id = location.hash.split('/')[3];
  const me = await (await fetch('/api/v1/me')).json();
  const stops = Number(document.getElementById('p-exposure-stops').value);
  const answer = await fetch(`/api/v1/assets/${id}/draft`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf },
    body: JSON.stringify({ changes: { exposure: { stops } }, size: Math.max(width, height) }),
  });
  const bitmap = await createImageBitmap(await answer.blob());
  const read = (source) => {
    const context = new OffscreenCanvas(width, height).getContext('2d');
    context.drawImage(source, 0, 0);
    return context.getImageData(0, 0, width, height).data;
  };
  const [a, b] = [read(canvas), read(bitmap)];
  const apart = [];
  for (let i = 0; i < a.length; i += 4) for (let c = 0; c < 3; c++) apart.push(Math.abs(a[i + c] - b[i + c]));
  apart.sort((x, y) => x - y);
  const mean = apart.reduce((sum, each) => sum + each, 0) / apart.length;
  const median = apart[apart.length >> 1];
  return { mean, median, stops, size: [width, height], server: [bitmap.width, bitmap.height] };
}"""


# What a room shows once it has read what it is about; nothing fades in any more.
THERE = {
    "": ".card",
    "#/cull/shoot": ".cell",
    "#/review/shoot/BOX-10": ".steps li .m",
    "#/look/shoot": ".contact img",
    "#/numbers": "main section.card",
}
AT_REST = "() => document.getAnimations().every((each) => each.playState !== 'running')"


@pytest.mark.parametrize("theme", ["dark", pytest.param("light", marks=pytest.mark.slow)])
@pytest.mark.parametrize("place", ["", "#/cull/shoot", "#/review/shoot/BOX-10", "#/look/shoot", "#/numbers"])
def test_axe_finds_nothing_serious(desk, place, theme):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: run scripts/web.sh, which needs Node")
    page = desk(place, theme=theme, width=1440 if theme == "dark" else 1024, height=900 if theme == "dark" else 768)
    page.wait_for_selector("main h1")
    page.locator(THERE[place]).first.wait_for()
    page.wait_for_function(AT_REST)
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in serious] == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_chrome_around_pictures_is_neutral(desk, theme):
    page = desk(theme=theme)
    page.wait_for_selector("nav")
    names = ["canvas", "bar", "panel", "raised", "hover", "active", "line", "line-2", "control", "t1", "t2", "t3"]
    for name in names:
        paint = (
            "name => { document.body.style.color = `var(--${name})`; return getComputedStyle(document.body).color; }"
        )
        red, green, blue = re.findall(r"\d+", page.evaluate(paint, name))[:3]
        assert red == green == blue, name


def test_a_client_sees_what_was_approved_and_says_yes(desk, floor):
    approve_bag(desk, floor)
    admin = desk()
    admin.wait_for_selector("nav")
    link = admin.evaluate(INVITE)
    page = desk(link.lstrip("/"), state=None)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Enter").click()
    page.wait_for_selector(".client, .empty")
    page.wait_for_selector(SHARP)
    assert page.locator("nav", has_text="Board").count() == 0
    page.get_by_label("Your words").fill("just as we wanted it")
    page.get_by_role("button", name="Approve").click()
    page.get_by_text(re.compile("Approved by Rui Costa, .*: just as we wanted it")).wait_for()
    expect(page.get_by_role("button", name="Approved")).to_be_disabled()
    assert [each["words"] for each in floor.facts("client.approved")] == ["just as we wanted it"]


INVITE = """async () => {
  const me = await (await fetch('/api/v1/me')).json();
  const answer = await fetch('/api/v1/people', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf },
    body: JSON.stringify({ login: 'rui', name: 'Rui Costa', roles: { '*': 'client' } }),
  });
  return (await answer.json()).link;
}"""
