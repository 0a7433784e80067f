"""``safelight path``: a picture with its clipping path; needs no store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here


@app.command()
def path(
    picture: Annotated[Path, typer.Argument(metavar="IN", help="The picture.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Where it goes: .jpg, .tif, .psd, or .svg for the path alone.")
    ],
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="name=value of the cut-out; what is not set is proposed.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Write IN uncut with the subject's contour as its clipping path, and list what to look at twice."""
    from safelight import studio

    told = studio.write_outline(here(picture), here(out), settings or [])
    if json:
        terminal.json_line(told)
        return
    places = told["places"]
    sure = told["confidence"]
    terminal.out(
        f"{told['knots']} knots in {told['subpaths']} subpaths"
        + (f", confidence {sure:.2f}" if sure is not None else "")
        + (f"; look again at {len(places)} thin lines and sharp corners, at 100, 200 and 400 %" if places else "")
    )
    off = told["deviation"].get("off_hard_edge")
    if off is not None:
        terminal.out(f"  {told['verdict']}: 95 % of the hard edge lies within {off:.2f} px of the path")
    for reason in told["reasons"]:
        terminal.out(f"  {reason}")
