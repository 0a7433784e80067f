"""C-02: one card of ten thousand files, imported by eight workers twice, renamed copies included."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from safelight.runs.ingest import INGESTED, ingest_shoot
from safelight.runs.journal import batch_for
from safelight.runs.progress import Silent
from safelight.runs.shoot import list_shoot
from safelight.store import Store
from tests.shoots import jpeg


def _card(folder: Path, files: int, copies: int) -> set[str]:
    """Write `files` small pictures and `copies` of them under other names; return the hashes there are."""
    import hashlib

    folder.mkdir(parents=True)
    hashes = set()
    whole = jpeg(np.full((16, 16, 3), 90, np.uint8))
    for n in range(files):
        data = whole + n.to_bytes(4, "big")  # after the end marker: another file, the same picture
        (folder / f"DSC_{n:05}.jpg").write_bytes(data)
        hashes.add(hashlib.sha256(data).hexdigest())
        if n < copies:
            (folder / f"renamed-{n:05}.jpg").write_bytes(data)
    return hashes


def _import_by(workers: int, store: Store, shoot) -> list[list[dict]]:
    """Import one card from many threads at once, each of which believes that it is alone."""
    told: list[list[dict]] = []
    batch = batch_for(store, shoot.folder, "card")
    threads = [
        threading.Thread(target=lambda: told.append(ingest_shoot(store, shoot, batch, Silent())))
        for _ in range(workers)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return told


@pytest.mark.parametrize(
    ("files", "copies"), [(60, 12), pytest.param(9_000, 1_000, marks=[pytest.mark.slow, pytest.mark.timeout(3000)])]
)
def test_c02_a_card_imported_by_eight_workers_twice_is_there_once(tmp_path, files, copies):
    hashes = _card(tmp_path / "card", files, copies)
    before = {each: os.stat(tmp_path / "card" / each).st_mtime_ns for each in os.listdir(tmp_path / "card")}
    with Store.create(tmp_path / "s") as store:
        shoot = list_shoot(str(tmp_path / "card"))
        first = _import_by(8, store, shoot)
        assert len(first) == 8
        assert all(line["sha256"] for lines in first for line in lines)
        facts = list(store.ledger.facts(kind=INGESTED))
        assert {each.subject for each in facts} == hashes == set(store.blobs.iterate())
        assert len(facts) == len({(each.subject, each.body["path"]) for each in facts}) == files + copies
        _import_by(8, store, shoot)
        assert len(list(store.ledger.facts(kind=INGESTED))) == len(facts)  # the second time nothing is new
        assert store.verify(read_data=False, subset=None).is_clean
    assert {each: os.stat(tmp_path / "card" / each).st_mtime_ns for each in os.listdir(tmp_path / "card")} == before
