"""The studio's verbs as tools for an assistant, by the Model Context Protocol: the same verbs, the same access checks.

An assistant is no person: it may look, check, propose and deliver what people released, and what a person must answer
for by name is refused unless a person lends it their name. Files that it names lie below one folder.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight import __version__, studio
from safelight.errors import SafelightError, UsageError
from safelight.runs.progress import Silent

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from safelight.studio import Studio

Lines = list[dict[str, Any]]
INSTRUCTIONS = (
    "Safelight is a photo studio's post-production floor. Look with batches and files, judge a file with check, "
    "propose with fix. Decisions and releases are people's: never decide on your own. Paths are below one folder."
)


def server_for(desk: Studio, folder: Path) -> MCPServer:
    """Return a server whose tools are verbs of `desk`, with paths below `folder`.

    Raises
    ------
    UsageError
        If the extra ``mcp`` is not installed.
    """
    try:
        from mcp.server import MCPServer
    except ImportError:
        raise UsageError("an assistant's door needs the extra `mcp`: pip install 'safelight[mcp]'") from None
    server = MCPServer("safelight", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING")
    for tool in tools_of(desk, folder.resolve()):
        server.add_tool(tool, name=tool.__name__, description=tool.__doc__)
    return server


def tools_of(desk: Studio, folder: Path) -> Sequence[Callable[..., Any]]:
    """Return the tools as plain functions; an error of ours is said in its own sentence."""

    def batches() -> Lines:
        """List the batches in the store: name, when opened, when last changed, how many files stand where."""
        return desk.list_batches()

    def files(batch: str) -> Lines:
        """Say where each file of a batch stands, who must look at it and why."""
        return desk.list_files(batch)

    def channels() -> Lines:
        """List the channels whose rules are known, and when those rules were read."""
        return studio.list_packs()

    def check(path: str, channel: str = "") -> Lines:
        """Judge a picture by the checks, or by a channel's rules: each measure with its limit and verdict."""
        desk.require("check")
        return studio.check_file(_below(folder, path), None, channel)

    def fix(path: str, channel: str) -> dict[str, Any]:
        """Propose the edit that would make a picture pass a channel, and say whether it would; nothing is written."""
        desk.require("check")
        return studio.fix_file(_below(folder, path), channel, None)

    def credentials(path: str) -> dict[str, Any]:
        """Say what a picture's content credentials claim and whether they hold; nothing is fetched."""
        desk.require("check")
        return studio.read_credentials(_below(folder, path), None)

    def decide(batch: str, files: list[str], decided: str, name: str, reason: str) -> Lines:
        """Record one decision of a named person on files: approve, revise, reject or reshoot. People's word only."""
        return list(desk.decide(batch, files, decided, name, reason))

    def deliver(batch: str, dry_run: bool = True) -> Lines:
        """Deliver what people approved and released; with dry_run, the default, only say what would be written."""
        return _plain(desk.deliver(batch, folder / "out", Silent(), dry_run=dry_run).lines)

    def verify(read_data: bool = False) -> Lines:
        """Check that everything the store acknowledged is still there; read_data hashes every byte."""
        return desk.verify(read_data, None)[1]

    every = (batches, files, channels, check, fix, credentials, decide, deliver, verify)
    return [_speaking(each) for each in every]


def _speaking(tool: Callable[..., Any]) -> Callable[..., Any]:
    """Let a tool's refusal reach the assistant as its sentence, and nothing else of it."""
    from mcp.server.mcpserver.exceptions import ToolError

    @functools.wraps(tool)
    def told(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the tool takes and gives
        try:
            return tool(*args, **kwargs)
        except SafelightError as error:
            raise ToolError(str(error)) from None

    return told


def _below(folder: Path, path: str) -> Path:
    found = (folder / path).resolve()
    if not found.is_relative_to(folder):
        raise UsageError(f"{path!r} lies outside of {folder.name}; name a file in it")
    return found


def _plain(lines: Sequence[Mapping[str, Any]]) -> Lines:
    return [dict(each) for each in lines]
