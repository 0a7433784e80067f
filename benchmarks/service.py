"""The service under load: 100,000 assets and a million facts, lists and queues, decisions, fifty reviewers at once.

    python benchmarks/service.py all                # the table: seeds once (6 minutes), then measures beside a batch
    python benchmarks/service.py seed STORE --assets 100000
    python benchmarks/service.py measure STORE [--reviewers 50] [--seconds 60] [--run SHOOT]

`seed` tells a store of files as runs would, without a pixel. `measure` starts ``safelight serve`` on it as a process
of its own and asks it over HTTP as browsers do, one connection a reviewer.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx

sys.path.insert(0, str(Path(__file__).resolve().parent))

from safelight.core import batch as told
from safelight.core.facts import Actor, NewFact
from safelight.store import Store

BATCH_FILES = 1000
QUEUES = ("edge_repair", "color", "detail", "review", "skin", "retouch", "crop", "background")
CATEGORIES = ("packshot", "apparel", "jewelry", "flat_lay", "on_model")
REASONS = [
    {
        "code": "calibrate",
        "text": "cutout works on background_removal, which is set to calibrate",
        "doubt": False,
        "values": {},
    },
    {
        "code": "sampled",
        "text": "exposure: sampled, because 0 decisions recorded, 30 are needed",
        "doubt": False,
        "values": {},
    },
    {"code": "edge", "text": "the edge is unsure over 2.1 % of its length", "doubt": True, "values": {"share": 2.1}},
]
MEASURES = [
    {"name": "rim", "value": 1.2, "unit": "levels", "limit": 2.0, "direction": "at_most", "word": "pass", "why": ""}
]
EVIDENCE = [
    {"measure": "rim", "box": [0.1, 0.2, 0.3, 0.4], "value": 1.2, "text": "left edge", "heat": None, "crop": None}
]
CHECKS = ("halo", "background_white", "margins", "sharpness", "clipping", "banding", "gamut", "color_profile")
STEPS = ("white_balance", "exposure", "develop", "cutout", "crop_to_spec", "background", "sharpen_output")


def seed(root: Path, assets: int) -> None:
    """Tell a store of `assets` files in batches of a thousand, ten facts each."""
    chance = random.Random(7)
    with Store.create(root) as store:
        master = store.blobs.put(b"a master that nobody opens")
        begun = time.process_time()
        for first in range(0, assets, BATCH_FILES):
            _seed_batch(store, f"shoot-{first // BATCH_FILES:04}", min(BATCH_FILES, assets - first), master, chance)
            spent = time.process_time() - begun
            print(f"{first + BATCH_FILES} assets, {store.ledger.head().seq} facts, {spent:.0f} CPU s", flush=True)


def _seed_batch(store: Store, name: str, count: int, master: str, chance: random.Random) -> None:
    client = f"Client {int(name[-4:]) % 20:02}"
    opening = {"folder": f"/shoots/{name}", "guide": "house", "guide_key": "k", "guide_path": "", "client": client}
    store.ledger.append([NewFact(told.OPENED, name, opening, batch=name)])
    for start in range(0, count, 100):
        facts: list[NewFact] = []
        for n in range(start, min(start + 100, count)):
            facts += _story(name, n, master, chance)
        store.ledger.append(facts)


def _story(batch: str, n: int, master: str, chance: random.Random) -> list[NewFact]:
    asset = hashlib.sha256(f"{batch} {n}".encode()).hexdigest()
    version, path = asset[:16], f"SKU{n // 4:04}/IMG_{n:05}.jpg"
    sku, view = f"SKU{n // 4:04}", ("front", "back", "side", "detail")[n % 4]
    stakes = chance.choices(("standard", "high", "low"), (8, 1, 1))[0]
    capture = {"make": "Test", "model": "One", "lens": "50", "taken_at": f"2026-03-01T10:{n % 60:02}:00", "iso": 100.0}
    measured = {"path": path, "format": "jpeg", "width": 6000, "height": 4000, "bits": 8, "profile": "sRGB"}
    measured |= {"capture": capture, "thumbnail": "", "notes": [], "reasons": {}, "work": "k"}
    sort = {"path": path, "sku": sku, "view": view, "color": "blue", "category": chance.choice(CATEGORIES)}
    sort |= {"stakes": stakes, "class": "pick", "reasons": ["nothing speaks against it"], "group": "", "lighting": "a"}
    steps = [
        {
            "step": each,
            "version": 1,
            "params": {"amount": 0.5, "radius_px": 1.2, "strength": 0.3},
            "artifacts": {},
            "confidence": [0.8, False],
            "reasons": REASONS[:2],
            "by": ["step", each, "1"],
            "amended": False,
            "stale": False,
        }
        for each in STEPS
    ]
    made = {
        "asset": asset,
        "edit": {"schema": 1, "original": asset, "steps": steps},
        "edit_key": "e",
        "render_key": "r",
    }
    made |= {"blobs": {"master": master, "proof": master, "thumbnail": master}, "width": 6000, "height": 4000}
    made |= {"geometry": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "optics": None, "state": "draft", "made_by": "machine"}
    verdicts = [
        {"check": each, "version": 1, "word": "pass", "measures": MEASURES, "evidence": EVIDENCE} for each in CHECKS
    ]
    route = chance.choices(("review", "spot_check", "specialist"), (7, 2, 1))[0]
    routed = {"route": route, "queue": chance.choice(QUEUES), "zone": 2, "reasons": REASONS, "confidence": 0.8}
    routed |= {"category": sort["category"], "tasks": ["cutout"], "calibrated": False}
    told_of = [
        (told.SEEN, asset, {"path": path, "size": 9_000_000, "mtime_ns": n}),
        (told.SEEN, asset, {"path": path, "size": 9_000_000, "mtime_ns": n + 1}),
        (told.MEASURED, asset, measured),
        (told.SORTED, asset, sort),
        (told.SORTED, asset, {**sort, "color": "red"}),
        (told.MADE, version, made),
        (told.JUDGED, version, {"verdicts": verdicts}),
        (told.ROUTED, version, routed),
    ]
    facts = [NewFact(kind, subject, body, batch=batch) for kind, subject, body in told_of]
    if n % 4 < 3:  # three in four are decided and delivered
        person, name = Actor("person", "reviewer"), {"name": f"Person {n % 9}"}
        body = {"decided": "approve", "reason": "", "how": "own", "reasons": []}
        facts.append(NewFact(told.DECIDED, version, body, person, batch, name))
        body = {"master": master, "how": "own", "edit": "e", "overrides": []}
        facts.append(NewFact(told.APPROVED, version, body, person, batch, name))
        body = {"channel": "web", "name": f"{sku}_{view}.jpg", "sha256": "0" * 64, "bytes": 1000, "rules": "1"}
        facts += [NewFact(told.DELIVERED, version, body, batch=batch)] * 1
    return facts


SAFELIGHT = str(Path(sys.executable).with_name("safelight"))
PASSWORD = "moss teapot canyon"
Times = dict[str, list[float]]


@contextlib.contextmanager
def served(store: Path) -> Iterator[tuple[str, str, int]]:
    """Serve a store in a process of its own: its URL, the secret of its first link ("" if there is an admin), pid."""
    words = [SAFELIGHT, "serve", "--port", "0", "--store", str(store), "--out", str(store.parent / "out")]
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
    print(
        f"Started within {time.perf_counter() - begun:.1f} s, {cpu_s(process.pid):.1f} s of processor time.", flush=True
    )
    link = re.search(r"/start#(\S+)", said.read_text())
    try:
        yield url, link.group(1) if link else "", process.pid
    finally:
        process.terminate()
        process.wait(30)


async def signed_in(url: str, login: str, token: str = "", name: str = "") -> httpx.AsyncClient:
    """Return a browser of somebody who is signed in."""
    browser = httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=60)
    if token:
        body = {"token": token, "login": login, "name": name, "password": PASSWORD}
        done = await browser.post("/session/link", json=body)
    else:
        done = await browser.post("/session", json={"login": login, "password": PASSWORD})
    done.raise_for_status()
    browser.headers["X-CSRF-Token"] = done.json()["csrf"]
    return browser


async def people(url: str, token: str, count: int) -> tuple[httpx.AsyncClient, list[httpx.AsyncClient]]:
    """Return the admin and `count` reviewers, made where they are not there yet."""
    admin = await signed_in(url, "ada", token, "Ada Admin")
    known = {each["login"] for each in (await admin.get("/people")).json()["items"]}
    found = []
    for n in range(count):
        login, secret = f"reviewer{n:02}", ""
        if login not in known:
            body = {"login": login, "name": f"Reviewer {n:02}", "roles": {"*": "reviewer"}}
            secret = (await admin.post("/people", json=body)).json()["link"].partition("#")[2]
        found.append(await signed_in(url, login, secret))
    return admin, found


async def timed(times: Times, what: str, ask: Any) -> httpx.Response:
    """Await an answer and note how long it took."""
    begun = time.perf_counter()
    answer = await ask
    times[what].append(time.perf_counter() - begun)
    return answer


async def lists(browser: httpx.AsyncClient, times: Times, rounds: int, chance: random.Random) -> None:
    """Ask for pages as one person who looks around does."""
    for _ in range(rounds):
        await timed(times, "board", browser.get("/queues"))
        queue = chance.choice(QUEUES)
        page = (await timed(times, "queue, first 100", browser.get(f"/queues/{queue}"))).json()
        await timed(times, "queue, next 100", browser.get(f"/queues/{queue}", params={"after": page["next"]}))
        batch = f"shoot-{chance.randrange(100):04}"
        await timed(times, "batches, 100", browser.get("/batches"))
        page = (await timed(times, "files of a batch, 200", browser.get(f"/batches/{batch}/assets"))).json()
        waiting = {"standing": "waiting"}
        await timed(times, "files of a batch that wait", browser.get(f"/batches/{batch}/assets", params=waiting))
        await timed(times, "one file, whole", browser.get(f"/assets/{chance.choice(page['items'])['id']}"))


async def review(
    browser: httpx.AsyncClient, mine: list[dict[str, Any]], times: Times, until: float, chance: random.Random
) -> list[tuple[str, int]]:
    """Take, look at and decide files, one in two seconds, as one reviewer does; return (file, status)."""
    said = []
    await asyncio.sleep(chance.random() * 2)
    for line in mine:
        begun = time.perf_counter()
        if begun > until:
            break
        claim = await timed(times, "claim", browser.post("/claims", json={"files": [line["id"]]}))
        if claim.status_code != 201:
            said.append((line["id"], claim.status_code))
            continue
        await timed(times, "one file, whole", browser.get(f"/assets/{line['id']}"))
        body = {"on": {line["id"]: line["etag"]}, "decided": "approve", "claim": claim.json()["id"]}
        key = {"Idempotency-Key": f"{line['id']}-{chance.random()}"}
        done = await timed(times, "decision", browser.post("/decisions", json=body, headers=key))
        if done.status_code == 200 and chance.random() < 0.2:  # a line that broke: sent once more
            again = await browser.post("/decisions", json=body, headers=key)
            assert again.json() == done.json()
        said.append((line["id"], done.status_code))
        await asyncio.sleep(max(0.0, 2.0 - (time.perf_counter() - begun)))
    return said


async def measure(url: str, token: str, reviewers: int, seconds: float, shoot: Path | None, pid: int) -> None:
    """Print the tables."""
    chance, times = random.Random(3), defaultdict(list)
    admin, desks = await people(url, token, reviewers)
    await lists(admin, times, 2, chance)
    times.clear()
    before = cpu_s(pid)
    await lists(admin, times, 20, chance)
    print("\n## One person, nothing else going on\n")
    told_table(times)
    asked = sum(map(len, times.values()))
    print(f"\nThe server spent {1000 * (cpu_s(pid) - before) / asked:.1f} ms of processor time a request.", flush=True)
    if shoot is not None:
        (await admin.post("/jobs", json={"folder": str(shoot)})).raise_for_status()
    lines: list[dict[str, Any]] = []
    for batch in range(reviewers):
        page = await admin.get(f"/batches/shoot-{batch:04}/assets", params={"standing": "waiting", "limit": 1000})
        lines += [each for each in page.json()["items"] if each["approvers_needed"] == 1]
    # Every file is on two lists: both reviewers try for it, and one of the two gets it.
    chance.shuffle(lines)
    share = len(lines) // reviewers
    mine = [lines[n * share : (n + 1) * share] for n in range(reviewers)]
    mine = [[one for pair in zip(own, mine[n - 1], strict=True) for one in pair] for n, own in enumerate(mine)]
    times.clear()
    until = time.perf_counter() + seconds
    work = [
        review(desk, own, times, until, random.Random(n)) for n, (desk, own) in enumerate(zip(desks, mine, strict=True))
    ]
    looking = lists(admin, times, max(1, int(seconds / 4)), chance)
    before = cpu_s(pid)
    *said, _ = await asyncio.gather(*work, looking)
    beside = ", a run beside" if shoot else ""
    print(f"\n## {reviewers} reviewers, a decision in two seconds each, for {seconds:.0f} s{beside}\n")
    told_table(times)
    asked = sum(map(len, times.values()))
    spent = 1000 * (cpu_s(pid) - before) / asked
    print(f"\nThe server spent {spent:.1f} ms of processor time a request, over {asked} requests.")
    await settle(admin, said)
    job = (await admin.get("/jobs")).json()["items"]
    if job:
        print(f"\nThe run beside: {job[-1]['stage']} {job[-1]['done']} of {job[-1]['total']}, {job[-1]['state']}.")
    rss = int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]) / 1024
    print(f"\nMemory of the server: {rss:.0f} MiB.")


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has spent, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def settle(admin: httpx.AsyncClient, said: list[list[tuple[str, int]]]) -> None:
    """Hold what was acknowledged against what is there: nothing lost, nothing twice."""
    counts: dict[int, int] = defaultdict(int)
    approved = defaultdict(int)
    for file, status in (each for own in said for each in own):
        counts[status] += 1
        approved[file] += status == 200
    lost = doubled = 0
    for file, times_told in approved.items():
        if not times_told:
            continue
        line = (await admin.get(f"/assets/{file}")).json()
        lost += line["standing"] != "approved"
        doubled += len(line["decisions"]) != 1 or times_told != 1
    told = ", ".join(f"{status}: {count}" for status, count in sorted(counts.items()))
    print(f"\nAnswers: {told}. Acknowledged {sum(approved.values())}, lost {lost}, doubled {doubled}.")


def told_table(times: Times) -> None:
    """Print the 50th, 95th and 99th part of a hundred of each request's time."""
    print("| | n | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|")
    for what, found in sorted(times.items()):
        ms = sorted(1000 * each for each in found)
        cuts = statistics.quantiles(ms, n=100) if len(ms) > 1 else ms * 99
        print(f"| {what} | {len(ms)} | {cuts[49]:.0f} | {cuts[94]:.0f} | {cuts[98]:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    seeding = verbs.add_parser("seed")
    seeding.add_argument("store", type=Path)
    seeding.add_argument("--assets", type=int, default=100_000)
    measuring = verbs.add_parser("measure")
    measuring.add_argument("store", type=Path)
    measuring.add_argument("--reviewers", type=int, default=50)
    measuring.add_argument("--seconds", type=float, default=60)
    measuring.add_argument("--run", type=Path, help="a folder to run beside")
    whole = verbs.add_parser("all")
    whole.add_argument("--reviewers", type=int, default=50)
    whole.add_argument("--seconds", type=float, default=60)
    asked = parser.parse_args()
    if asked.verb == "all":
        from pictures import CACHE, packshots

        store = CACHE / "service" / "store"
        if not store.exists():
            store.parent.mkdir(parents=True)
            seed(store, 100_000)
        with served(store) as (url, token, pid):
            asyncio.run(measure(url, token, asked.reviewers, asked.seconds, packshots(12), pid))
        return
    if asked.verb == "measure":
        with served(asked.store) as (url, token, pid):
            asyncio.run(measure(url, token, asked.reviewers, asked.seconds, asked.run, pid))
        return
    seed(asked.store, asked.assets)
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
