"""Ctrl-C leaves a store that the next run carries on with."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import time

from tests.journeys.cli import SAFELIGHT, lines, safelight
from tests.shoots import write_shoot


def has_opened_its_batch(ledger):
    """Say whether a run has begun its work: read beside it, and every picture is still to be painted."""
    if not ledger.is_file():
        return False
    with contextlib.closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as beside:
        try:
            return bool(beside.execute("select 1 from fact where kind = 'batch.opened'").fetchall())
        except sqlite3.OperationalError:  # its tables are being made
            return False


def test_an_interrupted_run_says_so_ends_with_130_and_carries_on(tmp_path):
    write_shoot(tmp_path / "spring", 3)
    run = subprocess.Popen(
        [*SAFELIGHT, "run", "spring"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A test started in the background inherits that Ctrl-C is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    )
    until = time.monotonic() + 240
    while not has_opened_its_batch(tmp_path / ".safelight" / "ledger.sqlite"):
        assert time.monotonic() < until and run.poll() is None
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=240)
    assert run.returncode == 130
    assert b"interrupted; what is done is kept, run the same command to carry on" in said
    assert b"Traceback" not in said
    assert "clean" in safelight("verify", "--read-data", folder=tmp_path).stdout
    assert len(lines(safelight("run", "spring", "--json", folder=tmp_path))) == 3
