"""Options that several commands share, worded once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Store = Annotated[
    Path | None,
    typer.Option("--store", help="Where safelight keeps its memory; else $SAFELIGHT_STORE, else ./.safelight."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]
Guide = Annotated[Path | None, typer.Option("--guide", help="The client's style guide (TOML); else the built-in one.")]
Out = Annotated[Path, typer.Option("--out", help="Folder for proofs, report and deliveries.")]
As = Annotated[str, typer.Option("--as", help="Your name: it stands in the ledger and on the manifest.")]
Batch = Annotated[str, typer.Argument(help="The batch, as `run` named it.")]
