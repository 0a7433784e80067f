"""``safelight release``: a named person decides a batch's sample, and it leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.progress import progress
from safelight.cli.session import here, opened

FAILED = 1


@app.command()
def release(
    batch: options.Batch,
    name: options.As,
    yes: Annotated[
        bool, typer.Option("--yes", help="You have looked at the sample at 100 and 200 % and approve it.")
    ] = False,
    out: options.Out = Path("out"),
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Show the sample, ask for the decision on it, and deliver what is approved."""
    with opened(store) as desk:
        asked = desk.plan_release(batch, here(out))
        for line in asked.lines:
            terminal.json_line(line) if json else terminal.out(line["text"])
        if asked.sample and not yes and not _agrees(asked.sample):
            terminal.err(
                "safelight: nothing was released; send a sampled file back with `safelight decide`, "
                "or say --yes once you have looked at the sample"
            )
            raise typer.Exit(FAILED)
        with progress() as bar:
            done = desk.release(batch, name, here(out), bar, asked.etag)
    terminal.tell(done.lines, done.summary, as_json=json)


def _agrees(count: int) -> bool:
    answer = terminal.ask(f"Have you looked at these {count} at 100 and 200 %, and do you approve them? [y/N]")
    return answer is not None and answer.lower() in ("y", "yes")
