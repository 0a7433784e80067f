"""One run of a shoot, one server and one browser for all journeys of this folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web import floor as floors

SHOTS = os.environ.get("SAFELIGHT_SHOTS")


@pytest.fixture(scope="session")
def shoot() -> Iterator[Path]:
    """A store over a shoot that was run, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="safelight-web-"))
    store = floors.run_shoot(folder)
    floors.add_hostile(store)
    yield store
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def floor(shoot) -> Iterator[floors.Floor]:
    with floors.served(shoot) as served:
        yield served


@pytest.fixture(scope="package")
def browser():
    """One browser for this folder, closed behind it: a process can hold one Playwright at a time."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=floors.CHROMIUM, args=floors.FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def state_of_admin(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("web") / "noa.json"


@pytest.fixture(scope="package")
def signed_in(floor, browser, state_of_admin) -> Path:
    """The first admin's browser state, made once through the link that the server printed."""
    state = state_of_admin
    if state.exists():
        return state
    context = browser.new_context()
    page = context.new_page()
    page.goto(floor.link)
    page.get_by_label("Your name").fill("Noa Lind")
    page.get_by_label("Login").fill("noa")
    page.get_by_label("Password").fill(floors.PASSWORD)
    page.get_by_role("button", name="Enter").click()
    page.wait_for_selector("nav")
    assert "start" not in page.url
    context.storage_state(path=str(state))
    context.close()
    return state


@pytest.fixture
def desk(floor, browser, signed_in, request):
    """Open pages as the admin; nothing may go wrong on them unseen."""
    opened, wrong = [], []

    def open_page(path="", *, width=1440, height=900, theme="dark", state=signed_in):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, storage_state=state and str(state)
        )
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
        page.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda m: wrong.append(m.text) if "Content Security Policy" in m.text else None)
        page.goto(f"{floor.url}/{path}")
        return page

    yield open_page
    if SHOTS:
        for number, context in enumerate(opened):
            for page in context.pages:
                Path(SHOTS).mkdir(parents=True, exist_ok=True)
                page.screenshot(path=f"{SHOTS}/{request.node.name}-{number}.png")
    for context in opened:
        context.close()
    assert wrong == []
