"""The service under load: 100,000 assets and a million facts, lists and queues, decisions, fifty reviewers at once.

    python benchmarks/service.py all                # the tables: seeds once (6 minutes), then measures beside a run
    python benchmarks/service.py seed STORE --assets 100000
    python benchmarks/service.py measure STORE [--reviewers 50] [--pace 2 8] [--seconds 60] [--run SHOOT]

`seed` tells a store of files as runs would, without a pixel. `measure` starts ``safelight serve`` on it as a process
of its own and asks it over HTTP as browsers do, a line a reviewer and one more for what happens. Each reviewer takes a
file, opens it and its picture's tiles, and decides, one file in `--pace` seconds; before every second one they look at
a list. Every file is on the lists of two reviewers. With `--seconds 1800` it is the half hour of RELIABILITY.md, H-02.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx

sys.path.insert(0, str(Path(__file__).resolve().parent))

from browser import Answer, Browser
from service_seed import QUEUES, seed

SAFELIGHT = str(Path(sys.executable).with_name("safelight"))
PASSWORD = "moss teapot canyon"
TILES = 4  # of a picture that is opened, from the cache
LIST_EVERY = 2  # files: oftener than people look, so that a p95 of each kind rests on 40 answers


@dataclass
class Seen:
    """What the reviewers saw: seconds by what was asked, answers, and what became of each decision."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    decided: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    async def timed(self, what: str, ask: Any) -> Answer:
        """Await an answer and note how long it took."""
        begun = time.perf_counter()
        answer: Answer = await ask
        self.times[what].append(time.perf_counter() - begun)
        self.statuses[answer.status] += 1
        return answer

    def table(self) -> str:
        """Return the 50th, 95th and 99th part of a hundred of each request's time."""
        lines = ["| | n | p50 ms | p95 ms | p99 ms |", "|---|---|---|---|---|"]
        for what, found in sorted(self.times.items()):
            ms = sorted(1000 * each for each in found)
            cuts = statistics.quantiles(ms, n=100) if len(ms) > 1 else ms * 99
            lines.append(f"| {what} | {len(ms)} | {cuts[49]:.0f} | {cuts[94]:.0f} | {cuts[98]:.0f} |")
        return "\n".join(lines)

    @property
    def asked(self) -> int:
        """How many requests there were."""
        return sum(map(len, self.times.values()))


@contextlib.contextmanager
def served(store: Path) -> Iterator[tuple[str, str, int]]:
    """Serve a store in a process of its own: its URL, the secret of its first link ("" if there is an admin), pid."""
    launch = os.environ.get("SAFELIGHT_LAUNCH", SAFELIGHT).split()
    words = [*launch, "serve", "--port", "0", "--store", str(store), "--out", str(store.parent / "out")]
    said = store.parent / "serve.log"
    begun = time.perf_counter()
    with said.open("w") as log:
        process = subprocess.Popen(words, stdout=log, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    url = ""
    while True:
        if process.poll() is not None:
            raise SystemExit(f"the service did not start: {said.read_text()}")
        found = re.search(r"serves at (\S+)", said.read_text())
        url = found.group(1) if found else ""
        with contextlib.suppress(httpx.TransportError):
            if url and httpx.get(f"{url}/api/v1/health").status_code == 200:
                break
        time.sleep(0.05)
    print(f"Started within {time.perf_counter() - begun:.1f} s, {cpu_s(process.pid):.1f} s of processor time.")
    link = re.search(r"/start#(\S+)", said.read_text())
    try:
        yield url, link.group(1) if link else "", process.pid
    finally:
        process.terminate()
        process.wait(30)


async def signed_in(url: str, login: str, token: str = "", name: str = "") -> Browser:
    """Return a browser of somebody who is signed in."""
    host, _, port = url.removeprefix("http://").partition(":")
    browser = Browser(host, int(port))
    if token:
        body = {"token": token, "login": login, "name": name, "password": PASSWORD}
        done = await browser.post("/session/link", body)
    else:
        done = await browser.post("/session", {"login": login, "password": PASSWORD})
    browser.headers["X-CSRF-Token"] = done.checked().json()["csrf"]
    return browser


async def people(url: str, token: str, count: int) -> tuple[Browser, list[Browser]]:
    """Return the admin and `count` reviewers, made where they are not there yet."""
    admin = await signed_in(url, "ada", token, "Ada Admin")
    known = {each["login"] for each in (await admin.get("/people")).json()["items"]}
    found = []
    for n in range(count):
        login, secret = f"reviewer{n:02}", ""
        if login not in known:
            body = {"login": login, "name": f"Reviewer {n:02}", "roles": {"*": "reviewer"}}
            secret = (await admin.post("/people", body)).checked().json()["link"].partition("#")[2]
        found.append(await signed_in(url, login, secret))
    return admin, found


LISTS = (
    "board",
    "queue, first 100",
    "queue, next 100",
    "batches, 100",
    "files of a batch, 200",
    "files of a batch that wait",
)


async def look(browser: Browser, seen: Seen, what: str, chance: random.Random) -> None:
    """Ask for one kind of list; a queue's second page comes after its first."""
    batch = f"shoot-{chance.randrange(100):04}"
    if what == "board":
        await seen.timed(what, browser.get("/queues"))
    elif what.startswith("queue"):
        queue = chance.choice(QUEUES)
        page = (await seen.timed("queue, first 100", browser.get(f"/queues/{queue}"))).json()
        if what == "queue, next 100" and page.get("next"):
            await seen.timed(what, browser.get(f"/queues/{queue}", after=page["next"]))
    elif what == "batches, 100":
        await seen.timed(what, browser.get("/batches"))
    elif what == "files of a batch, 200":
        page = (await seen.timed(what, browser.get(f"/batches/{batch}/assets"))).json()
        if page.get("items"):
            await seen.timed("one file, whole", browser.get(f"/assets/{chance.choice(page['items'])['id']}"))
    else:
        await seen.timed(what, browser.get(f"/batches/{batch}/assets", standing="waiting"))


async def review(
    browser: Browser,
    mine: list[dict[str, Any]],
    seen: Seen,
    until: float,
    pace: float,
    tiles: list[str],
    chance: random.Random,
) -> None:
    """Take, look at and decide files, one in `pace` seconds, as one reviewer does."""
    await asyncio.sleep(chance.random() * pace)
    for count, line in enumerate(mine):
        begun = time.perf_counter()
        if begun > until:
            return
        if count % LIST_EVERY == LIST_EVERY - 1:
            await look(browser, seen, chance.choice(LISTS), chance)
        claim = await seen.timed("claim", browser.post("/claims", {"files": [line["id"]]}))
        if claim.status != 201:
            seen.decided[line["id"]].append(claim.status)
            continue
        opened = (await seen.timed("one file, whole", browser.get(f"/assets/{line['id']}"))).json()
        for tile in chance.sample(tiles, min(TILES, len(tiles))):
            await seen.timed("tile from the cache", browser.get(tile))
        await asyncio.sleep(max(0.0, pace / 2 - (time.perf_counter() - begun)))
        body = {"on": {line["id"]: line["etag"]}, "decided": "approve", "claim": claim.json()["id"]}
        if opened["looks"]:
            body["shown"] = {
                line["id"]: [{"id": e["id"], "box": e["box"], "percent": 200, "share": 1.0} for e in opened["looks"]]
            }
        key = {"Idempotency-Key": f"{line['id']}-{chance.random()}"}
        done = await seen.timed("decision", browser.post("/decisions", body, **key))
        seen.decided[line["id"]].append(done.status)
        if done.status == 200 and chance.random() < 0.2:  # a line that broke: sent once more
            again = await browser.post("/decisions", body, **key)
            assert again.json() == done.json()
        await asyncio.sleep(max(0.0, pace - (time.perf_counter() - begun)))


async def pictures(admin: Browser, shoot: Path | None, root: Path) -> list[str]:
    """Return the paths of some tiles that are in the cache: of two pictures of `shoot`, run before anything else."""
    if shoot is None:
        return []
    if (await admin.get("/batches/pictures")).status == 404:
        await started(admin, fresh(shoot, root / "pictures", 2))
        await ended(admin)
    lines = (await admin.get("/batches/pictures/assets")).json()["items"]
    found: list[str] = []
    for line in (each for each in lines if each["made"]):
        plan = (await admin.get(f"/versions/{line['version']}/tiles")).checked().json()
        place = plan["url"].partition("/api/v1")[2]
        tall = plan["height"] // plan["tile_size"], plan["width"] // plan["tile_size"]
        found += [
            place.format(level=plan["max_level"], x=x, y=y)
            for y in range(min(3, tall[0]))
            for x in range(min(3, tall[1]))
        ]
    for tile in found:
        (await admin.get(tile)).checked()
    return found


def fresh(shoot: Path, to: Path, count: int) -> Path:
    """Copy pictures of a shoot, each with a comment of its own in it, so that nothing is known of any."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    found = sorted(each for each in shoot.rglob("*") if each.suffix.lower() in (".jpg", ".jpeg"))
    for n in range(count):
        data, note = found[n % len(found)].read_bytes(), os.urandom(16)
        comment = b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note
        (to / f"SKU{n:03}_front.jpg").write_bytes(data[:2] + comment + data[2:])
    return to


async def started(admin: Browser, folder: Path) -> None:
    """Ask for a run."""
    (await admin.post("/jobs", {"folder": str(folder)})).checked()


async def ended(admin: Browser) -> None:
    """Wait until no run is at work."""
    while any(each["state"] in ("waiting", "working") for each in (await admin.get("/jobs")).json()["items"]):
        await asyncio.sleep(1)


async def shared_out(admin: Browser, reviewers: int, least: int) -> list[list[dict[str, Any]]]:
    """Return the files of each reviewer: every file is on two lists, and one of the two gets it."""
    lines: list[dict[str, Any]] = []
    for batch in range(100):
        page = await admin.get(f"/batches/shoot-{batch:04}/assets", standing="waiting", limit=1000)
        lines += [each for each in page.json()["items"] if each["approvers_needed"] == 1]
        if len(lines) >= least * reviewers:
            break
    random.Random(time.time()).shuffle(lines)
    share = len(lines) // reviewers
    own = [lines[n * share : (n + 1) * share] for n in range(reviewers)]
    return [[one for pair in zip(each, own[n - 1], strict=True) for one in pair] for n, each in enumerate(own)]


async def measure(url: str, token: str, asked: argparse.Namespace, pid: int, root: Path) -> None:
    """Print the tables."""
    chance = random.Random(3)
    admin, desks = await people(url, token, asked.reviewers)
    tiles = await pictures(admin, asked.run, root)
    warm = Seen()
    for what in LISTS * 2:
        await look(admin, warm, what, chance)
    alone, before = Seen(), cpu_s(pid)
    for what in LISTS * (20 if asked.alone else 0):
        await look(admin, alone, what, chance)
    if asked.alone:
        print(f"\n## One person, nothing else going on\n\n{alone.table()}")
        print(f"\nThe server spent {1000 * (cpu_s(pid) - before) / alone.asked:.1f} ms of processor time a request.")
    if asked.run is not None:
        await started(admin, fresh(asked.run, root / f"beside-{os.getpid()}", asked.images))
    for pace in asked.pace:
        await at_pace(admin, desks, tiles, asked, pid, pace)
    for each in (admin, *desks):
        each.close()


async def at_pace(
    admin: Browser, desks: list[Browser], tiles: list[str], asked: argparse.Namespace, pid: int, pace: float
) -> None:
    """Print the table of all reviewers at once, each with a file in `pace` seconds."""
    mine = await shared_out(admin, len(desks), int(asked.seconds / pace))
    seen, loop = Seen(), asyncio.get_running_loop()
    until, before, memory = time.perf_counter() + asked.seconds, cpu_s(pid), rss_mib(pid)
    hearing = [asyncio.ensure_future(each.events(loop.time() + asked.seconds)) for each in (*desks, admin)]
    weighing = asyncio.ensure_future(weighed(pid, until))
    spent_here = time.process_time()
    await asyncio.gather(
        *(
            review(desk, own, seen, until, pace, tiles, random.Random(n))
            for n, (desk, own) in enumerate(zip(desks, mine, strict=True))
        )
    )
    heard, spent = await asyncio.gather(*hearing), cpu_s(pid) - before
    spent_here = time.process_time() - spent_here
    with_run = ", a run beside" if asked.run else ""
    print(f"\n## {len(desks)} reviewers, a file in {pace:g} s each, for {asked.seconds:.0f} s{with_run}\n")
    print(seen.table())
    print(
        f"\nThe server spent {1000 * spent / seen.asked:.1f} ms of processor time a request, over {seen.asked} "
        f"requests ({spent / asked.seconds:.2f} of a core), and told {sum(heard)} things on {len(heard)} open screens. "
        f"The reviewers themselves took {spent_here / asked.seconds:.2f} of a core."
    )
    print(memory_told(await weighing))
    await settle(admin, seen)
    jobs = (await admin.get("/jobs")).json()["items"]
    beside = [f"{each['stage']} {each['done']} of {each['total']}, {each['state']}" for each in jobs]
    if asked.run is not None:
        print(f"\nThe runs beside: {'; '.join(beside)}.")
    wal = sum(each.stat().st_size for each in asked.store.glob("*.sqlite-wal")) / 2**20
    print(
        f"\nMemory of the server: {memory:.0f} MiB before, {rss_mib(pid):.0f} after; "
        f"{sum(1 for _ in Path(f'/proc/{pid}/fd').iterdir())} open files; the write-ahead log is {wal:.0f} MiB.",
        flush=True,
    )


async def weighed(pid: int, until: float) -> list[float]:
    """Return the memory of the server in MiB, from now on and once a minute."""
    found = [rss_mib(pid)]
    while time.perf_counter() + 60 <= until:
        await asyncio.sleep(60)
        found.append(rss_mib(pid))
    return found


def memory_told(minutes: list[float]) -> str:
    """Say the memory of each minute, and how it grows from the fifth on (straight line through the minutes)."""
    told = " ".join(f"{each:.0f}" for each in minutes)
    late = minutes[5:]
    if len(late) < 3:
        return f"\nMemory of the server each minute, MiB: {told}."
    slope = statistics.linear_regression(range(len(late)), late).slope
    return f"\nMemory of the server each minute, MiB: {told}. From minute 5 on it grows by {slope:.2f} MiB a minute."


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has spent, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mib(pid: int) -> float:
    """Return the memory of a process."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]) / 1024


async def settle(admin: Browser, seen: Seen) -> None:
    """Hold what was acknowledged against what is there: nothing lost, nothing twice."""
    counts: dict[int, int] = defaultdict(int)
    lost = doubled = good = 0
    for file, said in seen.decided.items():
        for status in said:
            counts[status] += 1
        if 200 not in said:
            continue
        good += 1
        line = (await admin.get(f"/assets/{file}")).json()
        lost += line["standing"] != "approved"
        doubled += len(line["decisions"]) != 1 or said.count(200) != 1
    told = ", ".join(f"{status}: {count}" for status, count in sorted(counts.items()))
    broken = sum(count for status, count in seen.statuses.items() if status >= 500)
    print(
        f"\nDecisions: {told}. Acknowledged {good}, lost {lost}, doubled {doubled}. Answers of 500 and more: {broken}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    seeding = verbs.add_parser("seed")
    seeding.add_argument("store", type=Path)
    seeding.add_argument("--assets", type=int, default=100_000)
    measuring = verbs.add_parser("measure")
    measuring.add_argument("store", type=Path)
    whole = verbs.add_parser("all")
    for each in (measuring, whole):
        each.add_argument("--reviewers", type=int, default=50)
        each.add_argument("--seconds", type=float, default=60)
        each.add_argument("--pace", type=float, nargs="+", default=[2.0, 8.0], help="seconds of a reviewer for a file")
        each.add_argument("--run", type=Path, help="a folder of JPEGs to run beside, copied afresh")
        each.add_argument("--images", type=int, default=12, help="how many of them")
        each.add_argument("--alone", action="store_true", help="measure one person first")
    asked = parser.parse_args()
    if asked.verb == "seed":
        seed(asked.store, asked.assets)
        print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
        return
    if asked.verb == "all":
        from pictures import CACHE, packshots

        asked.store, asked.run, asked.alone = CACHE / "service" / "store", asked.run or packshots(12), True
        if not asked.store.exists():
            asked.store.parent.mkdir(parents=True)
            seed(asked.store, 100_000)
    with served(asked.store) as (url, token, pid):
        asyncio.run(measure(url, token, asked, pid, asked.store.parent))


if __name__ == "__main__":
    main()
