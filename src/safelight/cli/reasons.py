"""``safelight reasons`` and ``safelight causes``: what a reviewer marks from, and which files share a cause."""

from __future__ import annotations

from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import opened


@app.command()
def reasons(json: options.Json = False) -> None:
    """List the reasons that a reviewer marks, and the queue each sends a file to."""
    from safelight.studio import return_reasons

    for line in return_reasons():
        text = f"{line['code']:20} {line['title']} (goes to {line['queue'].replace('_', ' ')})"
        terminal.json_line(line) if json else terminal.out(text)


@app.command()
def causes(
    batch: options.Batch,
    file: Annotated[str, typer.Argument(help="A file that failed or was sent back.")],
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Show which other files of the batch share the cause of a file's failure."""
    with opened(store) as desk:
        lines = desk.causes(batch, file)
    for line in lines:
        terminal.json_line(line) if json else terminal.out(f"{line['file']} ({line['standing']}): {line['why']}")
    if not lines and not json:
        terminal.out(f"no other file of {batch} shares what is wrong with {file}")
