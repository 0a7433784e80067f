"""``safelight amend``: a person's numbers in the place of a step's own."""

from __future__ import annotations

from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import opened


@app.command()
def amend(
    batch: options.Batch,
    file: Annotated[str, typer.Argument(help="A file of the batch.")],
    step: Annotated[str, typer.Argument(help="The step of its edit: exposure, cutout, ...")],
    name: options.As,
    reason: Annotated[str, typer.Option("--reason", help="Why: proposals learn from it.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="name=value; may stand several times. None takes it back.")
    ] = None,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Set a step's parameters by hand; the next run paints them, and no machine changes them again."""
    values = dict(_pair(each) for each in settings or [])
    with opened(store) as desk:
        line = desk.amend(batch, file, step, values, name, reason)
    terminal.json_line(line) if json else terminal.out(f"{line['file']}: {line['said']}")


def _pair(words: str) -> tuple[str, str]:
    name, equals, value = words.partition("=")
    if not equals or not name:
        raise typer.BadParameter(f"--set is {words!r}; it takes name=value, like --set stops=0.3")
    return name, value
