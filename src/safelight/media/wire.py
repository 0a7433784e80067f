"""JSON objects and descriptors over a local socket: how a decoder's two halves talk."""

from __future__ import annotations

import array
import json
import socket
import struct
from collections.abc import Mapping
from typing import Any

_MOST_MESSAGE = 256 * 1024 * 1024


def send(link: socket.socket, message: Mapping[str, Any], descriptor: int | None = None) -> None:
    """Send one JSON object, and a descriptor with it if given."""
    body = json.dumps(message).encode("ascii")
    rights = []
    if descriptor is not None:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
    link.sendmsg([struct.pack("<I", len(body))], rights)
    link.sendall(body)


def receive(link: socket.socket) -> tuple[dict[str, Any], int | None]:
    """Receive one JSON object and the descriptor that came with it.

    Raises
    ------
    EOFError
        If the other side has gone.
    """
    head, rights, _, _ = link.recvmsg(4, socket.CMSG_SPACE(4))
    descriptor = None
    for level, kind, payload in rights:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptor = struct.unpack("i", payload[:4])[0]
    head += _exactly(link, 4 - len(head)) if head else b""
    if not head:
        raise EOFError
    (length,) = struct.unpack("<I", head)
    if length > _MOST_MESSAGE:
        raise EOFError
    message: dict[str, Any] = json.loads(_exactly(link, length))
    return message, descriptor


def _exactly(link: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = link.recv(min(length - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
