"""One run of a shoot, one server and one browser for all journeys of this folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browsers import CHROMIUM, FLAGS, open_page
from tests.web import floor as floors

SHOTS = os.environ.get("SAFELIGHT_SHOTS")


@pytest.fixture(scope="session")
def shoot() -> Iterator[Path]:
    """A store over a shoot that was run, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="safelight-web-"))
    store = floors.run_shoot(folder)
    floors.add_hostile(store)
    shutil.copytree(store, folder / "untouched")
    yield store
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def floor(shoot) -> Iterator[floors.Floor]:
    with floors.served(shoot) as served:
        yield served


@pytest.fixture(scope="module")
def fresh(shoot, browser, tmp_path_factory) -> Iterator[tuple[floors.Floor, Path]]:
    """A floor of a module's own, over the shoot as it came from its run; with it, the first admin's browser state."""
    folder = tmp_path_factory.mktemp("fresh")
    shutil.copytree(shoot.parent / "untouched", folder / "store")
    floors.add_history(folder / "store")
    with floors.served(folder / "store") as served:
        yield served, enter(browser, served.link, folder / "noa.json", "Noa Lind", "noa")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def still(shoot, browser, tmp_path_factory) -> Iterator[tuple[floors.Floor, Path]]:
    """A floor of a module's own where nobody amends: no new version comes between one decision and the next."""
    folder = tmp_path_factory.mktemp("still")
    shutil.copytree(shoot.parent / "untouched", folder / "store")
    with floors.served(folder / "store") as served:
        yield served, enter(browser, served.link, folder / "noa.json", "Noa Lind", "noa")
    shutil.rmtree(folder, ignore_errors=True)


def enter(browser, link: str, state: Path, name: str = "", login: str = "") -> Path:
    """Go through a link that works once, and keep the browser's state."""
    context = browser.new_context()
    page = open_page(context)
    page.goto(link)
    if name:
        page.get_by_label("Your name").fill(name)
        page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(floors.PASSWORD)
    page.get_by_role("button", name="Enter").click()
    page.wait_for_selector("nav")
    assert "start" not in page.url
    context.storage_state(path=str(state))
    context.close()
    return state


@pytest.fixture(scope="package")
def browser():
    """One browser for this folder, closed behind it: a process can hold one Playwright at a time."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def state_of_admin(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("web") / "noa.json"


@pytest.fixture(scope="package")
def signed_in(floor, browser, state_of_admin) -> Path:
    """The first admin's browser state, made once through the link that the server printed."""
    return state_of_admin if state_of_admin.exists() else enter(browser, floor.link, state_of_admin, "Noa Lind", "noa")


@pytest.fixture
def desk(floor, browser, signed_in, request):
    """Open pages as the admin; nothing may go wrong on them unseen."""
    yield from desk_at(floor, browser, signed_in, request)


@pytest.fixture
def fresh_desk(fresh, browser, request):
    """Open pages of the module's own floor as its admin."""
    served, admin = fresh
    yield from desk_at(served, browser, admin, request)


@pytest.fixture
def still_desk(still, browser, request):
    """Open pages of the floor where nobody amends as its admin."""
    served, admin = still
    yield from desk_at(served, browser, admin, request)


def desk_at(floor, browser, admin, request):
    """Yield what opens pages; look at the end whether all went well."""
    opened, wrong = [], []

    def open_at(path="", *, width=1440, height=900, theme="dark", state=admin):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, storage_state=state and str(state)
        )
        opened.append(context)
        page = open_page(context)
        page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
        page.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda m: wrong.append(m.text) if "Content Security Policy" in m.text else None)
        page.goto(f"{floor.url}/{path}")
        return page

    yield open_at
    if SHOTS:
        for number, context in enumerate(opened):
            for page in context.pages:
                Path(SHOTS).mkdir(parents=True, exist_ok=True)
                page.screenshot(path=f"{SHOTS}/{request.node.name}-{number}.png")
    for context in opened:
        context.close()
    assert wrong == []
