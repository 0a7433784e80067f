"""A real floor for a real browser: a shoot that was run, `safelight serve` over it, and people with browsers."""

from __future__ import annotations

import contextlib
import os
import random
import re
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from safelight.core import batch as told
from safelight.core.facts import NewFact
from safelight.store import Store

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples" / "shoot"
SAFELIGHT = str(Path(sys.executable).with_name("safelight"))
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_S = 120  # of a server that starts or ends on a machine that has other things to do
PASSWORD = "moss teapot canyon"
# Products of one and two views, a group of three frames alike, and one on hold: what a morning brings.
FRAMES = (
    "BAG-06_front.jpg",
    "BOX-10_front.jpg",
    "BOX-10_side.jpg",
    "CND-11_front.jpg",
    "IMG_0419.jpg",
    "IMG_0420.jpg",
    "RNG-07_front.jpg",
)
# F-08: elements that run, each with every way to make it run, as they are and broken out of where a name may stand.
_RUNS = (
    "alert(1)",
    "alert`1`",
    "top['al'+'ert'](1)",
    "eval(atob('YWxlcnQoMSk='))",
    "import('data:text/javascript,alert(1)')",
)
_ELEMENTS = (
    "<script>{run}</script>",
    "<img src=x onerror={run}>",
    "<svg/onload={run}>",
    "<svg><animate onbegin={run} attributeName=x dur=1s>",
    "<details open ontoggle={run}>",
    "<video><source onerror={run}>",
    "<iframe srcdoc='<script>{run}</script>'></iframe>",
    "<a href='javascript:{run}' autofocus onfocus={run}>x</a>",
    "<style>@import 'javascript:{run}';</style>",
    "<math><mtext><style><img src onerror={run}></style></mtext></math>",
)
_BREAKS = ("", '">', "' onmouseover='{run}' x='", "</title></textarea></script>")
PAYLOADS = tuple((start + element).replace("{run}", run) for run in _RUNS for element in _ELEMENTS for start in _BREAKS)
# What is no element: templates, addresses, signs that turn or end a line.
ODD = ("{{7*7}}${7*7}<%=7*7%>", "javascript:alert(1)", "\u202egpj.exe", "&lt;b&gt;{@html alert(1)}", "a\u0000b\u0007c")


@dataclass
class Floor:
    """A store, and where it is served."""

    store: Path
    out: Path
    url: str
    link: str
    process: subprocess.Popen[bytes] = field(repr=False)

    def facts(self, kind: str) -> list[dict]:
        """What the ledger holds of a kind, read beside the server."""
        import json
        import sqlite3

        with contextlib.closing(sqlite3.connect(f"file:{self.store}/ledger.sqlite?mode=ro", uri=True)) as ledger:
            return [json.loads(body) for (body,) in ledger.execute("select body from fact where kind = ?", (kind,))]

    def stop(self) -> None:
        """End the server as a machine that goes away would."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE_S)


def run_shoot(folder: Path, frames: tuple[str, ...] = FRAMES) -> Path:
    """Take a part of the sample shoot through its workflow; return the store."""
    shoot = folder / "shoot"
    shoot.mkdir()
    for name in (*frames, "shot_list.csv"):
        shutil.copy(ROOT / "samples" / "shoot" / name, shoot)
    # The candle is for a window: high stakes ask for a second person, whatever its checks say.
    listed = shoot / "shot_list.csv"
    rows = listed.read_text().splitlines()
    listed.write_text(
        "\n".join(f"{row}high" if ",CND-11," in row and row.endswith(",") else row for row in rows) + "\n"
    )
    attacked = shoot / "BOX-10_side.jpg"
    if attacked.is_file():
        attacked.write_bytes(with_exif(attacked.read_bytes(), PAYLOADS[1], PAYLOADS[5], PAYLOADS[9]))
    guide = folder / "guide.toml"
    # Shadow left at the bag's foot passes here, so that there is a product with places in doubt that may be approved.
    guide.write_text((ROOT / "samples" / "guide.toml").read_text() + "\n[check.residue]\nresidue = 5.0\n")
    words = ["run", "shoot", "--guide", str(guide), "--store", "store", "--out", "out"]
    done = subprocess.run([SAFELIGHT, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=840)
    assert done.returncode == 0, done.stderr
    return folder / "store"


def with_exif(jpeg: bytes, make: str, model: str, description: str) -> bytes:
    """Return a JPEG whose EXIF says these words, in place of what it said."""
    words = {0x010E: description, 0x010F: make, 0x0110: model, 0x013B: make, 0x8298: model}
    texts = [each.encode() + b"\0" for each in words.values()]
    start = 8 + 2 + 12 * len(words) + 4
    starts = [start + sum(map(len, texts[:number])) for number in range(len(texts))]
    rows = [struct.pack("<HHII", tag, 2, len(text), at) for tag, text, at in zip(words, texts, starts, strict=True)]
    body = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(rows)) + b"".join(rows) + b"\0" * 4 + b"".join(texts)
    segment = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    rest = jpeg[2:]
    while rest[:1] == b"\xff" and rest[1] in range(0xE0, 0xF0):  # what other segments told of the picture goes
        rest = rest[2 + struct.unpack(">H", rest[2:4])[0] :]
    return jpeg[:2] + segment + rest


def add_hostile(store: Path) -> None:
    """Tell the ledger of files whose names and sentences are attacks: 200 payloads, and what is odd besides."""
    facts = [NewFact(told.OPENED, "hostile", {"folder": "/shoots/hostile", "guide": PAYLOADS[0]}, batch="hostile")]
    for number, payload in enumerate((*PAYLOADS, *ODD)):
        attack = f"{number:03d} {payload}"
        body = {"path": f"{attack}.jpg", "sentence": f"not a picture: {attack}"}
        facts.append(NewFact(told.REFUSED, body["path"], body, batch="hostile"))
    with Store.open(store) as opened:
        opened.ledger.append(facts)


def add_history(store: Path, good: int = 160, bad: int = 60) -> None:
    """Tell the ledger of work that came back, and of an audit that speaks for a lower threshold all the same."""
    stratum = {"client": "Acme", "category": "packshot", "backdrop": "white", "camera": "Test One"}
    routed = {"category": "packshot", "tasks": ["exposure"], "claims": {"exposure": 0.8}}
    routed["stratum"] = stratum | {"steps": [["exposure", 1]]}
    facts = [NewFact(told.OPENED, "spring", {"folder": "/shoots/spring", "guide": "house"}, batch="spring")]
    for number in range(good + bad):
        version, is_bad = f"told{number:03d}", number >= good
        said = {"decided": "revise" if is_bad else "approve", "reasons": ["too_dark"] if is_bad else []}
        said |= {"reason": "told", "how": "own"} | ({} if is_bad else {"audit": 0.1})
        facts.append(NewFact(told.ROUTED, version, routed, batch="spring"))
        facts.append(NewFact(told.DECIDED, version, said, batch="spring", personal={"name": "Lena"}))
    with Store.open(store) as opened:
        opened.ledger.append(facts)


def brief(store: Path) -> None:
    """Say what the shoot is to look like, with two pictures on the board, and a word about one product."""
    board = [word for name in ("KET-09_front.jpg", "MUG-01_front.jpg") for word in ("--picture", str(SAMPLES / name))]
    told = [
        ["warm, the paper pure white, shadows soft", *board],
        ["the label is read first", "--about", "product:BOX-10"],
        ["nothing of stones here", "--about", "category:jewelry"],
    ]
    for words in told:
        command = [SAFELIGHT, "brief", "shoot", *words, "--as", "Lena Falk", "--store", str(store)]
        subprocess.run(command, check=True, capture_output=True, text=True)


def own_port() -> int:
    """A free port that no connection is given by itself: it is free again for a server that comes back to it."""
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in random.SystemRandom().sample(range(10_000, first), 100):
        with socket.socket() as taken, contextlib.suppress(OSError):
            taken.bind(("127.0.0.1", port))
            return port
    raise AssertionError(f"no free port below {first}")


@contextlib.contextmanager
def served(store: Path, port: int = 0, *, has_people: bool = False) -> Iterator[Floor]:
    """Serve a store until the block ends."""
    out = store.parent / "out"
    words = [SAFELIGHT, "serve", "--store", str(store), "--out", str(out), "--port", str(port)]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    # What it says goes to a file: a pipe that nobody reads would stop it once it is full.
    said = store.parent / f"served-{secrets.token_hex(4)}.log"
    with said.open("w") as into:
        process = subprocess.Popen(words, stdout=into, stderr=subprocess.STDOUT, env=environment)
    try:
        # A store that has people already says no more than where it serves.
        found = wait_for_words(process, said, r"(http\S+:\d+)" if has_people else r"(http\S+:\d+)/start#\S+")
        floor = Floor(store, out, found.group(1), "" if has_people else found.group(0), process)
        wait_for_answer(floor)
        yield floor
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_S)


def wait_for_words(process: subprocess.Popen[bytes], said: Path, words: str) -> re.Match[str]:
    """Wait until a server says words on a line of their own, and return them."""
    for _ in range(20 * PATIENCE_S):  # turns, not a clock: it goes on while this process is stopped
        has_ended = process.poll() is not None
        if found := re.search(words + r"(?=\s)", said.read_text()):
            return found
        assert not has_ended, f"the server ended: {said.read_text()}"
        time.sleep(0.05)
    raise AssertionError(f"the server did not say where it is: {said.read_text()}")


def wait_for_answer(floor: Floor) -> None:
    """Wait until a server answers: it says where it will be a moment before it listens."""
    for _ in range(20 * PATIENCE_S):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{floor.url}/api/v1/health", timeout=30):
            return
        time.sleep(0.05)
    raise AssertionError(f"no answer from {floor.url}")
