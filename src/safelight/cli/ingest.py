"""``safelight ingest``: copy originals into the store, verified by hash."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.progress import progress
from safelight.cli.run import PARTIAL
from safelight.cli.session import here, opened


@app.command()
def ingest(
    folder: Annotated[Path, typer.Argument(help="The folder that holds the originals.")],
    backup: Annotated[
        Path | None, typer.Option("--backup", help="A folder for a second copy of each original, on another disk.")
    ] = None,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Copy every original into the store, read each copy back and hold it against its hash.

    A later run of the same folder reads the copies when the folder's disk is away.
    """
    with opened(store, create=True) as desk, progress() as bar:
        done = desk.ingest(here(folder), bar, None if backup is None else here(backup))
    for line in done.lines:
        if json:
            terminal.json_line(line)
        else:
            terminal.out(f"{str(line['sha256'])[:12] or 'not copied':<12} {line['name']} {line['note']}".rstrip())
    if done.quarantined:
        raise typer.Exit(PARTIAL)
