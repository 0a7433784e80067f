"""``safelight verify``: is everything that was acknowledged still there, and still what it was."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here, opened

FAILED = 1


@app.command()
def verify(
    read_data: Annotated[bool, typer.Option("--read-data", help="Hash every byte, not only sizes.")] = False,
    subset: Annotated[str, typer.Option("--subset", help="n/t: with --read-data only the n-th of t parts.")] = "",
    chain: Annotated[
        bool, typer.Option("--chain", help="Only the ledger's chain: seconds for a million facts.")
    ] = False,
    head: Annotated[
        Path | None, typer.Option("--head", help="With --chain: an exported head to hold the ledger against.")
    ] = None,
    export: Annotated[
        Path | None, typer.Option("--export", help="With --chain: write the ledger's end there, signed.")
    ] = None,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Check the ledger's chain and every blob; names what is damaged and which files rest on it."""
    parts = _parts(subset)
    if (head or export) and not chain:
        raise typer.BadParameter("--head and --export go with --chain")
    with opened(store) as desk:
        if chain:
            clean, lines = desk.verify_chain(here(head) if head else None, here(export) if export else None)
        else:
            clean, lines = desk.verify(read_data, parts)
    for line in lines:
        terminal.json_line(line) if json else terminal.out(str(line["text"]))
    if not clean:
        raise typer.Exit(FAILED)


def _parts(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    part, _, parts = text.partition("/")
    if not (part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts)):
        raise typer.BadParameter(f"--subset is {text!r}; it takes n/t with n from 1 to t, like 1/7")
    return int(part), int(parts)
