"""What ``safelight serve`` binds, before anything is served."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest

from safelight.cli.serve import _bind
from safelight.errors import UsageError


def test_answers_wait_for_no_other_packet_before_they_are_sent():
    """Nagle's waiting is off on every line that is accepted: else a body comes 40 ms after its head."""

    async def accepted():
        said = asyncio.get_running_loop().create_future()

        def answer(_, writer):
            line = writer.get_extra_info("socket")
            said.set_result(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with contextlib.closing(_bind("127.0.0.1", 0)) as bound:
            async with await asyncio.start_server(answer, sock=bound):
                _, writer = await asyncio.open_connection(*bound.getsockname())
                found = await said
                writer.close()
                return found

    assert asyncio.run(accepted()) != 0


def test_a_port_that_is_taken_is_refused_with_the_way_out():
    with contextlib.closing(_bind("127.0.0.1", 0)) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"can't listen on 127.0.0.1:{port} .*; choose another --port"):
            _bind("127.0.0.1", port)
