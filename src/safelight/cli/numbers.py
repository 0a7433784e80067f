"""``safelight numbers`` and ``safelight rates``: the floor's numbers by category, and what they are reckoned with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here, opened


@app.command()
def numbers(
    batches: Annotated[list[str] | None, typer.Argument(help="Batches; none takes all of the store.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write them as a table for a spreadsheet.")] = None,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Show turnaround, yield, rework, cost, SLA and what was saved, by category; causes, not people."""
    with opened(store) as desk:
        told = desk.numbers(batches or ())
    if csv is not None:
        here(csv).write_text(told.csv, encoding="utf-8")
    if json:
        for line in told.lines:
            terminal.json_line(line)
    else:
        terminal.out(told.text)


@app.command()
def rates(
    name: Annotated[str, typer.Option("--as", help="Your name, to set them.")] = "",
    review_h: Annotated[float | None, typer.Option("--review", help="Cost of an hour of looking.")] = None,
    labor_h: Annotated[float | None, typer.Option("--labor", help="Cost of an hour of working.")] = None,
    currency: Annotated[str, typer.Option("--currency", help="What they are in.")] = "",
    baseline: Annotated[
        list[str] | None,
        typer.Option("--baseline", help="task=minutes an asset took by hand: culling, tagging, retouch, ..."),
    ] = None,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Show or set what numbers are reckoned with: your rates, and your own baseline from before."""
    with opened(store) as desk:
        if review_h is not None or labor_h is not None or currency or baseline:
            before = [each.partition("=")[::2] for each in baseline or []]
            line = desk.set_rates(review_h, labor_h, currency, before, name)
        else:
            line = desk.rates_line()
    terminal.json_line(line) if json else terminal.out(str(line["said"]))
