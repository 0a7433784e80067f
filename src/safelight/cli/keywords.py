"""``safelight keywords``: which words of originals are not on the guide's list, for a look once a week."""

from __future__ import annotations

from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import opened


@app.command()
def keywords(
    days: Annotated[int, typer.Option("--days", min=1, help="How far back to look.")] = 7,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """List the keywords that deliveries left out, since no guide's list has them, and what each may be meant for."""
    with opened(store) as desk:
        lines = desk.keyword_outliers(days)
    for line in lines:
        terminal.json_line(line) if json else terminal.out(str(line["text"]))
    if not lines and not json:
        terminal.out(f"no delivery of the last {days} days left out a keyword")
