"""``safelight webhooks``: who is told of deliveries."""

from __future__ import annotations

from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import opened

FAILED = 1

webhooks_app = typer.Typer(help="Tell other systems of deliveries (Standard Webhooks 1.0).", no_args_is_help=True)
app.add_typer(webhooks_app, name="webhooks")

Url = Annotated[str, typer.Argument(metavar="URL", help="https, and a public address unless --private.")]


@webhooks_app.command()
def add(
    url: Url,
    name: options.As,
    secret: Annotated[str, typer.Option("--secret", help="whsec_...; made here if left out.")] = "",
    private: Annotated[
        bool, typer.Option("--private", help="Let it be an address of the studio's own network, http too.")
    ] = False,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Send events there from now on; the secret is shown this once."""
    with opened(store) as desk:
        line = desk.add_webhook(url, secret, name, private=private)
    terminal.json_line(line) if json else terminal.out(f"{line['url']}: its secret is {line['secret']}")


@webhooks_app.command()
def remove(url: Url, name: options.As, store: options.Store = None) -> None:
    """Send no more events there."""
    with opened(store) as desk:
        desk.remove_webhook(url, name)


@webhooks_app.command("list")
def list_hooks(store: options.Store = None, json: options.Json = False) -> None:
    """Say where events go."""
    with opened(store) as desk:
        lines = desk.list_webhooks()
    for line in lines:
        terminal.json_line(line) if json else terminal.out(line["url"] + (" (private)" if line["private"] else ""))


@webhooks_app.command()
def send(store: options.Store = None, json: options.Json = False) -> None:
    """Send every event that was not taken yet; exit 1 if one still is not."""
    with opened(store) as desk:
        lines = desk.send_webhooks()
    for line in lines:
        terminal.json_line(line) if json else terminal.out(
            f"{line['type']} to {line['url']}: {line['note'] or 'taken'}"
        )
    if any(not line["sent"] for line in lines):
        raise typer.Exit(FAILED)
