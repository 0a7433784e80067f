"""``safelight erase``: a person or an asset, for ever."""

from __future__ import annotations

from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import opened

FAILED = 1


@app.command()
def erase(
    what: Annotated[str, typer.Argument(help="A name as facts hold it, an asset by SHA-256, or a file of --batch.")],
    name: options.As,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the ledger.")],
    batch: Annotated[str, typer.Option("--batch", help="The batch of the file to erase.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; nothing does.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="You know that it cannot be taken back.")] = False,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Erase a person or an asset: pixels, previews, our sidecar fields; lists what left the house."""
    with opened(store) as desk:
        if not dry_run and not yes:
            for line in desk.erase(what, batch, name, reason, dry_run=True):
                terminal.err(str(line["text"]))
            answer = terminal.ask("Erase it for ever? [y/N]")
            if answer is None or answer.lower() not in ("y", "yes"):
                terminal.err("safelight: nothing was erased; say --yes once you are sure")
                raise typer.Exit(FAILED)
        lines = desk.erase(what, batch, name, reason, dry_run=dry_run)
    for line in lines:
        terminal.json_line(line) if json else terminal.out(str(line["text"]))
