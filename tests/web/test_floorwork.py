"""What the floor's people do at the screen: the set's list, a client's return, one's own last word taken back."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from playwright.sync_api import expect

from tests.browsers import until
from tests.web import floor as floors
from tests.web.conftest import SHOTS, desk_at, enter
from tests.web.test_journeys import SHARP, saved
from tests.web.test_out import GIVE_BACK, invited

FRAMES = ("BAG-06_front.jpg", "BOX-10_front.jpg", "RNG-07_front.jpg")
ASKED = ("decide", "shoot", "RNG-07_front.jpg", "reshoot", "--reason", "the stone is dark", "--as", "Ines Weber")


def say(store, *words):
    """Say words of the program over the store's shoot, as its owner does at a shell."""
    command = [floors.SAFELIGHT, *words, "--store", "store", "--out", "out"]
    if words[0] == "decide":
        command = command[:-2]
    done = subprocess.run(command, cwd=store.parent, capture_output=True, text=True, check=False, timeout=840)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    """A bag that was delivered, a ring that is to be shot again, and a capture without a name that came in since."""
    folder = tmp_path_factory.mktemp("floorwork")
    store = floors.run_shoot(folder, FRAMES)
    say(store, "decide", "shoot", "BAG-06_front.jpg", "approve", "--as", "Ines Weber")
    say(store, "deliver", "shoot")
    say(store, *ASKED)
    shutil.copy(floors.SAMPLES / "KET-09_front.jpg", folder / "shoot" / "IMG_0900.jpg")
    say(store, "run", "shoot", "--guide", "guide.toml")
    with floors.served(store) as served:
        yield served
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def noa(floor, browser, tmp_path_factory):
    return enter(browser, floor.link, tmp_path_factory.mktemp("who") / "noa.json", "Noa Lind", "noa")


@pytest.fixture
def desk(floor, browser, noa, request):
    yield from desk_at(floor, browser, noa, request)


def review(desk, sku, **kwargs):
    page = desk(f"#/review/shoot/{sku}", **kwargs)
    page.wait_for_selector(SHARP)
    return page


def review_at(page, floor, sku):
    page.goto(f"{floor.url}/#/review/shoot/{sku}")
    page.wait_for_selector(SHARP)


def take_shot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def stands(page):
    return page.locator(".stands")


@pytest.mark.parametrize(("width", "height", "theme"), [(1440, 900, "dark"), (1024, 768, "light")])
def test_a_brief_with_its_board_is_set_before_work_and_stands_beside_the_picture(desk, floor, width, height, theme):
    about, words = f"product:BOX-10 {width}", f"the label is read first, at {width}"
    page = desk(width=width, height=height, theme=theme)
    page.get_by_role("button", name="Briefs of shoot").click()
    sheet = page.get_by_role("dialog", name="Briefs of shoot")
    sheet.get_by_role("button", name="New brief").click()
    sheet.get_by_label("About").select_option("product")
    sheet.get_by_label("Which product").fill(about.partition(":")[2])
    sheet.get_by_label("What it is to look like").fill(words)
    sheet.get_by_label("Add pictures").set_input_files(
        [floors.SAMPLES / "KET-09_front.jpg", floors.SAMPLES / "MUG-01_front.jpg"]
    )
    pins = sheet.get_by_role("list", name="Reference board").get_by_role("listitem")
    expect(pins).to_have_count(2)
    sheet.get_by_label("Words under KET-09_front").fill("this black")
    sheet.get_by_role("button", name="Take MUG-01_front off").click()
    expect(pins).to_have_count(1)
    take_shot(page, f"brief-{width}")
    sheet.get_by_role("button", name="Set the brief").click()
    expect(sheet.get_by_role("status")).to_contain_text(f"brief for {about}, says Noa Lind")
    line = sheet.get_by_role("list", name="Briefs").get_by_role("listitem").filter(has_text=words)
    expect(line.get_by_role("img", name="this black")).to_be_visible()
    told = floor.facts("brief.set")[-1]
    assert (told["about"], told["text"], [caption for _, caption in told["board"]]) == (about, words, ["this black"])


def test_a_brief_is_changed_where_it_stands_and_taken_back(desk, floor):
    page = desk()
    page.get_by_role("button", name="Briefs of shoot").click()
    sheet = page.get_by_role("dialog", name="Briefs of shoot")
    for words in ("warm", "warm, the paper pure white"):
        if words == "warm":
            sheet.get_by_role("button", name="New brief").click()
        else:
            sheet.get_by_role("button", name="Change the brief about the whole shoot").click()
        sheet.get_by_label("What it is to look like").fill(words)
        sheet.get_by_role("button", name="Set the brief").click()
        expect(sheet.get_by_role("list", name="Briefs")).to_contain_text(words)
    sheet.get_by_role("button", name="Close").click()
    review_at(page, floor, "BOX-10")
    expect(page.get_by_role("region", name="Brief")).to_contain_text("warm, the paper pure white")
    page.keyboard.press("Alt+b")
    page.get_by_role("button", name="Briefs of shoot").click()
    sheet.get_by_role("button", name="Change the brief about the whole shoot").click()
    sheet.get_by_role("button", name="Take the brief back").click()
    expect(sheet.get_by_role("button", name="Change the brief about the whole shoot")).to_have_count(0)
    until(page, lambda: floor.facts("brief.set")[-1]["text"] == "")


def test_work_is_given_to_somebody_and_everybody_sees_to_whom(desk, floor, browser, tmp_path):
    rita = invited(desk, browser, floor, tmp_path, "rita", "Rita Maas", "retoucher")
    page = review(desk, "BOX-10")
    given = page.get_by_role("region", name="Whose work it is")
    given.get_by_label("Given to").select_option(label="Rita Maas")
    until(page, lambda: floor.facts("work.assigned"))
    take_shot(page, "given")
    page.keyboard.press("Alt+b")
    expect(page.locator(".card", has_text="BOX-10")).to_be_visible()
    hers = desk(state=rita)
    expect(hers.locator(".mine .mrow", has_text="BOX-10").first).to_be_visible()
    hers.goto(f"{floor.url}/#/review/shoot/BOX-10")
    hers.wait_for_selector(SHARP)
    expect(hers.get_by_role("region", name="Whose work it is")).to_have_text("Given to Rita Maas")
    page.goto(f"{floor.url}/#/review/shoot/BOX-10")
    given.get_by_label("Given to").select_option("")
    until(page, lambda: floor.facts("work.assigned")[-1]["to"] == "")
    # Whoever looks at it holds it; leaving gives it back.
    hers.goto(f"{floor.url}/#/board")
    hers.wait_for_selector(".card")
    hers.evaluate(GIVE_BACK)


def test_ones_last_word_is_taken_back_and_said_again_by_a_key_or_a_button(desk, floor):
    page = review(desk, "BOX-10")
    page.keyboard.press("Control+z")  # there was none, which is no trouble
    expect(page.locator("[aria-live=polite]").filter(has_text="No word of yours in this shoot.")).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(0)
    page.keyboard.press("Alt+r")
    page.get_by_label("Note").fill("the lid is dented")
    page.keyboard.press("Control+Enter")
    until(page, lambda: floor.facts("decision.made")[-1]["reason"] == "the lid is dented")
    saved(page)
    review_at(page, floor, "BOX-10")
    expect(stands(page)).to_have_text("sent back")
    page.get_by_role("button", name="Take your last word back").click()
    expect(stands(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Reject")).to_be_enabled()
    assert len(floor.facts("decision.undone")) == 1
    page.keyboard.press("Control+Shift+z")
    expect(stands(page)).to_have_text("sent back")
    assert floor.facts("decision.made")[-1]["reason"] == "the lid is dented"
    page.keyboard.press("Control+z")
    expect(stands(page)).to_have_count(0)
    assert "BOX-10" in page.url


@pytest.mark.parametrize(("width", "height", "theme"), [(1440, 900, "dark"), (1024, 768, "light")])
def test_the_sets_list_tells_what_to_shoot_again_and_what_came_in_since(desk, width, height, theme):
    page = desk(width=width, height=height, theme=theme)
    page.get_by_role("button", name="Set’s list").click()
    sheet = page.get_by_role("dialog", name="The set’s list")
    line = sheet.get_by_role("list", name="To shoot again").get_by_role("listitem").first
    expect(line).to_contain_text("RNG-07 gold front")
    expect(line).to_contain_text("the stone is dark")
    expect(line).to_contain_text("asked by Ines Weber")
    expect(line.get_by_role("list").get_by_role("listitem")).to_have_text(["IMG_0900.jpg Takes the place…"])
    line.get_by_role("img", name="IMG_0900.jpg").wait_for()
    sheet.get_by_role("button", name="IMG_0900.jpg takes the place").click()
    expect(sheet.get_by_role("button", name="It takes the place")).to_be_disabled()


def test_a_capture_without_a_name_takes_a_place_by_a_persons_word(desk, floor):
    page = desk()
    page.get_by_role("button", name="Set’s list").click()
    sheet = page.get_by_role("dialog", name="The set’s list")
    sheet.get_by_role("button", name="IMG_0900.jpg takes the place").click()
    sheet.get_by_label("Why").fill("shot after lunch")
    sheet.get_by_role("button", name="It takes the place").click()
    expect(sheet.get_by_role("status")).to_contain_text("takes the place of RNG-07_front.jpg, says Noa Lind")
    expect(sheet).to_contain_text("Nothing is to be shot again.")
    (told,) = floor.facts("file.superseded")
    assert (told["by"], told["reason"]) == ("IMG_0900.jpg", "shot after lunch")
    sheet.get_by_role("button", name="Close").click()
    review_at(page, floor, "BOX-10")
    page.keyboard.press("Control+z")  # a mistake: the set is asked again
    until(page, lambda: len(floor.facts("file.superseded")) == 2)
    assert floor.facts("file.superseded")[-1]["by"] == ""
    expect(
        page.get_by_role("heading", name="Review RNG-07")
    ).to_be_attached()  # it leads to where the picture stands again
    page.keyboard.press("Alt+b")
    expect(page.get_by_role("button", name="Set’s list")).to_be_visible()


def test_what_a_client_says_of_a_delivered_picture_opens_it_again(desk, floor):
    # A delivered picture waits in no queue: it is found among the frames of its shoot.
    page = desk("#/cull/shoot", width=1024, height=768, theme="light")
    page.get_by_role("button", name=re.compile("^BAG-06_front.jpg")).first.click()
    why = page.get_by_role("complementary", name="Why")
    expect(why.get_by_text("delivered", exact=True)).to_be_visible()
    take_shot(page, "cull-to-review")
    why.get_by_role("link", name="Open in review").click()
    page.wait_for_selector(SHARP)
    expect(stands(page)).to_have_text("delivered")
    page.get_by_role("button", name="The client sent it back…").click()
    panel = page.get_by_role("complementary", name="Send back")
    expect(panel.get_by_role("heading", name="The client sent it back")).to_be_visible()
    expect(panel).to_contain_text("counts as a revision")
    panel.get_by_label("Note").fill("darker than the bag")
    panel.get_by_role("button", name="too dark").click()
    take_shot(page, "the-client-sent-it-back")
    panel.get_by_role("button", name="Open it again").click()
    expect(stands(page)).to_have_text("sent back")
    expect(page.get_by_role("button", name="The client sent it back…")).to_have_count(0)
    said = floor.facts("decision.made")[-1]
    assert (said["how"], said["reasons"]) == ("return", ["too_dark"]) and "darker than the bag" in said["reason"]


def test_a_claim_that_comes_after_one_has_left_is_given_back(desk, floor):
    page = desk()
    page.wait_for_selector(".card")
    taken, ended = (len(floor.facts(kind)) for kind in ("claim.taken", "claim.ended"))
    late = []
    page.route(
        "**/api/v1/claims", lambda route: late.append(route) if route.request.method == "POST" else route.continue_()
    )
    page.goto(f"{floor.url}/#/review/shoot/BOX-10")
    until(page, lambda: late)
    page.keyboard.press("Alt+b")
    expect(page.locator(".card", has_text="BOX-10")).to_be_visible()
    for each in late:
        each.continue_()
    until(page, lambda: len(floor.facts("claim.taken")) > taken)
    until(page, lambda: len(floor.facts("claim.ended")) - ended == len(floor.facts("claim.taken")) - taken)
