"""``safelight check``: gate 1 on any file, also one we did not make; needs no store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here

FAILED = 1


@app.command()
def check(
    picture: Annotated[Path, typer.Argument(metavar="FILE", help="The picture to judge.")],
    against: Annotated[Path | None, typer.Option("--against", help="The original it was made from.")] = None,
    channel: Annotated[str, typer.Option("--channel", help="Judge by this channel's rules, too.")] = "",
    mask: Annotated[
        Path | None,
        typer.Option("--mask", help="Where it was retouched, a gray picture: with --against, nothing else."),
    ] = None,
    json: options.Json = False,
) -> None:
    """Judge a picture: exit 0 if it passes (warnings included), 1 if a verdict is fail, 3 if it can't be read."""
    from safelight import studio

    if mask is not None and against is None:
        raise typer.BadParameter("--mask says where a file may differ from its original: add --against ORIGINAL")
    lines = studio.check_file(here(picture), against and here(against), channel, mask and here(mask))
    for warning in dict.fromkeys(line.get("stale", "") for line in lines):
        if warning:
            terminal.err(f"safelight: {warning}")
    for line in lines:
        if json:
            terminal.json_line(line)
        else:
            _say(line)
    if any(line["verdict"] == "fail" for line in lines):
        raise typer.Exit(FAILED)


def _say(line: dict[str, Any]) -> None:
    terminal.out(f"{line['verdict']:<5} {line['check']}")
    for each in line["measures"]:
        if each["value"] is None:
            terminal.out(f"        {each['name']}: not measured, {each['why']}")
            continue
        limit = "" if each["limit"] is None else f" ({each['direction'].replace('_', ' ')} {each['limit']:g})"
        terminal.out(f"        {each['name']}: {each['value']:g} {each['unit']}{limit}")
    for each in line["evidence"]:
        terminal.out(f"        at {', '.join(f'{v:.3f}' for v in each['box'])}: {each['text']}")
