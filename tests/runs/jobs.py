"""Functions that worker processes run in tests: good ones and murderous ones."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from safelight.errors import UnreadableError


def double(number):
    return 2 * number


def own_pid(_):
    return os.getpid()


def pid_beside_another(asked):
    """Wait until as many jobs as there are stand here at once, each told by a file; then say the process."""
    folder, name, count = asked
    (Path(folder) / name).touch()
    while len(list(Path(folder).iterdir())) < count:
        time.sleep(0.01)
    return os.getpid()


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(flag):
    if not Path(flag).exists():
        Path(flag).write_text("died")
        os.kill(os.getpid(), signal.SIGKILL)
    return "second try"


def hang(_):
    time.sleep(600)


def refuse(name):
    raise UnreadableError(f"{name} is truncated")


def stumble(_):
    return {}["missing"]


def environment(name):
    return os.environ.get(name)
