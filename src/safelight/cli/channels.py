"""``safelight channels``: whose rules are known, when they were read, and a pack of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here

channels_app = typer.Typer(help="List the channels whose rules are known; begin a rule pack of one's own.")
app.add_typer(channels_app, name="channels")


@channels_app.command("list")
def list_channels(json: options.Json = False) -> None:
    """Say which channels there are, when their rules were read and where."""
    from safelight import studio

    for line in studio.list_packs():
        if json:
            terminal.json_line(line)
        else:
            old = "; read long ago, look again" if line["stale"] else ""
            terminal.out(f"{line['channel']:<16} {line['title']}, read {line['read']}{old}")


@channels_app.command("new")
def new(path: Annotated[Path, typer.Argument(metavar="FILE.toml", help="Where the pack goes.")]) -> None:
    """Write the template of a rule pack of one's own."""
    from safelight import studio

    studio.new_pack(here(path))
    terminal.out(f"{path}: name it in a guide beside it, under [delivery] channels")
