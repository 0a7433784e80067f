"""A browser's one line to the service, as lean as Python allows: what is measured is the service, not this.

The client library that the rest of the benchmarks use spends some two milliseconds of processor time a request; with
fifty reviewers on the service's own two cores that is a fifth of a core, and its waiting is measured as the service's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class Answer:
    """What came back: `json` reads the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as data."""
        return json.loads(self.body)

    def checked(self) -> Answer:
        """Return this answer, or end the benchmark with what was refused."""
        if self.status >= 300:
            raise SystemExit(f"the service said {self.status}: {self.body.decode()[:300]}")
        return self


@dataclass
class Browser:
    """One keep-alive line to `host`:`port`, with the headers that it sends each time; one request at a time."""

    host: str
    port: int
    base: str = "/api/v1"
    headers: dict[str, str] = field(default_factory=dict)
    cookie: str = ""
    _line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, **params: object) -> Answer:
        """Ask for a page."""
        return await self.ask("GET", f"{path}?{urlencode(params)}" if params else path)

    async def post(self, path: str, body: object, **headers: str) -> Answer:
        """Send JSON."""
        return await self.ask("POST", path, json.dumps(body).encode(), headers)

    async def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Send a request and return its answer; a line that the service closed meanwhile is opened again."""
        sent = self._head(method, path, len(body), headers or {}) + body
        known = self._line
        reader, writer = self._line = known or await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(sent)
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            if known is None:
                raise
            writer.close()  # an idle line that the service hung up
            reader, writer = self._line = await asyncio.open_connection(self.host, self.port)
            writer.write(sent)
            head = await reader.readuntil(b"\r\n\r\n")
        status, told = read_head(head)
        if "transfer-encoding" in told:
            raise SystemExit(f"{method} {path} answers in pieces; listen to it with `events`")
        answer = Answer(status, told, await reader.readexactly(int(told.get("content-length", "0"))))
        if "set-cookie" in told:
            self.cookie = told["set-cookie"].partition(";")[0]
        if told.get("connection", "") == "close":
            self.close()
        return answer

    async def events(self, until: float) -> int:
        """Listen to what happens on a line of its own, as each open screen does; return how many were told."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        loop, heard = asyncio.get_running_loop(), 0
        try:
            writer.write(self._head("GET", "/events", 0, {}))
            await reader.readuntil(b"\r\n\r\n")
            while (left := until - loop.time()) > 0:
                heard += (await asyncio.wait_for(reader.read(65_536), left)).count(b"\nevent: ")
        except TimeoutError:
            pass
        finally:
            writer.close()
        return heard

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line[1].close()
            self._line = None

    def _head(self, method: str, path: str, size: int, headers: Mapping[str, str]) -> bytes:
        lines = [f"{method} {self.base}{path} HTTP/1.1", f"Host: {self.host}:{self.port}", f"Content-Length: {size}"]
        sent = {"Content-Type": "application/json", **({"Cookie": self.cookie} if self.cookie else {})}
        lines += [f"{name}: {value}" for name, value in (sent | self.headers | dict(headers)).items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def read_head(raw: bytes) -> tuple[int, dict[str, str]]:
    """Return the status and the headers of an answer, names in lower case.

    Examples
    --------
    >>> read_head(b"HTTP/1.1 200 OK\\r\\nETag: \\"7\\"\\r\\n\\r\\n")
    (200, {'etag': '"7"'})
    """
    first, *rest = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    told = {name.strip().lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)}
    return int(first.split(" ", 2)[1]), told
