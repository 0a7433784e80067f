"""``safelight layout``: a draft of several cut-outs on one sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here, opened
from safelight.errors import UsageError

_MOST_BYTES = 200_000  # forty places are a page


@app.command()
def layout(
    batch: options.Batch,
    sheet: Annotated[str, typer.Argument(help="The file of the batch whose frame becomes the sheet.")],
    name: options.As,
    files: Annotated[
        list[str] | None, typer.Argument(help="Files whose cut-outs stand in a row; none with --plan.")
    ] = None,
    plan: Annotated[
        Path | None, typer.Option("--plan", help="The layout as TOML: [sheet], and a [[place]] for each cut-out.")
    ] = None,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Compose cut-outs on one sheet: a draft, never delivered before a person has rebuilt it."""
    given = {} if plan is None else _read(here(plan))
    with opened(store) as desk:
        line = desk.layout(batch, sheet, name, given, files or ())
    if json:
        terminal.json_line(line)
        return
    terminal.out(line["said"])
    for each in line["joints"]:
        terminal.out(f"  {each['joint']}: {each['verdict']}, {each['said']}")


def _read(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        with path.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise UsageError(f"{path} is larger than {_MOST_BYTES} bytes: no layout, it seems")
        return tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}") from None
