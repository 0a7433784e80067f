"""``safelight ghost``: a draft ghost mannequin of an outer and an inner shot."""

from __future__ import annotations

from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import opened


@app.command()
def ghost(
    batch: options.Batch,
    outer: Annotated[str, typer.Argument(help="The garment on its mannequin: a file of the batch.")],
    inner: Annotated[str, typer.Argument(help="The shot that shows the inside of its neck.")],
    name: options.As,
    depth: Annotated[float, typer.Option("--depth", help="How dark the inside is at the front edge, 0 to 1.")] = 0.25,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Join two shots into a ghost mannequin: a draft, never delivered before a person has rebuilt it."""
    with opened(store) as desk:
        line = desk.ghost(batch, outer, inner, name, depth)
    if json:
        terminal.json_line(line)
        return
    terminal.out(line["said"])
    for each in line["joints"]:
        terminal.out(f"  {each['joint']}: {each['verdict']}, {each['said']}")
