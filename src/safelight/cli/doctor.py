"""``safelight doctor``: what is missing, and how to get it."""

from __future__ import annotations

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import store_root

FAILED = 1


@app.command()
def doctor(store: options.Store = None, json: options.Json = False) -> None:
    """Say what this machine can do, what is missing, and how to get it."""
    from safelight import studio

    lines = studio.examine(store_root(store))
    for line in lines:
        terminal.json_line(line) if json else terminal.out(f"{line['state']:<8} {line['what']}: {line['text']}")
    if any(line["state"] == "missing" for line in lines):
        raise typer.Exit(FAILED)
