"""``safelight restore``: a store back from its backup; what is there now is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here, store_root

PARTIAL = 3


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where `backup` wrote.")],
    snapshot: Annotated[str, typer.Option("--snapshot", help="Which one; the newest if left out.")] = "",
    accept_losses: Annotated[
        bool, typer.Option("--accept-losses", help="Restore what is left of a damaged backup, and list what is not.")
    ] = False,
    database: Annotated[
        str,
        typer.Option(
            "--database", help="Put the ledger into this empty PostgreSQL database: postgresql://user@host/name."
        ),
    ] = "",
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Build the store anew beside its place, verify every byte, then put it there; exit 3 if parts are lost."""
    from safelight import studio

    line = studio.restore_store(
        here(folder), store_root(store), snapshot, accept_losses=accept_losses, database=database
    )
    terminal.json_line(line) if json else terminal.out(str(line["text"]))
    for each in () if json else line["losses"]:
        terminal.out(f"  {each}")
    if line["losses"]:
        raise typer.Exit(PARTIAL)
