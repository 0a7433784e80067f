"""``safelight run``: a shoot goes in; proofs, a queue and a report come out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.progress import progress
from safelight.cli.session import here, opened

PARTIAL = 3


@app.command()
def run(
    shoot: Annotated[Path, typer.Argument(help="The folder that holds the pictures.")],
    guide: options.Guide = None,
    workflow: Annotated[str, typer.Option("--workflow", help="Take every file for this category.")] = "",
    out: options.Out = Path("out"),
    store: options.Store = None,
    json: options.Json = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")] = False,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Take another guide than the batch started with; else it is refused.")
    ] = False,
) -> None:
    """Take a shoot through culling, correction, cut-out and gate 1; write proofs and a report.

    Files that wait for people are no failure (exit 0); files in quarantine are (exit 3). Nothing is delivered
    before `release`. Thumbnails and a contact sheet lie in the folder `--out` names, from the first frames on.
    """
    from safelight import studio
    from safelight.runs.ahead import workers_ahead
    from safelight.settings import from_environment

    if dry_run:
        _say_plan(studio.plan_run(here(shoot), guide and here(guide), workflow), json)
        return
    with workers_ahead(from_environment()) as pool:
        studio.check_guide(guide and here(guide), workflow)
        with opened(store, create=True) as desk, progress() as bar:
            done = desk.run(here(shoot), guide and here(guide), workflow, here(out), bar, adopt=adopt, pool=pool)
    terminal.tell(done.lines, done.summary, as_json=json)
    if done.quarantined:
        raise typer.Exit(PARTIAL)


def _say_plan(plan: list[dict[str, object]], as_json: bool) -> None:
    for line in plan:
        if as_json:
            terminal.json_line(line)
        else:
            terminal.out(f"{line['file']}: {line['category']}, {line['would']}")
