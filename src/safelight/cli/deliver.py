"""``safelight deliver``: write what is approved and not yet delivered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.progress import progress
from safelight.cli.session import here, opened


@app.command()
def deliver(
    batch: options.Batch,
    out: options.Out = Path("out"),
    store: options.Store = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be written; write nothing.")] = False,
    json: options.Json = False,
) -> None:
    """Derive each channel's files from the approved masters, check them, and write them with their manifest."""
    with opened(store) as desk, progress() as bar:
        done = desk.deliver(batch, here(out), bar, dry_run=dry_run)
    terminal.tell(done.lines, done.summary, as_json=json)
