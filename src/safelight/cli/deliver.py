"""``safelight deliver``: write what is approved and not yet delivered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    if dry_run and not json:
        for text in plan_text(done.lines):
            terminal.out(text)
        return
    terminal.tell(done.lines, done.summary, as_json=json)
    for line in more:
        if json:
            terminal.json_line(line)
        else:
            terminal.out(line.get("zip") or f"{line['key']}{' (was there)' if line['was_there'] else ''}")


def plan_text(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what a delivery would do as aligned lines: original, where it would lie, and what would be done.

    Examples
    --------
    >>> plan_text([{"file": "a.jpg", "place": "etsy", "name": "A1.jpg", "channel": "etsy", "note": "would be written"}])
    ['a.jpg  etsy/A1.jpg  would be written']
    >>> plan_text([])
    ['nothing is approved yet: `safelight release` decides a batch']
    """
    rows = [(each["file"], f"{each['place'] or each['channel']}/{each['name']}", each["note"]) for each in lines]
    if not rows:
        return ["nothing is approved yet: `safelight release` decides a batch"]
    first, second = max(len(each[0]) for each in rows), max(len(each[1]) for each in rows)
    return [f"{file.ljust(first)}  {name.ljust(second)}  {note}" for file, name, note in rows]
