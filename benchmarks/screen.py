"""The review screen in a headless browser: time from a key to what a person sees, memory of a large grid, first load.

    python benchmarks/screen.py [--frames 10000] [--presses 60] [--prepared FOLDER] [--only default|emulated] [--write]

A real `safelight serve` over a run of the sample shoot, a 50 MP original, and many frames told to the ledger.
Times are wall time, from the key to the frame on the screen that shows it.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import os
import re
import shutil
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
# Chromium as it starts by itself on a machine without a GPU: it composes in software. And with a GPU played by the
# processor, which no desk has and which is several times slower: told beside it, held to nothing.
FLAGS = {
    "Chromium as it starts": ["--no-sandbox"],
    "with an emulated GPU": ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
}
FRAMES = ("KET-09_front.jpg", "BOX-10_front.jpg", "BOX-10_side.jpg", "RNG-07_front.jpg")
PASSWORD = "moss teapot canyon"

# Places are waited for by locators: a handle to an element would keep it, and all of its room, in memory.
# A real key, timed by the browser from the key's own time stamp. Where the first frame after it shows what is meant,
# the browser says itself when that frame was on the screen (Event Timing, in steps of 8 ms); where a later one does,
# the frame after that one has begun before the clock is read.
WATCH = """() => {
  const eye = window.__eye = { told: new Map() };
  const keys = (list) => list.getEntries().filter((each) => each.name === 'keydown');
  new PerformanceObserver((list) => keys(list).forEach((each) => eye.told.set(each.startTime, each.duration)))
    .observe({ type: 'event', durationThreshold: 16 });
  const frame = () => new Promise(requestAnimationFrame);
  eye.arm = (seen) => {
    const holds = new Function('return (' + seen + ')');
    eye.seen = new Promise((done) => addEventListener('keydown', async (event) => {
      const begun = event.timeStamp;
      let frames = 0;
      for (;;) {
        await frame();
        if (holds()) break;
        frames += 1;
        if (performance.now() - begun > 10000) return done(10000);
      }
      await frame();
      const late = performance.now() - begun;
      if (frames) return done(late);
      for (let waited = 0; waited < 30 && !eye.told.has(begun); waited += 1) await frame();
      done(eye.told.get(begun) ?? Math.min(16, late));
    }, { once: true, capture: true }));
  };
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


def page_mb() -> float:
    """Proportional memory of the process that draws the page, in MB: the largest of this browser's renderers.

    The others are the browser's own: one in reserve, and one of its frame. Other browsers of the machine do not count.
    """
    found = [0.0]
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"--type=renderer" in (folder / "cmdline").read_bytes() and _is_ours(int(folder.name)):
                told = re.search(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)
                found.append(int(told.group(1)) * 1024 / 1e6 if told else 0.0)
    return max(found)


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


Row = tuple[str, str, str, str]
STAGE = "document.querySelector('.stage')"


class Eye:
    """A page whose keys are timed until what they mean is seen."""

    def __init__(self, page) -> None:
        self.page = page
        page.evaluate(WATCH)

    def press(self, key: str, seen: str) -> float:
        """Press a key; return the milliseconds until `seen` holds in a frame that was shown."""
        self.page.evaluate("seen => window.__eye.arm(seen)", seen)
        self.page.keyboard.press(key)
        return self.page.evaluate("() => window.__eye.seen")


def row_of(what: str, values: list[float], required: str, *more: str) -> Row:
    """Return a line of the table: p95, what it must be, and the median."""
    note = "; ".join([f"median {statistics.median(values):.0f} ms of {len(values)}", *more])
    return (f"{what}, p95", f"{p95(values):.0f} ms", required, note)


def measure(page, url: str, presses: int, frames: int, rows: list[Row]) -> None:
    """Add rows: what, measured, required, note."""
    eye = Eye(page)
    page.goto(f"{url}/#/review/shoot/BOX-10")
    page.locator('.stage[data-sharp="true"]').first.wait_for(timeout=60_000)
    page.wait_for_timeout(5000)
    rows.append(toggles(eye, presses))
    rows.append(nexts(eye, presses))
    page.goto(f"{url}/#/cull/large")
    page.locator(".cell").first.wait_for()
    rows.append(tiles(eye, min(presses, 24)))
    page.goto(f"{url}/#/cull/many")
    page.keyboard.press("g")  # the room stays in the view that it was left in
    page.locator(".cell").first.wait_for(timeout=60_000)
    page.get_by_role("button", name=f"All {frames}").wait_for(timeout=120_000)
    page.wait_for_timeout(1500)
    gaps = page.evaluate(SCROLL, [200, 700])
    blank = f"{max(gaps, default=0):.0f} ms"
    rows.append((f"grid of {frames}: longest blank", blank, "< 100 ms", "200 jumps of 700 px"))
    memory = f"{page_mb():.0f} MB"
    rows.append(
        (
            f"grid of {frames}: memory of the page",
            memory,
            "< 400 MB",
            "its process, PSS; after review and a loupe of 50 MP",
        )
    )
    rows.append(marks(eye, presses))
    rows.append(("first load, gzipped", f"{first_load_kb():.0f} kB", "< 250 kB", "page, scripts, styles of the board"))


def toggles(eye: Eye, presses: int) -> Row:
    """Before and after, in turn; the picture that comes back is the one that went, pixel by pixel."""
    stage = eye.page.locator(".stage")
    took, pictures = [], [stage.screenshot()]
    above = "document.querySelector('.fitted canvas[data-side=before]:not([style*=\"display: none\"])')"
    for turn in range(presses):
        opacity = 1 if turn % 2 == 0 else 0
        took.append(eye.press("\\", f"{STAGE}.dataset.sharp === 'true' && {above}?.style.opacity === '{opacity}'"))
        if turn < 2:
            pictures.append(stage.screenshot())
    same = pictures[0] == pictures[2] != pictures[1]
    return row_of("before/after toggle", took, "< 50 ms", "no pixel moved" if same else "PIXELS MOVED")


def nexts(eye: Eye, presses: int) -> Row:
    """The next view of a product, sharp at the size of the screen."""
    took = []
    for _ in range(presses):
        before = eye.page.evaluate(f"{STAGE}.dataset.slide")
        shown = f"{STAGE}.dataset.slide !== '{before}' && {STAGE}.dataset.sharp === 'true'"
        took.append(eye.press("ArrowRight", shown))
    return row_of("next preloaded picture", took, "< 100 ms")


def tiles(eye: Eye, presses: int) -> Row:
    """All tiles of the screen at 100 % of a 50 MP file at the pointer, each time at another place."""
    page = eye.page
    page.keyboard.press("e")
    page.locator('.stage[data-sharp="true"]').first.wait_for(timeout=120_000)
    took = []
    for turn in range(presses):
        page.mouse.move(300 + 37 * (turn % 20), 200 + 23 * (turn % 20))
        took.append(eye.press("z", f"{STAGE}.dataset.scale === '100' && {STAGE}.dataset.sharp === 'true'"))
        eye.press("z", f"{STAGE}.dataset.scale !== '100'")
    return row_of("50 MP at 100 %, every tile of the screen", took, "< 300 ms (first tile)", f"first {took[0]:.0f} ms")


def marks(eye: Eye, presses: int) -> Row:
    """Pick and reject on the frame at hand, seen as its class in the grid."""
    page = eye.page
    page.keyboard.press("Home")
    page.locator('[aria-selected="true"] .cell').first.wait_for()
    eye.press("CapsLock", "document.querySelector('[role=switch]').ariaChecked === 'false'")
    here = """document.querySelector('[aria-selected="true"] .cell')"""
    took = []
    for turn in range(presses):
        key, word = ("x", "reject") if turn % 2 == 0 else ("p", "pick")
        took.append(eye.press(key, f"{here}?.classList.contains('{word}')"))
    return row_of("mark visible", took, "< 50 ms")


def look_at(store: Path, flags: list[str], presses: int, frames: int) -> list[Row]:
    """Serve a store to a browser and return what was measured in it."""
    from playwright.sync_api import Error, sync_playwright

    rows: list[Row] = []
    with served(store) as (url, link), sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, bypass_csp=True)
        page.goto(link)
        page.get_by_label("Your name").fill("Noa")
        page.get_by_label("Login").fill("noa")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Enter").click()
        page.locator("nav").first.wait_for()
        try:
            measure(page, url, presses, frames, rows)
        except Error as error:  # what was measured is told all the same
            rows.append(("broken off", str(error).splitlines()[0], "", ""))
        browser.close()
    return rows


def main() -> None:
    """Measure and print the table."""
    given = argparse.ArgumentParser()
    given.add_argument("--frames", type=int, default=10_000)
    given.add_argument("--presses", type=int, default=60)
    given.add_argument("--prepared", type=Path, help="a folder to prepare the store in, or that has one prepared")
    given.add_argument("--only", choices=["default", "emulated"])
    given.add_argument("--write", action="store_true")
    asked = given.parse_args()
    names = list(FLAGS)[slice(1, 2) if asked.only == "emulated" else slice(0, 1) if asked.only else slice(None)]
    begun = time.time()
    found: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory(prefix="safelight-screen-") as name:
        prepared = asked.prepared or Path(name) / "prepared"
        if not (prepared / "store").is_dir():
            prepared.mkdir(parents=True, exist_ok=True)
            prepare(prepared, asked.frames)
        for number, browser in enumerate(names):
            own = Path(name) / f"{number}"
            shutil.copytree(prepared, own)
            # Presses are dear where every frame is: a third of them.
            presses = asked.presses if browser == names[0] else max(6, asked.presses // 3)
            found[browser] = look_at(own / "store", FLAGS[browser], presses, asked.frames)
    lines = table_of(found)
    load = Path("/proc/loadavg").read_text().split()[0]
    lines += ["", f"Load average of the machine at the end: {load}; {time.time() - begun:.0f} s."]
    print("\n".join(lines))
    if asked.write:
        (ROOT / "benchmarks" / "results" / "screen.md").write_text("\n".join(lines) + "\n")


def table_of(found: dict[str, list[Row]]) -> list[str]:
    """Return the page: a column a browser, held to what is required in the first."""
    lines = [
        "# The review screen",
        "",
        "`benchmarks/screen.py`: headless Chromium on 2 cores, without a GPU. A key is timed by the browser, from its",
        "own time stamp to the frame on the screen that shows what it means (Event Timing, in steps of 8 ms).",
        "Without flags Chromium composes in software; the last column plays a GPU on the same two cores (SwiftShader),",
        "which earlier tables were measured with: several times slower than either a GPU or none.",
        "",
        f"| | required | {' | | '.join(found)} | |",
        f"|---|---|{'---|---|' * len(found)}",
    ]
    first, *others = found.values()
    for number, (what, value, required, note) in enumerate(first):
        more = [cell for rows in others if number < len(rows) for cell in (rows[number][1], rows[number][3])]
        lines.append(f"| {' | '.join([what, required, value, note, *more])} |")
    return lines


if __name__ == "__main__":
    main()
