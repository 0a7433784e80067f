"""``safelight guide``: write and check style guides."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import terminal
from safelight.cli.main import guide_app
from safelight.cli.session import here


@guide_app.command()
def new(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="Where the guide goes, like acme.toml.")],
    answers: Annotated[
        list[str] | None, typer.Option("--set", help="name=value: answers a question beforehand.")
    ] = None,
) -> None:
    """Ask a few questions and write a style guide that has been checked; without a terminal the defaults hold."""
    from safelight import studio

    questions = studio.guide_questions()
    given = dict(_pair(each) for each in answers or [])
    for each in questions:
        if each.key in given:
            continue
        answer = terminal.ask(f"{each.asked} [{each.default}]")
        if answer:
            given[each.key] = answer
    terminal.out(studio.new_guide(here(out), given))


@guide_app.command()
def check(guide: Annotated[Path, typer.Argument(metavar="FILE", help="The style guide.")]) -> None:
    """Hold a style guide against what is installed, before any pixel moves."""
    from safelight import studio

    terminal.out(studio.describe_guide(here(guide)))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise typer.BadParameter(f"--set is {text!r}; it takes name=value")
    return name, value
