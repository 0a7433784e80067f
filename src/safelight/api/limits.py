"""How much a request may bring and how long it may take over it, before anything of it is read."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_S = 20.0
MOST_FRAME = 65_536


def limited(scope: Scope, receive: Receive, most: int, within_s: float) -> Receive:
    """Return a request's `receive` that refuses a body too large (413) or too slow (408); it keeps nothing of it.

    Parameters
    ----------
    scope, receive
        Of an HTTP request.
    most : int
        Bytes of the body at most, whatever its length says of itself.
    within_s : float, seconds
        From now until its last byte.
    """
    if not any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"]):
        return receive  # nothing follows the head
    loop = asyncio.get_running_loop()
    until, got, whole = loop.time() + within_s, 0, False
    said = next((value for name, value in scope["headers"] if name == b"content-length"), b"")

    async def receive_limited() -> Message:
        nonlocal got, whole
        if whole:  # from here on only the end of the line is waited for
            return await receive()
        if said.isdigit() and int(said) > most:
            raise _too_large(most)
        try:
            message = await asyncio.wait_for(receive(), max(0.0, until - loop.time()))
        except TimeoutError:
            raise HTTPException(408, f"the body did not arrive within {within_s:g} s; send it again") from None
        got += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if got > most:
            raise _too_large(most)
        return message

    return receive_limited


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"the body is larger than {most} bytes; send fewer files at a time")


class PromptProtocol(HttpToolsProtocol):
    """HTTP/1.1 that closes a line whose request's head does not come to its end, or is too long."""

    _late: asyncio.TimerHandle | None = None
    _frame = 0  # bytes of this request that are no body: its head, the sizes of its chunks, what follows them

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - an asyncio transport
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Wait no longer for a head that has come; for the next one from its first byte on."""
        self._frame += len(data)
        super().data_received(data)
        if self._frame > MOST_FRAME and not self.transport.is_closing():
            self.send_400_response(f"The head of the request is longer than {MOST_FRAME} bytes.")
        elif self._late is None and (self.cycle is None or self.cycle.response_complete):
            self._expect_head()

    def on_message_begin(self) -> None:
        """Count anew."""
        super().on_message_begin()
        self._frame = 0

    def on_body(self, body: bytes) -> None:
        """Take what is counted as body out of what is not."""
        self._frame -= len(body)
        super().on_body(body)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        if self._late is not None:
            self._late.cancel()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self._late = self.loop.call_later(HEADER_S, self._end_unless_begun, self.cycle)

    def _end_unless_begun(self, before: Any) -> None:  # noqa: ANN401 - a request cycle
        self._late = None
        if self.cycle is before and not self.transport.is_closing():
            self.transport.close()
