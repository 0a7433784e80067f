"""``safelight override`` and ``safelight mark``: a lead's word on one verdict, and on what a version is."""

from __future__ import annotations

from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import opened

Why = Annotated[str, typer.Option("--reason", help="Why; it stands in the ledger and is shown at gate 2.")]
File = Annotated[str, typer.Argument(help="A file of the batch.")]


@app.command()
def override(
    batch: options.Batch,
    file: File,
    check: Annotated[str, typer.Argument(help="The failed check whose verdict is overridden.")],
    name: options.As,
    reason: Why,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Override one failed verdict of one version: it stays a fail, and two different people must approve it."""
    with opened(store) as desk:
        line = desk.override(batch, file, check, name, reason)
    terminal.json_line(line) if json else terminal.out(f"{line['file']}: {line['said']}")


@app.command()
def mark(
    batch: options.Batch,
    file: File,
    state: Annotated[str, typer.Argument(help="experiment, or draft to take that back.")],
    name: options.As,
    reason: Why,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Say that a version is an experiment: it is never delivered, and nothing learns from it."""
    with opened(store) as desk:
        line = desk.mark(batch, file, state, name, reason)
    terminal.json_line(line) if json else terminal.out(f"{line['file']}: {line['said']}")
