"""Run safelight as a person would: a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SAFELIGHT = [str(Path(sys.executable).with_name("safelight"))]


def safelight(*words, folder=None, code=0, timeout=840):
    """Run a command, expect its exit code, and return the finished process."""
    done = subprocess.run(
        [*SAFELIGHT, *map(str, words)],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=timeout,
        errors="surrogateescape",
    )
    assert done.returncode == code, f"exit {done.returncode}, expected {code}\n{done.stdout}\n{done.stderr}"
    return done


def lines(done):
    """Return the JSON lines that a command printed."""
    return [json.loads(each) for each in done.stdout.splitlines()]
