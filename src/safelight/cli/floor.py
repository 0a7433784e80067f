"""``queue``, ``return``, ``reshoots``, ``supersede``, ``brief`` and ``propagate``: work that waits and comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here, opened

File = Annotated[str, typer.Argument(help="A file of the batch.")]
Why = Annotated[str, typer.Option("--reason", help="Why; it stands in the ledger.")]


@app.command()
def queue(batch: options.Batch, store: options.Store = None, json: options.Json = False) -> None:
    """Show what waits for people: by product, with its lane, age in business hours, and what makes it come first."""
    with opened(store) as desk:
        items = desk.queue(batch)
    for each in items:
        if json:
            terminal.json_line(vars(each) | {"overdue": each.overdue})
            continue
        why = f" ({', '.join(each.why)})" if each.why else ""
        off = f"; {', '.join(each.problems)}" if each.problems else ""
        terminal.out(
            f"{each.product}: {each.queue.replace('_', ' ')}, lane {each.lane}, {len(each.files)} files, "
            f"round {each.round}, waits {each.age_h:.1f} h, {each.left_h:.1f} h left{why}{off}"
        )
    if not items and not json:
        terminal.out(f"nothing of {batch} waits for people")


@app.command(name="return")
def client_return(
    batch: options.Batch,
    file: File,
    name: options.As,
    reason: Annotated[str, typer.Option("--reason", help="What the client says; needed unless marked.")] = "",
    marks: Annotated[list[str] | None, typer.Option("--mark", help="A reason of the list (safelight reasons).")] = None,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Record a client's return of a delivered file: it is open again, and only what changes is delivered again."""
    with opened(store) as desk:
        line = desk.client_return(batch, file, name, reason, marks or ())
    terminal.json_line(line) if json else terminal.out(f"{line['file']}: returned by {name}; {line['said']}")


@app.command()
def reshoots(batch: options.Batch, store: options.Store = None, json: options.Json = False) -> None:
    """Show the set's list: what to shoot again and why; a new capture of the same product and view takes its place."""
    with opened(store) as desk:
        lines = desk.reshoots(batch)
    for line in lines:
        if json:
            terminal.json_line(line)
            continue
        terminal.out(line["text"])
        for each in line["captures"]:
            terminal.out(f"    came in since: {each} (`safelight supersede {batch} {line['file']} {each}`)")


@app.command()
def supersede(
    batch: options.Batch,
    old: Annotated[str, typer.Argument(help="The capture whose place is taken.")],
    new: Annotated[str, typer.Argument(help="The capture that takes it.")],
    name: options.As,
    reason: Why,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Let one capture take another's place under the same product and view; the old one stays in the ledger."""
    with opened(store) as desk:
        line = desk.supersede(batch, old, new, name, reason)
    again = "; run the shoot again to work on it" if line["placed"] else ""
    terminal.json_line(line) if json else terminal.out(line["said"] + again)


@app.command()
def brief(
    batch: options.Batch,
    text: Annotated[str, typer.Argument(help="What the job is to look like; none shows the briefs.")] = "",
    about: Annotated[
        str, typer.Option("--about", help="category:NAME, lane:NAME, queue:NAME or product:SKU; else the whole batch.")
    ] = "",
    pictures: Annotated[
        list[Path] | None, typer.Option("--picture", help="A picture for the reference board; may stand several times.")
    ] = None,
    name: Annotated[str, typer.Option("--as", help="Your name, to set a brief.")] = "",
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Show the briefs of a batch, or set one with its board of reference pictures."""
    with opened(store) as desk:
        if text or pictures:
            board = [(here(each), each.name) for each in pictures or []]
            lines = [desk.brief(batch, about, text, board, name)]
        else:
            lines = [vars(each) | {"said": each.told()} for each in desk.briefs(batch)]
    for line in lines:
        terminal.json_line(line) if json else terminal.out(line["said"])


@app.command()
def propagate(
    batch: options.Batch,
    hero: Annotated[str, typer.Argument(help="The approved hero.")],
    name: options.As,
    reason: Why,
    steps: Annotated[
        list[str] | None, typer.Option("--step", help="A step of correction or grade; else all that a person set.")
    ] = None,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Give a hero's settings to the files of its category and light; the next run paints them, and each gets a look."""
    with opened(store) as desk:
        lines = desk.propagate(batch, hero, steps or (), name, reason)
    for line in lines:
        terminal.json_line(line) if json else terminal.out(line["said"])
