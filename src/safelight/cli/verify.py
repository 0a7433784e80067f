"""``safelight verify``: is everything that was acknowledged still there, and still what it was."""

from __future__ import annotations

from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import opened

FAILED = 1


@app.command()
def verify(
    read_data: Annotated[bool, typer.Option("--read-data", help="Hash every byte, not only sizes.")] = False,
    subset: Annotated[str, typer.Option("--subset", help="n/t: with --read-data only the n-th of t parts.")] = "",
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Check the ledger's chain and every blob; names what is damaged and which files rest on it."""
    parts = _parts(subset)
    with opened(store) as desk:
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
