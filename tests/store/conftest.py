"""Stores in memory for tests that count states, on a disk for those that kill."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.store import Store


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder on a disk in memory where there is one: a sync costs nothing there."""
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    path = Path(tempfile.mkdtemp(prefix="safelight-test-", dir=base))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with Store.create(folder / "store") as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request, folder: Path) -> Iterator[Store]:
    """A store whose ledger is a file, then one whose ledger is in PostgreSQL: the same must hold of both."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    with Store.create(folder / "store", database=url) as opened:
        yield opened
