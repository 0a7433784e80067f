"""``safelight cull``: which frames to keep, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.progress import progress
from safelight.cli.run import PARTIAL
from safelight.cli.session import here, opened


@app.command()
def cull(
    folder: Annotated[Path, typer.Argument(help="The folder that holds the pictures.")],
    guide: options.Guide = None,
    out: options.Out = Path("out"),
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Measure and group every frame and say pick, alternate, reject or can't tell, with reasons; nothing is deleted.

    Thumbnails and a contact sheet lie in the folder `--out` names, from the first frames on.
    """
    from safelight.runs.ahead import workers_ahead
    from safelight.settings import from_environment

    with workers_ahead(from_environment()) as pool:
        from safelight import studio

        studio.check_guide(guide and here(guide), "")
        with opened(store, create=True) as desk, progress() as bar:
            done = desk.cull(here(folder), guide and here(guide), bar, here(out), pool=pool)
    for line in done.lines:
        if json:
            terminal.json_line(line)
        else:
            why = "; ".join(str(each) for each in line["reasons"])
            group = f" [{line['group']}]" if line["group"] else ""
            terminal.out(f"{line['class']:<10} {line['name']}{group}: {why}")
    terminal.err(done.summary)
    if done.quarantined:
        raise typer.Exit(PARTIAL)
