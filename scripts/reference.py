"""Write docs/reference/ from the declarations themselves; with --check, only say what is out of date."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from safelight.core.params import ParamSet
from safelight.plugins import check_named, check_names, step_named, step_names
from safelight.settings import Settings

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
NOTE = "<!-- Written by scripts/reference.py; do not edit. -->"


def pages() -> Iterator[tuple[str, str]]:
    """Yield each page's name and text."""
    yield "steps.md", steps_page()
    yield "checks.md", checks_page()
    yield "settings.md", settings_page()
    yield "errors.md", errors_page()
    yield "openapi.json", openapi_page()
    yield "permissions.md", permissions_page()


def permissions_page() -> str:
    """Return the page of who may do what: verbs by role, and the verb of each route."""
    from safelight.access import house_verbs, personal, roles, table

    head = " | ".join(["Verb", "Meaning", *roles()])
    rows = []
    for verb, meaning in sorted(table()["verbs"].items()):
        marks = " | ".join("yes" if verb in own else "" for own in roles().values())
        signs = ("by name" if verb in personal() else "", "whole house" if verb in house_verbs() else "")
        note = ", ".join(each for each in signs if each)
        rows.append(f"| `{verb}` | {meaning}{f' ({note})' if note else ''} | {marks} |")
    lines = [f"# Who may do what\n\n{NOTE}\n\nWritten from `src/safelight/permissions.toml`.\n"]
    lines += [f"| {head} |", "|" + "---|" * (len(roles()) + 2), *rows]
    lines += ["\n## Routes\n\nBelow `/api/v1`.\n", "| Route | Verb |", "|---|---|"]
    lines += [f"| `{route}` | `{verb}` |" for route, verb in table()["routes"].items()]
    return "\n".join(lines) + "\n"


def openapi_page() -> str:
    """Return the description of the service's routes that clients are generated from."""
    from safelight.api.app import openapi

    return json.dumps(openapi(), indent=1, sort_keys=True) + "\n"


def steps_page() -> str:
    """Return the page of all steps with their parameters."""
    parts = [f"# Steps\n\n{NOTE}\n\nWhat is done to pictures, by name; the order of painting is the stage."]
    for name in step_names():
        step = step_named(name)
        paints = (
            f"stage {int(step.stage)} {step.stage.name.lower()}, {step.kind}, {step.scale} scale, reads {step.reads}"
        )
        parts.append(
            f"## {name}\n\n{step.purpose}\n\n*How automatic:* {step.automation}\n\n"
            f"Version {step.version}; {paints}; task `{step.task}` of the reliability map; told to clients as "
            f"{step.edits_as.replace('_', '-')}.\n\n"
            f"{parameter_table(step.params)}"
        )
    return "\n\n".join(parts) + "\n"


def parameter_table(params: ParamSet) -> str:
    """Return a table of parameters, or a line that says there are none."""
    if not len(params):
        return "No parameters."
    rows = [f"| `{p.name}` | {p.meaning} | {p.allowed()} |" for p in params]
    return "\n".join(["| Parameter | Meaning | Takes |", "|---|---|---|", *rows])


def checks_page() -> str:
    """Return the page of all checks with their measures and limits."""
    parts = [f"# Checks\n\n{NOTE}\n\nEach measures one defect; all of them together are gate 1."]
    for name in check_names():
        check = check_named(name)
        rows = [
            f"| `{s.name}` | {s.meaning} | {s.unit or '–'} | {s.direction.replace('_', ' ')} "
            f"| {'–' if s.warn is None else f'{s.warn:g}'} | {'–' if s.fail is None else f'{s.fail:g}'} |"
            for s in check.specs
        ]
        table = "\n".join(
            ["| Measure | Meaning | Unit | Good is | Warns beyond | Fails beyond |", "|---|---|---|---|---|---|", *rows]
        )
        parts.append(
            f"## {name}\n\n{check.purpose}\n\nVersion {check.version}; reads the {check.reads} picture.\n\n{table}"
        )
    return "\n\n".join(parts) + "\n"


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)


def settings_page() -> str:
    """Return the page of all settings."""
    rows = [
        f"| `SAFELIGHT_{f.name.upper()}` | {f.metadata['meaning']} | {_shown(f.default)} {f.metadata['unit']}".rstrip()
        + " |"
        for f in fields(Settings)
    ]
    return "\n".join([f"# Settings\n\n{NOTE}\n", "| Variable | Meaning | Default |", "|---|---|---|", *rows]) + "\n"


def errors_page() -> str:
    """Return the page of all errors, as their module draws them."""
    import safelight.errors

    return f"# Errors\n\n{NOTE}\n\n```text\n{safelight.errors.__doc__.strip()}\n```\n"


def main() -> int:
    """Write the pages, or name those that are out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is out of date")
    checking = parser.parse_args().check
    stale = [name for name, text in pages() if _read(FOLDER / name) != text]
    if checking:
        for name in stale:
            sys.stderr.write(f"docs/reference/{name} is out of date: run scripts/reference.py\n")
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages():
        (FOLDER / name).write_text(text)
    return 0


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    raise SystemExit(main())
