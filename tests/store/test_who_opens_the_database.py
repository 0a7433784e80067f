"""Of all the source: who starts processes, and who opens the database's file."""

import re
from pathlib import Path

import safelight

SOURCE = Path(safelight.__file__).parent
OPENERS = {"store/database.py", "store/backup.py"}  # the driver, and a copy that a backup reads as immutable


def lines_with(pattern):
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        found += [(name, line.strip()) for line in path.read_text().splitlines() if re.search(pattern, line)]
    return found


def test_workers_are_spawned_and_nothing_forks():
    assert lines_with(r"\bos\.fork|forkpty|set_start_method") == []
    started = lines_with(r"get_context\(")
    assert started and all('get_context("spawn")' in line for _, line in started)
    assert lines_with(r"multiprocessing\.(Process|Pool)|ProcessPoolExecutor") == []


def test_the_database_is_opened_by_its_driver_alone():
    assert {name for name, _ in lines_with(r"sqlite3\.connect")} == OPENERS
    copies = [line for name, line in lines_with(r"sqlite3\.connect") if name == "store/backup.py"]
    assert copies and all("mode=ro&immutable=1" in line for line in copies)
    # Its path is named where the store is laid out and where a backup names its copy, and opened as a file nowhere.
    assert {name for name, _ in lines_with(r"ledger\.sqlite")} <= {"store/layout.py", "store/backup.py"}
