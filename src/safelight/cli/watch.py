"""``safelight watch``: a hot folder; what arrives whole is run, and put away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.progress import progress
from safelight.cli.session import here, opened


@app.command()
def watch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where files arrive.")],
    guide: options.Guide = None,
    out: options.Out = Path("out"),
    returns: Annotated[
        str, typer.Option("--returns", metavar="BATCH", help="Retouched files of this batch arrive: check them in.")
    ] = "",
    name: Annotated[str, typer.Option("--as", help="With --returns: who answers for what is taken in.")] = "",
    once: Annotated[bool, typer.Option("--once", help="Take what is whole by now, and end.")] = False,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Run what arrives whole; good files go to done/, others to error/ with their reason. Ctrl-C loses nothing."""

    def tell(line: Mapping[str, Any]) -> None:
        if json:
            terminal.json_line(dict(line))
        else:
            terminal.out(f"{line['file']}: {'done' if line['done'] else line['reason']}")

    if returns:
        with opened(store) as desk, progress() as bar:
            desk.watch_returns(here(folder), returns, name, here(out), bar, tell, once=once)
        return
    with opened(store, create=True) as desk, progress() as bar:
        desk.watch(here(folder), guide and here(guide), here(out), bar, tell, once=once)
