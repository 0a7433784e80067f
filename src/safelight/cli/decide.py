"""``safelight decide``: a person's word on a file."""

from __future__ import annotations

from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import opened


@app.command()
def decide(
    batch: options.Batch,
    files: Annotated[list[str], typer.Argument(help="Files of the batch, then approve, revise, reject or reshoot.")],
    name: options.As,
    reason: Annotated[
        str, typer.Option("--reason", help="Why, for whoever works on it next; needed unless approve.")
    ] = "",
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Record a decision on files: approve, revise, reject or reshoot (gate 2)."""
    *names, decided = files
    if not names:
        raise typer.BadParameter("say which files, then approve, revise, reject or reshoot")
    with opened(store) as desk:
        lines = desk.decide(batch, names, decided, name, reason)
    for line in lines:
        terminal.json_line(line) if json else terminal.out(f"{line['file']}: {line['said']}")
