"""``safelight deliver``: write what is approved and not yet delivered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

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
    zips: Annotated[bool, typer.Option("--zip", help="Write each channel as one zip, too.")] = False,
    to: Annotated[str, typer.Option("--to", help="Put it into a bucket, too: s3://bucket/prefix.")] = "",
    json: options.Json = False,
) -> None:
    """Derive each channel's files from the approved masters, check them, and write them with their manifest."""
    more: list[dict[str, Any]] = []
    with opened(store) as desk, progress() as bar:
        done = desk.deliver(batch, here(out), bar, dry_run=dry_run)
        if zips and not dry_run:
            more += desk.zip_delivery(batch, here(out))
        if to and not dry_run:
            more += desk.send_delivery(batch, here(out), to)
    terminal.tell(done.lines, done.summary, as_json=json)
    for line in more:
        if json:
            terminal.json_line(line)
        else:
            terminal.out(line.get("zip") or f"{line['key']}{' (was there)' if line['was_there'] else ''}")
