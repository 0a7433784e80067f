"""Run the app in this process until it is asked to end."""

from __future__ import annotations

import gc
import logging
import socket
import sys
import threading
from dataclasses import dataclass
from typing import Any

from safelight.api import log
from safelight.api.app import make_app
from safelight.api.limits import PromptProtocol
from safelight.house import House

_GRACE_S = 3
_SWITCH_S = 0.001


@dataclass(frozen=True)
class Address:
    """Where the service listens, and whether it speaks TLS or a proxy before it does."""

    host: str
    port: int
    cert: str = ""
    key: str = ""
    behind_tls: bool = False

    @property
    def secure(self) -> bool:
        """True where browsers reach it by TLS only."""
        return bool(self.cert) or self.behind_tls

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.cert else 'http'}://{host}:{self.port}"


def serve(house: House, bound: socket.socket, address: Address) -> None:
    """Serve a house on a bound socket until SIGINT or SIGTERM; what was acknowledged is on the disk already."""
    import uvicorn

    log.set_up()
    threading.Thread(target=_settle, args=(house,), name="safelight-settle", daemon=True).start()
    # A thread that works for a batch gives way to those that answer people five times as often as Python's own 5 ms:
    # each question to the database is a place where an answer would wait for its turn again.
    sys.setswitchinterval(_SWITCH_S)
    app = make_app(house, secure=address.secure)
    tls: dict[str, Any] = {"ssl_certfile": address.cert, "ssl_keyfile": address.key} if address.cert else {}
    config = uvicorn.Config(
        app,
        http=PromptProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=_GRACE_S,
        limit_concurrency=1000,
        proxy_headers=address.behind_tls,
        **tls,
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    _Server(config).run(sockets=[bound])


def _settle(house: House) -> None:
    """Spare everybody the garbage collector's look at what stays for good, and the first telling of lists.

    A full look at the experience of 100,000 files holds all threads for a quarter of a second or more, again and again
    as requests come and go. What is there once it was gathered is never looked at again.
    """
    gc.set_threshold(20_000, 20, 20)
    house.gathered.wait()
    gc.collect()
    gc.freeze()
    house.tell_ahead()


class _Server:
    """A uvicorn server that tells open event streams to end before it waits for them."""

    def __init__(self, config: Any) -> None:  # noqa: ANN401 - uvicorn.Config
        import uvicorn

        outer = self

        class Server(uvicorn.Server):
            async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
                outer.app.state.stopping.set()
                await super().shutdown(sockets)

        self.app = config.app
        self._server = Server(config)

    def run(self, sockets: list[socket.socket]) -> None:
        self._server.run(sockets=sockets)
