"""``safelight backup``: a snapshot of the store on another disk, while people work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.progress import progress
from safelight.cli.session import here, opened

FAILED = 1


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="On another disk; made if it is missing.")],
    show: Annotated[bool, typer.Option("--list", help="Say which backups are there; make none.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Hash every byte of those that are there; make none.")
    ] = False,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Write a snapshot: database first, then the blobs that are new, the manifest last. Exit 1 if anything was lost."""
    if show or verify:
        from safelight import studio

        lines = studio.list_backups(here(folder), read_data=verify)
    else:
        with opened(store) as desk, progress() as bar:
            lines = [desk.backup(here(folder), bar)]
    for line in lines:
        terminal.json_line(line) if json else terminal.out(str(line["text"]))
    if any(line.get("losses") or line.get("damages") for line in lines):
        raise typer.Exit(FAILED)
