from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_generated_reference_says_what_the_declarations_say():
    script = ROOT / "scripts" / "reference.py"
    found = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")


def test_every_test_that_the_promises_name_is_there():
    page = (ROOT / "docs" / "reliability.md").read_text()
    named = re.findall(r"`((?:tests|benchmarks)/[\w/]+\.py)::(\w+)`", page)
    assert len(named) >= 40
    gone = [(path, name) for path, name in named if not re.search(rf"\b{name}\b", (ROOT / path).read_text())]
    assert gone == []
