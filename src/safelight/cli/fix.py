"""``safelight fix``: the edit that would make any file pass a channel; needs no store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here

FAILED = 1


@app.command()
def fix(
    picture: Annotated[Path, typer.Argument(metavar="FILE", help="The picture; it is only read.")],
    channel: Annotated[str, typer.Option("--channel", help="The channel whose rules it should keep.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the result there, if it passes.")] = None,
    json: options.Json = False,
) -> None:
    """Propose the edit that would make a picture pass a channel, and judge its result: exit 0 if it would, else 1."""
    from safelight import studio

    line = studio.fix_file(here(picture), channel, out and here(out))
    if json:
        terminal.json_line(line)
    else:
        _say(line)
    if not line["would_pass"]:
        raise typer.Exit(FAILED)


def _say(line: dict[str, Any]) -> None:
    if line["passes"]:
        terminal.out(f"{line['file']} passes {line['channel']} as it is")
        return
    for each in line["before"]:
        terminal.out(f"does not hold   {each}")
    for each in line["steps"]:
        sure = "" if each["confidence"] is None else f" (confidence {each['confidence']:.2f})"
        terminal.out(f"step            {each['step']}{sure}: {'; '.join(each['reasons'])}")
    for each in line["changes"]:
        terminal.out(f"file            {each}")
    for each in line["after"]:
        terminal.out(f"still broken    {each}")
    if line["refused"]:
        terminal.out(f"cannot be met   {line['refused']}")
    elif line["written"]:
        terminal.out(f"passes; written to {line['written']}")
    elif line["would_pass"]:
        terminal.out("would pass; nothing was written: name a file with -o")
