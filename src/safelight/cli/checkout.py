"""``safelight checkout`` and ``checkin``: out to a retoucher or a vendor, and back as a person's version."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here, opened

PARTIAL = 3


@app.command()
def checkout(
    batch: options.Batch,
    files: Annotated[list[str] | None, typer.Argument(help="Files of the batch; none lists what is out.")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder they go to.")] = Path("retouch"),
    name: Annotated[str, typer.Option("--as", help="Your name: it stands in the ledger.")] = "",
    format: Annotated[str, typer.Option("--format", help="psd (layers) or tiff (flat).")] = "psd",
    bits: Annotated[int, typer.Option("--bits", help="16 or 8.")] = 16,
    space: Annotated[
        str, typer.Option("--space", help="Color space: srgb, adobe_rgb, display_p3 or prophoto_rgb.")
    ] = "srgb",
    vendor: Annotated[str, typer.Option("--vendor", help="An outside vendor: manifest and brief go along.")] = "",
    due: Annotated[str, typer.Option("--due", help="The vendor's deadline, YYYY-MM-DD.")] = "",
    brief: Annotated[str, typer.Option("--brief", help="What the vendor is asked to do.")] = "",
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Write versions for a retoucher: original, AI result with its mask, guides, clipping path and notes."""
    terms = {"vendor": vendor, "due": due, "brief": brief}
    with opened(store) as desk:
        if files:
            lines = desk.checkout(batch, files, here(out), name, format=format, bits=bits, space=space, terms=terms)
        else:
            lines = desk.sent_out(batch)
    for line in lines:
        terminal.json_line(line) if json else terminal.out(line["said"])
    if not lines and not json:
        terminal.out(f"nothing of {batch} is out")


@app.command()
def checkin(
    batch: options.Batch,
    paths: Annotated[list[Path], typer.Argument(help="What came back: files, or a vendor's folder.")],
    name: options.As,
    reason: Annotated[str, typer.Option("--reason", help="What was done: proposals learn from it.")],
    file: Annotated[str, typer.Option("--file", help="Whose it is, where neither name nor picture tells.")] = "",
    confirm: Annotated[bool, typer.Option("--confirm", help="Take in what was asked about.")] = False,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Take a retouched file back as a person's version, compared with what went out; AI output is never overwritten."""
    with opened(store) as desk:
        lines = desk.checkin(batch, [here(each) for each in paths], name, reason, file=file, confirm=confirm)
    for line in lines:
        terminal.json_line(line) if json else terminal.out(f"{line['standing']}: {line['said']}")
    if any(line["standing"] in ("refused", "asked", "missing") for line in lines):
        raise typer.Exit(PARTIAL)
