"""A run that is killed at any moment, with its workers, carries on: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter

import pytest

from safelight.core.canonical import to_json
from safelight.store import Store
from tests.journeys.cli import SAFELIGHT, lines, safelight
from tests.shoots import SPOT_CHECK_GUIDE, jpeg, product, write_shoot


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unbroken")
    make(folder)
    safelight("run", "spring", "--guide", "acme.toml", folder=folder, code=3)
    safelight("release", "spring", "--as", "Ines", "--yes", folder=folder)
    return folder, tale(folder)


def make(folder):
    write_shoot(folder / "spring", 3, width=1020, height=760)
    (folder / "spring" / "packshots" / "cut.jpg").write_bytes(jpeg(product(7, 640, 560))[:4000])
    (folder / "acme.toml").write_text(SPOT_CHECK_GUIDE)


def tale(folder):
    """Return what the ledger tells, without numbers, dates and hashes: each fact as often as it was told."""
    with Store.open(folder / ".safelight") as store:
        assert store.verify(read_data=True).is_clean
        facts = store.ledger.facts()
    place = str(folder)
    return Counter((f.kind, f.subject, to_json(_still(f.body)).replace(place, "")) for f in facts)


def _still(body):
    """Drop what two stores never share: times, and what hangs on the key that each makes for its credentials."""
    own = {"mtime_ns"}
    if "provenance" in body:
        own |= {"provenance", "sha256", "bytes", "content"}
        body = {**body, "rules": [each for each in body["rules"] if each["measure"] != "bytes"]}
    return {key: value for key, value in body.items() if key not in own}


def kill_at(words, folder, after_s):
    """Start a command, end its whole process group with SIGKILL after a while, and say whether it was too late."""
    said = folder / "said.txt"
    with said.open("w") as file:
        run = subprocess.Popen([*SAFELIGHT, *words], cwd=folder, stdout=file, stderr=file, start_new_session=True)
    try:
        run.wait(after_s)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        return False
    assert run.returncode in (0, 3), f"ended with {run.returncode}: {said.read_text()}"
    return True


def break_and_mend(folder, kills, seed):
    """Kill the run and the release `kills` times at random moments, then let both finish."""
    chance = random.Random(seed)
    begun = time.monotonic()
    words = ("run", "spring", "--guide", "acme.toml")
    limit = 0.6
    for _ in range(kills):
        done = kill_at(words, folder, chance.uniform(0.25, limit))
        limit = min(limit * 1.15, 6.0)
        if done:
            kill_at(("release", "spring", "--as", "Ines", "--yes"), folder, chance.uniform(0.25, 3.0))
    safelight(*words, folder=folder, code=3)
    with Store.open(folder / ".safelight") as store:
        released = store.ledger.facts(kind="batch.released")
    safelight(*(("deliver", "spring") if released else ("release", "spring", "--as", "Ines", "--yes")), folder=folder)
    return time.monotonic() - begun


@pytest.mark.parametrize("seed", range(4))
def test_a_run_killed_fifteen_times_ends_as_an_unbroken_one(unbroken, tmp_path, seed):
    make(tmp_path)
    break_and_mend(tmp_path, 15, seed)
    told = tale(tmp_path)
    assert told - unbroken[1] == Counter() == unbroken[1] - told
    assert masters(tmp_path) == masters(unbroken[0])


@pytest.mark.slow
def test_three_thousand_kills_lose_nothing(unbroken, tmp_path):
    for seed in range(200):
        folder = tmp_path / str(seed)
        folder.mkdir()
        make(folder)
        break_and_mend(folder, 15, 1000 + seed)
        assert tale(folder) == unbroken[1]


def masters(folder):
    """Return the hashes of all approved masters: decoded pixels are equal when lossless files are."""
    with Store.open(folder / ".safelight") as store:
        return sorted(each.body["master"] for each in store.ledger.facts(kind="version.approved"))


def test_a_cull_that_was_killed_goes_on_where_it_was_and_says_what_an_unbroken_one_says(tmp_path):
    for place in ("whole", "broken"):
        card = tmp_path / place / "card"
        card.mkdir(parents=True)
        for n in range(48):
            (card / f"DSC_{n:04}.jpg").write_bytes(
                jpeg(product(n, 300, 200), taken=f"2026:03:01 10:{n:02}:00", quality=80)
            )
    whole = lines(safelight("cull", "card", "--json", folder=tmp_path / "whole"))
    broken = tmp_path / "broken"
    thumbnails = broken / "out" / "card" / "thumbnails"
    run = subprocess.Popen(
        [*SAFELIGHT, "cull", "card"], cwd=broken, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    until = time.monotonic() + 300
    while run.poll() is None and len(list(thumbnails.glob("*.jpg"))) < 26:  # the first 24 come before any is measured
        assert time.monotonic() < until
        time.sleep(0.01)
    assert run.returncode is None, "the cull was over before it could be killed"
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert lines(safelight("cull", "card", "--json", folder=broken)) == whole
    with Store.open(broken / ".safelight") as store:
        assert store.verify(read_data=True).is_clean
        measured = Counter(each.body["path"] for each in store.ledger.facts(kind="file.measured"))
    assert set(measured.values()) == {1}
    assert len(measured) == 48


def test_a_poison_file_among_good_ones_is_left_out_after_three_tries(tmp_path):
    write_shoot(tmp_path / "spring", 2, width=1020, height=760)
    # A picture of more pixels than its worker's memory: the decoder refuses it, the rest goes on.
    (tmp_path / "spring" / "packshots" / "huge.ppm").write_bytes(b"P6 60000 60000 255\n")
    done = safelight("run", "spring", "--json", folder=tmp_path, code=3)
    assert done.stdout.count('"standing": "waiting"') == 2
    assert done.stdout.count('"standing": "refused"') == 1
