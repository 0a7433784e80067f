"""Ctrl-C leaves a store that the next run carries on with."""

from __future__ import annotations

import signal
import subprocess
import time

from safelight.store.lock import owner_of
from tests.journeys.cli import SAFELIGHT, lines, safelight
from tests.shoots import write_shoot


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
    until = time.monotonic() + 60
    while not (tmp_path / ".safelight").is_dir() or owner_of(tmp_path / ".safelight") is None:
        assert time.monotonic() < until
        time.sleep(0.02)
    time.sleep(1.0)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 130
    assert b"interrupted; what is done is kept, run the same command to carry on" in said
    assert b"Traceback" not in said
    assert "clean" in safelight("verify", "--read-data", folder=tmp_path).stdout
    assert len(lines(safelight("run", "spring", "--json", folder=tmp_path))) == 3
