"""``safelight overrule``: a person's word against culling's."""

from __future__ import annotations

from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import opened


@app.command()
def overrule(
    batch: options.Batch,
    files: Annotated[
        list[str],
        typer.Argument(help="Files of the batch, then pick, alternate, reject, cant_tell, apart, together or machine."),
    ],
    name: options.As,
    reason: Annotated[str, typer.Option("--reason", help="Why: culling learns from it.")],
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Say another class than culling did, take files out of a group or make them one; the next run honors it."""
    *names, word = files
    if not names:
        raise typer.BadParameter("say which files, then pick, alternate, reject, cant_tell, apart, together or machine")
    with opened(store) as desk:
        lines = desk.overrule(batch, names, word, name, reason)
    for line in lines:
        terminal.json_line(line) if json else terminal.out(f"{line['file']}: {line['said']}")
