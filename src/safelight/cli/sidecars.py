"""``safelight sidecars``: culling's word to and from other programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.run import PARTIAL
from safelight.cli.session import here, opened

sidecars_app = typer.Typer(
    help="Write classes, stars, flags and keywords as XMP sidecars, and read back what others changed.",
    no_args_is_help=True,
)
app.add_typer(sidecars_app, name="sidecars")

Name = Annotated[str, typer.Option("--as", help="Your name: it stands in the ledger.")]


@sidecars_app.command()
def write(
    batch: options.Batch,
    settle: Annotated[
        bool, typer.Option("--settle", help="Where you and another person changed the same field, write yours.")
    ] = False,
    name: Name = "",
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Write what the ledger says beside the originals; what other programs wrote there stays."""
    with opened(store) as desk:
        lines = desk.write_sidecars(batch, name, settle=settle)
    _tell(lines, as_json=json)


@sidecars_app.command()
def develop(
    batch: options.Batch,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the sidecars go; never beside an original.")],
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Write exposure, crop, stars and keywords as other raw converters read them, into a folder of their own."""
    with opened(store) as desk:
        lines = desk.hand_off_sidecars(batch, here(folder))
    _tell(lines, as_json=json)


@sidecars_app.command()
def read(
    batch: options.Batch,
    name: Name,
    settle: Annotated[
        bool, typer.Option("--settle", help="Where you and another person changed the same field, take the file's.")
    ] = False,
    trust_names: Annotated[
        bool, typer.Option("--trust-names", help="Take sidecars for those of the files they are named after.")
    ] = False,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Take what was changed in other programs into the ledger, as your word."""
    with opened(store) as desk:
        lines = desk.read_sidecars(batch, name, settle=settle, trust_names=trust_names)
    _tell(lines, as_json=json)


@sidecars_app.command()
def status(batch: options.Batch, store: options.Store = None, json: options.Json = False) -> None:
    """Say for each sidecar whether it is in step, to be written, to be read, or why it is left alone."""
    with opened(store) as desk:
        lines = desk.show_sidecars(batch)
    _tell(lines, as_json=json)


def _tell(lines: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    for line in lines:
        if as_json:
            terminal.json_line(line)
        elif line["text"] or line["state"] != "in_step":
            told = f": {line['text']}" if line["text"] else ""
            terminal.out(f"{line['state'].replace('_', ' '):<16} {line['sidecar']}{told}")
    if not as_json:
        counts = Counter(line["state"].replace("_", " ") for line in lines)
        terminal.out(", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "no sorted files")
    if not all(line["done"] for line in lines):
        raise typer.Exit(PARTIAL)
