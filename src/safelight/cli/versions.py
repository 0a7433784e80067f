"""``safelight versions``, ``checkpoint(s)`` and ``owner``: how a file came to be, the way back, and whose a look is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here, opened

Why = Annotated[str, typer.Option("--reason", help="Why; it stands in the ledger.")]


@app.command()
def versions(
    batch: options.Batch,
    file: Annotated[str, typer.Argument(help="A file of the batch.")],
    back_to: Annotated[
        str, typer.Option("--back-to", help="Go back to this version; the one that stands stays in the lineage.")
    ] = "",
    name: Annotated[str, typer.Option("--as", help="Your name, to go back.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why, to go back.")] = "",
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Show a file's lineage: who, when, why, and what changed in words; or go back to an earlier version."""
    with opened(store) as desk:
        if back_to:
            line = desk.restore_version(batch, file, back_to, name, reason)
            terminal.json_line(line) if json else terminal.out(line["said"])
            return
        lines = desk.versions(batch, file)
    for line in lines:
        terminal.json_line(line) if json else terminal.out(line["text"])


@app.command()
def checkpoint(
    batch: options.Batch,
    label: Annotated[str, typer.Argument(help="What to call it.")],
    name: options.As,
    note: Annotated[str, typer.Option("--note", help="What was reached.")] = "",
    back: Annotated[
        bool, typer.Option("--back", help="Go back to it: every file that is not approved stands as it did.")
    ] = False,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Remember where a batch stands, or go back to it."""
    with opened(store) as desk:
        if back:
            lines = desk.restore_checkpoint(batch, label, name, note or f"back to checkpoint {label}")
        else:
            lines = [desk.checkpoint(batch, label, note, name)]
    for line in lines:
        terminal.json_line(line) if json else terminal.out(line["said"])
    if back and not lines and not json:
        terminal.out(f"every file of {batch} stands as it did at {label}, or is approved")


@app.command()
def checkpoints(batch: options.Batch, store: options.Store = None, json: options.Json = False) -> None:
    """List the checkpoints of a batch, and what going back to each would change."""
    with opened(store) as desk:
        found = desk.checkpoints(batch)
    for each in found:
        stays = f", {len(each.kept)} approved since stay" if each.kept else ""
        text = (
            f"{each.label}, by {each.by}, {each.at[:16]}: {len(each.back)} of {each.files} files would go back{stays}"
        )
        terminal.json_line(vars(each)) if json else terminal.out(f"{text}{f': {each.note}' if each.note else ''}")
    if not found and not json:
        terminal.out(f"{batch} has no checkpoint; set one with: safelight checkpoint {batch} LABEL --as NAME")


@app.command()
def owner(
    look: Annotated[Path | None, typer.Argument(help="A look's file; none shows who owns what.")] = None,
    owned_by: Annotated[str, typer.Option("--owner", help="Who owns the look and what it makes.")] = "",
    terms: Annotated[str, typer.Option("--terms", help="On what terms it may be used.")] = "",
    name: Annotated[str, typer.Option("--as", help="Your name, to say so.")] = "",
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Say who owns a look or style, or show it."""
    with opened(store) as desk:
        if look is not None:
            lines = [desk.own_look(here(look), owned_by, terms, name)]
        else:
            lines = [
                each
                | {"said": ", ".join(part for part in (f"{each['title']}: {each['owner']}", each["terms"]) if part)}
                for each in desk.look_owners()
            ]
    for line in lines:
        terminal.json_line(line) if json else terminal.out(line["said"])
