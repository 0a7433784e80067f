"""``safelight calibration``, ``accept``, ``reliability``, ``explain``: what decisions teach, who answers for it."""

from __future__ import annotations

from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here, opened


@app.command()
def calibration(store: options.Store = None, json: options.Json = False) -> None:
    """Show for each kind of file how many audited labels there are, the bound on escapes, alarms and proposals."""
    with opened(store) as desk:
        lines = desk.strata()
        alarms = [each | {"alarm": True} for each in desk.alarms()]
        proposed = [vars(each) | {"proposal": each.id} for each in desk.proposals()]
    for line in [*lines, *alarms, *proposed]:
        if json:
            terminal.json_line(line)
        elif "proposal" in line:
            text = (
                f"proposal {line['id']}: {line['told']}: {line['now']:.2f} becomes {line['to']:.2f}; {line['evidence']}"
            )
            terminal.out(text)
        else:
            terminal.out(("alarm: " if line.get("alarm") else "") + str(line["text"]))
    if not (lines or alarms or proposed) and not json:
        terminal.out("nothing was routed yet, so there is nothing to calibrate")


@app.command()
def accept(
    proposal: Annotated[str, typer.Argument(help="The proposal's id, as `safelight calibration` shows it.")],
    name: options.As,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the ledger.")],
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Accept a changed threshold; the next run routes by it."""
    with opened(store) as desk:
        line = desk.accept(proposal, name, reason)
    terminal.json_line(line) if json else terminal.out(line["said"])


@app.command()
def reliability(
    task: Annotated[str, typer.Argument(help="A task to move; none shows the map.")] = "",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="complexity=, risk= (low, medium, high) or stance= (adopt, calibrate, resist)."),
    ] = None,
    edge: Annotated[str, typer.Option("--edge", help="Only for this class of edge.")] = "",
    category: Annotated[str, typer.Option("--category", help="Only for this category; raises, never lowers.")] = "",
    channel: Annotated[str, typer.Option("--channel", help="Only for this channel; raises, never lowers.")] = "",
    name: Annotated[str, typer.Option("--as", help="Your name, to move a task.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why, to move a task.")] = "",
    guide: options.Guide = None,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Show the reliability map, or move a task on it; a move without --set takes the studio's earlier one back."""
    pairs = [each.partition("=") for each in settings or []]
    if not task:
        with opened(store) as desk:
            lines = desk.reliability(here(guide) if guide else None)
        for line in lines:
            terminal.json_line(line) if json else terminal.out(str(line["text"]))
        return
    with opened(store) as desk:
        values = {key: value for key, _, value in pairs}
        line = desk.move(task, values, name, reason, edge=edge, category=category, channel=channel)
    terminal.json_line(line) if json else terminal.out(line["said"])


@app.command()
def explain(
    batch: options.Batch,
    file: Annotated[str, typer.Argument(help="A file of the batch.")],
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Tell the whole decision about a file: every reason, and each task with both checklists and their answers."""
    with opened(store) as desk:
        lines = desk.explain(batch, file)
    for line in lines:
        terminal.json_line({"text": line}) if json else terminal.out(line)
