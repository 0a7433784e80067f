"""``safelight decide``: a person's word on a file or a product."""

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
        str, typer.Option("--reason", help="Why, for whoever works on it next; needed unless approve or marked.")
    ] = "",
    marks: Annotated[
        list[str] | None,
        typer.Option("--mark", help="A reason of the list (safelight reasons); may stand several times."),
    ] = None,
    product: Annotated[
        bool, typer.Option("--product", help="The names are SKUs: decide all their views that wait.")
    ] = False,
    views: Annotated[
        list[str] | None, typer.Option("--view", help="With --product: only this view; may stand several times.")
    ] = None,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Record a decision: approve, revise, reject or reshoot (gate 2); what is sent back goes to its step's queue."""
    *names, decided = files
    if not names:
        raise typer.BadParameter("say which files, then approve, revise, reject or reshoot")
    if views and not product:
        raise typer.BadParameter("--view goes with --product")
    with opened(store) as desk:
        if product:
            lines = [
                line
                for sku in names
                for line in desk.decide_product(batch, sku, decided, name, reason, marks or (), views or ())
            ]
        else:
            lines = desk.decide(batch, names, decided, name, reason, marks or ())
    for line in lines:
        terminal.json_line(line) if json else terminal.out(f"{line['file']}: {line['said']}")
