"""Find the store, own it, or hand the command to the process that does."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from safelight.cli import terminal

if TYPE_CHECKING:
    from safelight.studio import Studio

DEFAULT_STORE = ".safelight"

# The words of the command at work, the folder its paths start from, and, inside an owner, its studio.
_words: ContextVar[tuple[Sequence[str], str]] = ContextVar("words")
_studio: ContextVar[Studio | None] = ContextVar("studio", default=None)


def remember(words: Sequence[str], folder: str | None = None) -> None:
    """Keep the words of the command, in case it must be handed on, and where its relative paths start."""
    _words.set((list(words), folder or os.getcwd()))  # noqa: PTH109 - bytes that are not UTF-8 stay as they are


def store_root(store: Path | None) -> Path:
    """Return where the store is: the option, else ``$SAFELIGHT_STORE``, else ``./.safelight``."""
    chosen = store or Path(os.environ.get("SAFELIGHT_STORE") or DEFAULT_STORE)
    return here(chosen).absolute()


def here(path: Path) -> Path:
    """Return a path of the command line; relative ones start where the command was given."""
    return Path(_words.get(([], "."))[1]) / path


@contextlib.contextmanager
def opened(store: Path | None, *, create: bool = False) -> Iterator[Studio]:
    """Own the store for the length of the block; if another process owns it, hand it the command and leave.

    Raises
    ------
    NoStoreError
        If there is none and `create` is False.
    StoreLockedError
        If the owner does not answer.
    typer.Exit
        With the owner's exit code, when it did the command.
    """
    inside = _studio.get()
    root = store_root(store)
    if inside is not None and inside.root == root:
        yield inside
        return
    from safelight.errors import OwnerLeftError, StoreLockedError
    from safelight.settings import from_environment
    from safelight.store import Store
    from safelight.store.owner import Owner
    from safelight.studio import Studio

    settings = from_environment()
    if create:
        Store.open_or_create(root, database=os.environ.get("SAFELIGHT_DATABASE", "")).close()
    for left in reversed(range(_TRIES)):
        try:
            owner = Owner(root, _handle_for(root))
            owner.__enter__()
            break
        except StoreLockedError:
            try:
                raise typer.Exit(_hand_on(root)) from None
            except OwnerLeftError:  # it ended just now: the store is free, or somebody else's
                if not left:
                    raise
    try:
        with Store.open(root) as memory:
            studio = Studio(memory, settings)
            _owned[root] = studio
            yield studio
    finally:
        _owned.pop(root, None)
        owner.__exit__(None, None, None)


_owned: dict[Path, Studio] = {}
_TRIES = 5  # of a command whose owners leave one after the other


def _hand_on(root: Path) -> int:
    """Let the owner do the command and say what it says."""
    from safelight.store.owner import ask

    words, folder = _words.get()
    for event in ask(root, words, folder):
        if "out" in event:
            terminal.out(str(event["out"]))
        elif "err" in event:
            terminal.err(str(event["err"]))
        elif "exit" in event:
            return int(event["exit"])
    return 1


def _handle_for(root: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the owner's Handle
    def handle(words: list[str], folder: str) -> Iterator[dict[str, object]]:
        """Do a command of another process in a thread of its own, and yield what it says as it says it."""
        said: queue.Queue[dict[str, object]] = queue.Queue()

        def work() -> None:
            from safelight.cli.main import run_words

            _studio.set(_owned.get(root))
            with terminal.speaking_to(lambda stream, text: said.put({stream: text})):
                said.put({"exit": run_words(words, folder)})

        threading.Thread(target=work, name="safelight-command", daemon=True).start()
        while True:
            event = said.get()
            yield event
            if "exit" in event:
                return

    return handle
