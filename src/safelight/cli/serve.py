"""``safelight serve``: the same studio for a team, in a browser."""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path
from typing import Annotated

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here, opened

# Who starts a service again waits for at most ten seconds, whatever the store holds: this is a part of them.
_READY_S = 6.0


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on; elsewhere than here it needs TLS.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = 8765,
    cert: Annotated[Path | None, typer.Option("--cert", help="TLS certificate (PEM), with --key.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Its private key (PEM).")] = None,
    behind_tls: Annotated[
        bool, typer.Option("--behind-tls", help="A proxy before it speaks TLS with the world; cookies are secure.")
    ] = False,
    out: options.Out = Path("out"),
    store: options.Store = None,
) -> None:
    """Serve the review screen and the API until Ctrl-C; other commands on this store go through it meanwhile."""
    from safelight.errors import UsageError

    tls = cert is not None and key is not None
    if (cert is None) != (key is None):
        raise UsageError("--cert and --key come together")
    if not tls and not behind_tls and not _is_here(host):
        raise UsageError(
            f"--host {host} is not this machine alone, and passwords would travel in the open: give --cert and --key, "
            "or --behind-tls with a proxy that speaks TLS, or leave --host away"
        )
    with opened(store, create=True) as desk:
        from safelight.api.serving import Address
        from safelight.api.serving import serve as serve_house
        from safelight.house import House

        house = House(desk.store, desk.settings, here(out))
        try:
            bound = _bind(host, port)
            address = Address(host, bound.getsockname()[1], str(cert or ""), str(key or ""), behind_tls=behind_tls)
            house.get_ready(_READY_S)
            for line in house.welcome(address.url):
                terminal.out(line)
            for job in house.resume():
                terminal.out(f"taking up the {job.what} that {job.by} asked for before the service ended")
            serve_house(house, bound, address)
        finally:
            house.close()


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _bind(host: str, port: int) -> socket.socket:
    from safelight.errors import UsageError

    name = host.strip("[]")
    bound: socket.socket | None = None
    try:
        family = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0][0]
        # The protocol is named, since asyncio asks for it before it turns off Nagle's waiting; without it each answer's
        # body stays behind its head until the browser says that it got the head, 40 ms later.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((name, port))
    except OSError as problem:
        if bound is not None:
            bound.close()
        raise UsageError(
            f"can't listen on {host}:{port} ({problem.strerror or problem}); choose another --port"
        ) from None
    return bound
