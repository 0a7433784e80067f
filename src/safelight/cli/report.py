"""``safelight report``: where a batch stands, as words and as a page."""

from __future__ import annotations

from pathlib import Path

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here, opened


@app.command()
def report(
    batch: options.Batch,
    out: options.Out = Path("out"),
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Write the report page anew and say what was delivered, what waits and why."""
    with opened(store) as desk:
        done = desk.report(batch, here(out))
    terminal.tell(done.lines, done.summary, as_json=json)
