"""One process owns a store; a second one hands it its command and says what the owner says."""

from __future__ import annotations

import signal
import subprocess
import time

import pytest

from safelight.store import Store
from safelight.store.lock import owner_of
from tests.journeys.cli import SAFELIGHT, lines, safelight
from tests.shoots import write_shoot
from tests.store.owners import leaving_owner


@pytest.fixture
def running(tmp_path):
    """Start a run and wait until it owns its store and has opened its batch."""
    write_shoot(tmp_path / "spring", 4)
    run = subprocess.Popen([*SAFELIGHT, "run", "spring"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until = time.monotonic() + 240
    while not (tmp_path / ".safelight").is_dir() or (owner := owner_of(tmp_path / ".safelight")) is None:
        assert time.monotonic() < until and run.poll() is None
        time.sleep(0.02)
    yield tmp_path, run, owner
    if run.poll() is None:
        run.kill()
    run.communicate()


def test_a_command_during_a_run_is_answered_by_the_run(running):
    folder, run, owner = running
    assert owner.pid == run.pid
    told = safelight("verify", folder=folder)
    assert "clean" in told.stdout
    refused = safelight("report", "summer", folder=folder, code=2)
    assert "no batch called 'summer' in this store" in refused.stderr
    run.communicate(timeout=600)
    assert run.returncode == 0
    assert len(lines(safelight("report", "spring", "--json", folder=folder))) == 4


def test_a_command_whose_owner_leaves_just_then_is_done_all_the_same(tmp_path):
    Store.create(tmp_path / ".safelight").close()
    with leaving_owner(tmp_path / ".safelight"):
        assert "clean" in safelight("verify", folder=tmp_path).stdout


def test_an_owner_that_is_stopped_is_named_with_exit_code_11_and_a_dead_one_is_followed(running):
    folder, run, owner = running
    run.send_signal(signal.SIGSTOP)
    locked = safelight("verify", folder=folder, code=11)
    assert str(owner.pid) in locked.stderr
    run.kill()
    run.communicate()
    assert "clean" in safelight("verify", folder=folder).stdout
