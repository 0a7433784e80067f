"""``safelight apply``: one step on one picture; needs no store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here


@app.command()
def apply(
    step: Annotated[str, typer.Argument(help="The step: develop, white_balance, exposure, look, cutout, ...")],
    picture: Annotated[Path, typer.Argument(metavar="IN", help="The picture.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the result goes; its ending says the format.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="name=value; what is not set is proposed.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Develop IN, apply one step, and write OUT at the size of IN; with `cutout`, straight RGBA."""
    from safelight import studio

    told = studio.apply_step(step, here(picture), here(out), settings or [])
    if json:
        terminal.json_line(told)
        return
    sure = told["confidence"]
    terminal.out(f"{told['step']} {told['params']}" + (f", confidence {sure:.2f}" if sure is not None else ""))
    for reason in told["reasons"]:
        terminal.out(f"  {reason}")
