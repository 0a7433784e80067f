"""An assistant at the studio's door: the same verbs, the same access checks, paths in one folder."""

from __future__ import annotations

import asyncio
import json
import subprocess

import pytest

from safelight.access import Caller
from safelight.cli.mcp_tools import server_for
from safelight.core.facts import Actor
from safelight.settings import Settings
from safelight.store import Store
from safelight.studio import Studio
from tests.journeys.cli import SAFELIGHT
from tests.shoots import jpeg, product

mcp = pytest.importorskip("mcp")


@pytest.fixture
def door(tmp_path):
    """(folder, call) of a server for an assistant in the role of a service."""
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.jpg").write_bytes(jpeg(product(1, 700, 560)))
    (tmp_path / "secret.jpg").write_bytes(jpeg(product(2, 300, 240)))
    with Store.create(tmp_path / "store") as store:
        yield (
            tmp_path / "pictures",
            lambda tool, role="service", actor=None, **words: call(store, tmp_path, tool, role, actor, words),
        )


def call(store, folder, tool, role, actor, words):
    """Call one tool through the protocol, in memory."""
    actor = actor or Actor("plugin", "assistant")
    server = server_for(Studio(store, Settings(), Caller(actor, {"*": role})), folder / "pictures")

    async def ask():
        async with mcp.Client(server) as client:
            return await client.call_tool(tool, words)

    answer = asyncio.run(ask())
    text = "".join(getattr(each, "text", "") for each in answer.content)
    return answer.is_error, text, answer.structured_content


def test_the_tools_are_the_studios_verbs(door, tmp_path):
    with Store.create(tmp_path / "other") as store:
        server = server_for(Studio(store, Settings()), tmp_path)

        async def names():
            async with mcp.Client(server) as client:
                return {each.name: each.description for each in (await client.list_tools()).tools}

        found = asyncio.run(names())
    assert set(found) == {"batches", "files", "channels", "check", "fix", "credentials", "decide", "deliver", "verify"}
    assert all(found.values())


def test_a_file_is_judged_by_a_channel(door):
    _, ask = door
    failed, _, told = ask("check", path="a.jpg", channel="amazon-main")
    assert not failed
    words = {each["rule"]: each["verdict"] for each in told["result"]}
    assert (words["format"], words["white-border"]) == ("pass", "fail")


@pytest.mark.parametrize("path", ["../secret.jpg", "/etc/passwd", "x/../../secret.jpg", "link.jpg"])
def test_a_file_outside_of_its_folder_is_refused(door, path):
    folder, ask = door
    (folder / "link.jpg").symlink_to(folder.parent / "secret.jpg")
    failed, text, _ = ask("credentials", path=path)
    assert failed and "lies outside of pictures" in text


def test_what_a_person_must_answer_for_is_refused_to_an_assistant(door):
    _, ask = door
    words = {"batch": "b", "files": ["a"], "decided": "approve", "name": "Ines", "reason": ""}
    failed, text, _ = ask("decide", **words)
    assert failed and "may not decide" in text
    failed, text, _ = ask("decide", role="admin", **words)
    assert failed and "a person must answer for it by name" in text
    # A person who lends their name gets as far as any person: there is no such batch.
    failed, text, _ = ask("decide", role="lead", actor=Actor("person", "Ines"), **words)
    assert failed and "no batch called 'b'" in text


def test_a_client_may_not_verify_the_store_and_a_service_may(door):
    _, ask = door
    failed, text, _ = ask("verify", role="client")
    assert failed and "may not verify" in text
    failed, _, told = ask("verify")
    assert not failed and "clean" in told["result"][-1]["text"]


def test_an_unknown_batch_is_said_without_a_trace(door):
    _, ask = door
    failed, text, _ = ask("files", batch="none")
    assert failed and "no batch called 'none' in this store" in text and "Traceback" not in text
    assert ask("batches")[2] == {"result": []}


def test_the_command_speaks_the_protocol_on_standard_output_alone(tmp_path):
    with Store.create(tmp_path / ".safelight"):
        pass
    hello = {
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    }  # fmt: skip
    words = [*SAFELIGHT, "mcp"]
    done = subprocess.run(
        words, cwd=tmp_path, input=json.dumps(hello) + "\n", capture_output=True, text=True, timeout=240, check=False
    )
    answer = json.loads(done.stdout.splitlines()[0])
    assert answer["result"]["serverInfo"]["name"] == "safelight"


def test_a_role_that_is_none_is_refused(tmp_path):
    words = [*SAFELIGHT, "mcp", "--role", "boss"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert (done.returncode, "no role called 'boss'" in done.stderr) == (2, True)
