from __future__ import annotations

import subprocess
import sys

import pytest

from safelight.cli.main import run_words

VERBS = (
    "run", "cull", "ingest", "apply", "check", "decide", "release", "deliver", "report", "verify", "guide", "doctor",
    "overrule", "sidecars", "path",
)  # fmt: skip


def test_help_names_every_verb(capsys):
    assert run_words(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(verb in told for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb, capsys):
    assert run_words([verb, "--help"]) == 0
    assert "Usage:" in capsys.readouterr().out


def test_an_unknown_verb_or_option_ends_with_2(capsys):
    assert run_words(["develop"]) == 2
    assert run_words(["run", "--gide", "x", "y"]) == 2
    assert "No such" in capsys.readouterr().err


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from safelight.cli.main import run_words; run_words(['--help']);"
        "heavy = {'numpy', 'cv2', 'scipy', 'PyOpenColorIO', 'sqlalchemy', 'jinja2', 'rawpy'} & set(sys.modules);"
        "sys.exit(f'imported {sorted(heavy)}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
