"""``safelight mcp``: the studio's verbs as tools for an assistant, over standard input and output."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options
from safelight.cli.main import app
from safelight.cli.session import here, opened, store_root


@app.command()
def mcp(
    folder: Annotated[
        Path, typer.Option("--folder", help="Where files that it names lie; deliveries go to out/.")
    ] = Path(),
    role: Annotated[str, typer.Option("--role", help="What it may do, as a role of the permission table.")] = "service",
    name: Annotated[str, typer.Option("--as", help="Lend it a person's name; without, it decides nothing.")] = "",
    store: options.Store = None,
) -> None:
    """Serve an assistant until it hangs up: it looks, checks, proposes and delivers; people decide."""
    from safelight.access import Caller, roles
    from safelight.cli.mcp_tools import server_for
    from safelight.core.facts import Actor
    from safelight.errors import StoreLockedError, UnknownNameError
    from safelight.store.lock import owner_of
    from safelight.studio import Studio

    if role not in roles():
        raise UnknownNameError(f"no role called {role!r}; there are: {', '.join(roles())}")
    owner = owner_of(store_root(store))
    if owner is not None:  # its standard input is not ours
        raise StoreLockedError(f"the store is in use by process {owner.pid}; end it, or ask it through its service")
    actor = Actor("person", name) if name else Actor("plugin", "assistant")
    with opened(store) as desk:
        server_for(Studio(desk.store, desk.settings, Caller(actor, {"*": role})), here(folder)).run("stdio")
