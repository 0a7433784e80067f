"""A browser to look through in tests: patient by default, and slow on demand, so that what loses a race shows it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
# How many times slower than this machine pages run; every request is answered as many times 20 ms later.
SLOW = float(os.environ.get("SAFELIGHT_SLOW_BROWSER", "1"))
_LATENCY_MS = 20
# Nothing is waited for in vain when all is well, so that patience costs no time: only a failure waits this long.
PATIENCE_MS = int(60_000 * max(1.0, SLOW / 2))
expect.set_options(timeout=PATIENCE_MS)

_Seen = TypeVar("_Seen")


def open_page(opener: Browser | BrowserContext, **options: object) -> Page:
    """Open a page of a browser or of a context, as slow as SAFELIGHT_SLOW_BROWSER asks."""
    page = opener.new_page(**options)
    page.set_default_timeout(PATIENCE_MS)
    if SLOW > 1:
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW})
        session.send("Network.enable")
        line = {"offline": False, "latency": _LATENCY_MS * SLOW, "downloadThroughput": -1, "uploadThroughput": -1}
        session.send("Network.emulateNetworkConditions", line)
    return page


def until(page: Page, seen: Callable[[], _Seen], patience: int = 1) -> _Seen:
    """Ask again, while the page goes on, until the answer is true; return it."""
    for _ in range(patience * PATIENCE_MS // 100):
        if answer := seen():
            return answer
        page.wait_for_timeout(100)
    answer = seen()
    assert answer, f"still {answer!r} after {patience * PATIENCE_MS // 1000} s"
    return answer
