"""News for open screens: written once, sent together, and never more than a slow line can hold."""

from __future__ import annotations

import asyncio
import threading

from safelight.api.wire import PENDING, wire_of
from safelight.review.bulletin import Bulletin, News


def news(seq: int) -> News:
    return News("asset.seen", seq, "house", "shoot", {"path": f"{seq}.jpg"})


def test_what_happens_together_wakes_each_screen_once():
    async def listen():
        bulletin = Bulletin()
        wire = wire_of(bulletin)
        screens = [wire.join(), wire.join()]
        teller = threading.Thread(target=lambda: [bulletin.tell(news(n)) for n in (1, 2, 3)])
        teller.start()
        heard = [await each.heard(60) for each in screens]
        teller.join()
        return heard, [[each.seq for each, _ in screen.take()[0]] for screen in screens]

    assert asyncio.run(listen()) == ([True, True], [[1, 2, 3], [1, 2, 3]])


def test_a_screen_that_hears_nothing_is_told_so_in_time():
    async def listen():
        return await wire_of(Bulletin()).join().heard(0.01)

    assert asyncio.run(listen()) is False


def test_a_line_that_is_too_slow_is_told_to_ask_again():
    async def listen():
        screen = wire_of(Bulletin()).join()
        screen.put([(news(1), b"")] * (PENDING + 1))
        return screen.take(), screen.take()

    assert asyncio.run(listen()) == (([], True), ([], False))


def test_a_screen_that_left_is_told_nothing_and_counted_no_more():
    async def listen():
        bulletin = Bulletin()
        wire = wire_of(bulletin)
        stays, leaves = wire.join(), wire.join()
        wire.leave(leaves)
        bulletin.tell(news(1))
        return await stays.heard(60), leaves.take(), bulletin.screens

    assert asyncio.run(listen()) == (True, ([], False), 1)
