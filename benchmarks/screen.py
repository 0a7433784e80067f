"""The review screen in a headless browser: time from a key to what a person sees, memory of a large grid, first load.

    python benchmarks/screen.py [--frames 10000] [--presses 60] [--write]

A real `safelight serve` over a run of the sample shoot, a 50 MP original, and many frames told to the ledger.
Times are wall time inside the page, from the key to the frame that shows it.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "src" / "safelight" / "web"
SAFELIGHT = str(Path(sys.executable).with_name("safelight"))
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
FRAMES = ("KET-09_front.jpg", "BOX-10_front.jpg", "BOX-10_side.jpg", "RNG-07_front.jpg")
PASSWORD = "moss teapot canyon"

# From a key to the first frame after which `seen()` holds.
PRESS = """async ([key, code, shift, seen]) => {
  const holds = new Function('return (' + seen + ')');
  const begun = performance.now();
  window.dispatchEvent(new KeyboardEvent('keydown', {key, code, shiftKey: shift, bubbles: true, cancelable: true}));
  while (!holds()) { await new Promise(requestAnimationFrame); if (performance.now() - begun > 10000) return 10000; }
  await new Promise(requestAnimationFrame);
  return performance.now() - begun;
}"""
SCROLL = """async ([steps, by]) => {
  const grid = document.querySelector('.grid'), gaps = [];
  let blankSince = 0;
  for (let step = 0; step < steps; step++) {
    grid.scrollTop += by;
    await new Promise(requestAnimationFrame);
    const box = grid.getBoundingClientRect(), now = performance.now();
    const covered = [0.05, 0.35, 0.65, 0.95].every((share) => {
      const at = document.elementFromPoint(box.left + box.width * 0.4, box.top + box.height * share);
      return at && at.closest('.cell, [role=gridcell]');
    });
    if (covered) { if (blankSince) gaps.push(now - blankSince); blankSince = 0; } else blankSince ||= now;
  }
  return gaps;
}"""


@contextlib.contextmanager
def served(store: Path) -> Iterator[tuple[str, str]]:
    """Serve a store; yield address and first link."""
    words = [SAFELIGHT, "serve", "--store", str(store), "--out", str(store.parent / "out"), "--port", "0"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    text = ""
    while "/start#" not in text:
        text += process.stdout.readline()
    try:
        yield re.search(r"http://127\.0\.0\.1:\d+", text).group(0), re.search(r"http\S+/start#\S+", text).group(0)
    finally:
        process.terminate()
        process.wait(30)


def prepare(folder: Path, frames: int) -> Path:
    """Run a part of the sample shoot, cull a 50 MP original, and tell the ledger of many frames."""
    import shutil

    import cv2

    shoot, large = folder / "shoot", folder / "large"
    shoot.mkdir()
    large.mkdir()
    for name in (*FRAMES, "shot_list.csv"):
        shutil.copy(ROOT / "samples" / "shoot" / name, shoot)
    local = np.random.default_rng(1)
    small = local.integers(0, 256, (722, 1082, 3), np.uint8)
    cv2.imwrite(str(large / "fifty.jpg"), cv2.resize(small, (8660, 5774), interpolation=cv2.INTER_CUBIC))
    guide = ["--guide", str(ROOT / "samples" / "guide.toml"), "--store", "store"]
    subprocess.run([SAFELIGHT, "run", "shoot", *guide, "--out", "out"], cwd=folder, check=True, capture_output=True)
    subprocess.run([SAFELIGHT, "cull", "large", "--store", "store"], cwd=folder, check=True, capture_output=True)
    tell_many(folder / "store", frames)
    return folder / "store"


def tell_many(store: Path, count: int) -> None:
    """Tell the ledger of `count` frames whose thumbnails are those of the shoot."""
    from safelight.core import batch as told
    from safelight.core.facts import NewFact
    from safelight.store import Store

    with Store.open(store) as opened:
        known = [each.body for each in opened.ledger.facts(kind=told.MEASURED)]
        facts = [NewFact(told.OPENED, "many", {"folder": "/many", "guide": "house"}, batch="many")]
        for number in range(count):
            asset, body = f"{number:064x}", dict(known[number % len(known)])
            path = f"many_{number:05d}.jpg"
            facts.append(NewFact(told.SEEN, asset, {"path": path, "size": 1, "mtime_ns": 1}, batch="many"))
            facts.append(NewFact(told.MEASURED, asset, body | {"path": path}, batch="many"))
            sort = {"path": path, "class": "pick", "group": f"g{number // 4}", "reasons": ["sharp"], "sku": ""}
            facts.append(NewFact(told.SORTED, asset, sort, batch="many"))
            if len(facts) > 3000:
                opened.ledger.append(facts)
                facts = []
        opened.ledger.append(facts)


def renderer_mib() -> float:
    """Proportional memory of this browser's page processes, in MiB; other browsers of the machine do not count."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"--type=renderer" in (folder / "cmdline").read_bytes() and _is_ours(int(folder.name)):
                found = re.search(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)
                total += int(found.group(1)) if found else 0
    return total / 1024


def _is_ours(process: int) -> bool:
    while process > 1:
        if process == os.getpid():
            return True
        stat = Path(f"/proc/{process}/stat").read_text()
        process = int(stat.rpartition(")")[2].split()[1])
    return False


def first_load_kb() -> float:
    """Bytes of the page, its scripts and styles until the board stands, gzipped, in kB."""
    page = (WEB / "index.html").read_text()
    names = set(re.findall(r'(?:src|href)="\./([^"]+)"', page))
    sizes = [len(gzip.compress((WEB / name).read_bytes(), 9)) for name in names if (WEB / name).is_file()]
    return (sum(sizes) + len(gzip.compress(page.encode()))) / 1000


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def measure(page, url: str, presses: int, frames: int, rows: list[tuple[str, str, str, str]]) -> None:
    """Add rows: what, measured, required, note."""
    press = lambda key, seen, code="", shift=False: page.evaluate(PRESS, [key, code, shift, seen])  # noqa: E731
    stage = "document.querySelector('.stage')"
    page.goto(f"{url}/#/review/shoot/BOX-10")
    page.wait_for_selector('.stage[data-sharp="true"]', timeout=60_000)
    page.wait_for_timeout(6000)
    toggles = []
    for turn in range(presses):
        wanted = "Original" if turn % 2 == 0 else "Painted"
        labels = "[...document.querySelectorAll('.stage .lab')]"
        shown = f"{labels}.some(e => e.offsetParent && e.innerText.startsWith('{wanted}'))"
        toggles.append(press("\\", shown, "Backslash"))
    rows.append(
        ("before/after toggle, p95", f"{p95(toggles):.0f} ms", "< 50 ms", f"median {statistics.median(toggles):.0f} ms")
    )
    nexts = []
    for _ in range(presses):
        before = page.evaluate(f"{stage}.dataset.slide")
        nexts.append(
            press(
                "ArrowRight", f"{stage}.dataset.slide !== '{before}' && {stage}.dataset.sharp === 'true'", "ArrowRight"
            )
        )
    rows.append(
        ("next preloaded picture, p95", f"{p95(nexts):.0f} ms", "< 100 ms", f"median {statistics.median(nexts):.0f} ms")
    )
    page.goto(f"{url}/#/cull/large")
    page.wait_for_selector(".cell")
    page.keyboard.press("e")
    page.wait_for_selector('.stage[data-sharp="true"]', timeout=120_000)
    page.mouse.move(500, 420)
    tiles = []
    for _ in range(min(presses, 12)):
        tiles.append(press("z", f"{stage}.dataset.scale === '100' && {stage}.dataset.sharp === 'true'", "KeyZ"))
        press("z", f"{stage}.dataset.scale !== '100'", "KeyZ")
        page.mouse.move(300 + 50 * len(tiles), 250 + 30 * len(tiles))
    rows.append(
        ("50 MP at 100 %, sharp, p95", f"{p95(tiles):.0f} ms", "< 300 ms (first tile)", f"first {tiles[0]:.0f} ms")
    )
    page.goto(f"{url}/#/cull/many")
    page.keyboard.press("g")  # the room stays in the view that it was left in
    page.wait_for_selector(".cell", timeout=60_000)
    page.get_by_role("button", name=f"All {frames}").wait_for(timeout=120_000)
    page.wait_for_timeout(1500)
    gaps = page.evaluate(SCROLL, [200, 700])
    rows.append(
        (f"grid of {frames}: longest blank", f"{max(gaps, default=0):.0f} ms", "< 100 ms", "200 jumps of 700 px")
    )
    rows.append(
        (f"grid of {frames}: memory of the page", f"{renderer_mib():.0f} MiB", "< 400 MB", "proportional set size")
    )
    marks = []
    page.keyboard.press("Home")
    page.wait_for_selector('[aria-selected="true"] .cell')
    press("CapsLock", "document.querySelector('[role=switch]').ariaChecked === 'false'", "CapsLock")
    here = """document.querySelector('[aria-selected="true"] .cell')"""
    for turn in range(presses):
        key, word = ("x", "reject") if turn % 2 == 0 else ("p", "pick")
        marks.append(press(key, f"{here}?.classList.contains('{word}')", f"Key{key.upper()}"))
    rows.append(("mark visible, p95", f"{p95(marks):.0f} ms", "< 50 ms", f"median {statistics.median(marks):.0f} ms"))
    rows.append(
        ("first load, gzipped", f"{first_load_kb():.0f} kB", "< 250 kB", "page, scripts and styles of the board")
    )


def main() -> None:
    """Measure and print the table."""
    from playwright.sync_api import Error, sync_playwright

    given = argparse.ArgumentParser()
    given.add_argument("--frames", type=int, default=10_000)
    given.add_argument("--presses", type=int, default=60)
    given.add_argument("--write", action="store_true")
    asked = given.parse_args()
    with tempfile.TemporaryDirectory(prefix="safelight-screen-") as name:
        store = prepare(Path(name), asked.frames)
        with served(store) as (url, link), sync_playwright() as play:
            browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            page = browser.new_page(viewport={"width": 1440, "height": 900}, bypass_csp=True)
            page.goto(link)
            page.get_by_label("Your name").fill("Noa")
            page.get_by_label("Login").fill("noa")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Enter").click()
            page.wait_for_selector("nav")
            begun = time.time()
            rows: list[tuple[str, str, str, str]] = []
            try:
                measure(page, url, asked.presses, asked.frames, rows)
            except Error as error:  # what was measured is told all the same
                rows.append(("broken off", str(error).splitlines()[0], "", ""))
            browser.close()
    load = Path("/proc/loadavg").read_text().split()[0]
    lines = ["# The review screen", "", "`benchmarks/screen.py`: headless Chromium, software rendering, 2 cores.", ""]
    lines += ["| | measured | required | |", "|---|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    lines += ["", f"Load average of the machine at the end: {load}; {time.time() - begun:.0f} s."]
    print("\n".join(lines))
    if asked.write:
        (ROOT / "benchmarks" / "results" / "screen.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
