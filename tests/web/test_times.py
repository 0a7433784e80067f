"""How long a screen was in use on a picture is told by the screen: when it is left, and when the tab closes."""

from __future__ import annotations

from tests.browsers import until
from tests.web.test_journeys import review

HALF_AN_HOUR_S = 1800.0


def use(page):
    """Do something at the screen, and something more a second and a half later by the page's own clock."""
    page.mouse.move(500, 400)
    start = page.evaluate("performance.now()")
    page.wait_for_function("start => performance.now() > start + 1500", arg=start)
    page.mouse.move(520, 410)


def told(floor, room):
    return [each for each in floor.facts("file.looked") if each["room"] == room]


def test_a_picture_that_is_left_and_a_tab_that_closes_tell_how_long_it_was_in_use(desk, floor):
    page = review(desk, "BOX-10")
    before = len(told(floor, "review"))
    use(page)
    page.goto(page.url.partition("#")[0] + "#/board")
    until(page, lambda: len(told(floor, "review")) > before)
    assert told(floor, "review")[-1]["path"].startswith("BOX-10") and told(floor, "review")[-1]["seconds"] >= 1.4

    page = review(desk, "BAG-06")
    before = len(told(floor, "review"))
    use(page)
    page.goto("about:blank")  # the page goes away, as a tab that is closed does
    until(page, lambda: len(told(floor, "review")) > before)
    assert told(floor, "review")[-1]["path"].startswith("BAG-06")


def test_whoever_leaves_the_screen_alone_is_counted_for_two_minutes_and_no_more(desk, floor):
    page = review(desk, "BOX-10")
    before = len(told(floor, "review"))
    page.clock.install()
    use(page)
    page.clock.fast_forward("30:00")
    page.goto(page.url.partition("#")[0] + "#/board")
    until(page, lambda: len(told(floor, "review")) > before)
    seconds = told(floor, "review")[-1]["seconds"]
    assert 120 < seconds < HALF_AN_HOUR_S / 2  # what the test itself took, and two idle minutes of the half hour
