"""``safelight products``, ``swap`` and ``waive``: a SKU with its views as the unit of review."""

from __future__ import annotations

from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import opened


@app.command()
def products(batch: options.Batch, store: options.Store = None, json: options.Json = False) -> None:
    """Show each product with its views, where they stand, and what holds it from a channel."""
    from safelight.workflows.product_board import product_line

    with opened(store) as desk:
        lines = [
            product_line(each) | {"inconsistent": [vars(one) for one in desk.consistency(each)]}
            for each in desk.products(batch)
        ]
    for line in lines:
        if json:
            terminal.json_line(line)
            continue
        terminal.out(line["text"])
        for each in line["inconsistent"]:
            terminal.out(f"  does not belong together: {each['text']}")


@app.command()
def swap(
    batch: options.Batch,
    old: Annotated[str, typer.Argument(help="The file that goes on now.")],
    new: Annotated[str, typer.Argument(help="The alternate that shall go on in its place.")],
    name: options.As,
    reason: Annotated[str, typer.Option("--reason", help="Why; culling learns from it.")] = "",
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Take an alternate in the place of a pick, under the same product and view; the next run works on it."""
    with opened(store) as desk:
        lines = desk.swap(batch, old, new, name, reason)
    for line in lines:
        terminal.json_line(line) if json else terminal.out(line["said"])


@app.command()
def waive(
    batch: options.Batch,
    product: Annotated[str, typer.Argument(help="The SKU.")],
    view: Annotated[str, typer.Argument(help="The view that it may leave without.")],
    name: options.As,
    reason: Annotated[str, typer.Option("--reason", help="Why the product may leave without it.")],
    channel: Annotated[str, typer.Option("--channel", help="Only for this channel; else for all.")] = "",
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Let a product leave without a view that its guide requires."""
    with opened(store) as desk:
        line = desk.waive(batch, product, view, name, reason, channel)
    terminal.json_line(line) if json else terminal.out(line["said"])
