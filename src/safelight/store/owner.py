r"""One process owns a store; the others hand it their commands and print its answers.

The owner holds a lock on ``lock`` (the kernel drops it when the process dies,
however it dies) and listens on a Unix socket. The file says who it is: pid,
start, socket. A command and its answers are JSON, one object a line::

    → {"command": ["decide", "9f2c", "approve"], "cwd": "/home/ann"}
    ← {"owner": 4711}
    ← {"out": "approved\n"}
    ← {"exit": 0}

While a command works in silence the owner says ``{"alive": true}`` every two
seconds, so that an owner that hangs can be told from one that is busy.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from safelight.core.canonical import to_json
from safelight.errors import OwnerLeftError, SafelightError
from safelight.store.io import explained
from safelight.store.layout import Layout, locate
from safelight.store.lock import OwnerFacts, ended, left, owner_of, silent, take

Event = dict[str, Any]
Handle = Callable[[list[str], str], Iterator[Event]]

ANSWER_S = 10.0
_BEAT_S = 2.0
# sun_path is 108 bytes on Linux and 104 on macOS, with the closing zero.
_SOCKET_PATH_BYTES = 100
_LINE_BYTES = 1 << 20


def ask(root: Path | str, command: Sequence[str], cwd: str, *, timeout_s: float = ANSWER_S) -> Iterator[Event]:
    """Hand a command to the owner of the store and yield its answers as they come.

    Parameters
    ----------
    root : path
    command : sequence of str
        The words after ``safelight``.
    cwd : str
        The folder that relative paths in it start from.
    timeout_s : float, seconds
        How long the owner may say nothing at all; a busy one says that it is alive.

    Yields
    ------
    dict
        ``{"out": text}``, ``{"err": text}``, and last ``{"exit": code}``.

    Raises
    ------
    StoreLockedError
        If the owner does not answer; names its process and the way out.
    StoreError
        If the owner ends in the middle.
    OwnerLeftError
        If there is none, or it left before it took the command up: the command may be done by oneself.
    """
    layout = locate(root)[0]
    line, owner = _connect(layout, timeout_s)
    is_taken = False
    with contextlib.closing(line):
        line.settimeout(timeout_s)
        stream = line.makefile("rwb")
        try:
            stream.write(to_json({"command": list(command), "cwd": cwd}).encode("ascii") + b"\n")
            stream.flush()
            for text in stream:
                event = json.loads(text)
                is_taken = True
                if event.keys() & {"owner", "alive"}:
                    continue
                yield event
                if "exit" in event:
                    return
        except TimeoutError:
            raise silent(layout, owner, timeout_s) from None
        except (OSError, ValueError) as problem:
            raise (ended if is_taken else left)(layout, owner) from problem
        raise (ended if is_taken else left)(layout, owner)


class Owner:
    """Own a store for the length of a ``with`` block and answer the commands of others.

    Parameters
    ----------
    root : path
    handle : callable (command, cwd) -> iterator of events
        Runs in a thread for each command, several at once. Its iterator is
        closed when the asker goes away, which is how a command is cancelled.
    wait_s : float, seconds
        How long to wait for another owner to leave, before giving up.

    Raises
    ------
    StoreLockedError
        On entering, if another process owns the store: `ask` it.

    Examples
    --------
    >>> try:  # doctest: +SKIP
    ...     with Owner(root, handle):
    ...         serve()
    ... except StoreLockedError:
    ...     for event in ask(root, command, cwd):
    ...         show(event)
    """

    def __init__(self, root: Path | str, handle: Handle, *, wait_s: float = 0.5) -> None:
        self._layout = locate(root)[0]
        self._handle = handle
        self._wait_s = wait_s
        self._lock = -1
        self._line: socket.socket | None = None
        self._private: str | None = None
        self._listener: threading.Thread | None = None
        self._commands: set[threading.Thread] = set()

    def __enter__(self) -> Self:
        self._lock = take(self._layout, self._wait_s)
        try:
            with explained("listen for commands", self._layout.root):
                path = self._listen()
                self._announce(path)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self._listener = threading.Thread(target=self._accept, name="store-owner", daemon=True)
        self._listener.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)
            self._line.close()
            self._line = None
        if self._listener is not None:
            self._listener.join(timeout=ANSWER_S)
            self._listener = None
        # Commands that are being answered may finish: the store is still open.
        for each in list(self._commands):
            each.join(timeout=ANSWER_S)
        # The name goes while the lock is held, so that it is never a successor's.
        with contextlib.suppress(OSError):
            os.ftruncate(self._lock, 0)
            self._layout.socket.unlink(missing_ok=True)
        if self._private is not None:
            with contextlib.suppress(OSError):
                Path(self._private, "socket").unlink(missing_ok=True)
                Path(self._private).rmdir()
            self._private = None
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _listen(self) -> str:
        """Bind the socket; return its path as the lock file names it (a bare name is inside the store)."""
        path, name = self._layout.socket, "socket"
        if len(os.fsencode(path)) > _SOCKET_PATH_BYTES:
            self._private = tempfile.mkdtemp(prefix="safelight-", dir=os.environ.get("XDG_RUNTIME_DIR") or None)
            path = Path(self._private, "socket")
            name = str(path)
        path.unlink(missing_ok=True)
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._line.bind(os.fsencode(path))
        path.chmod(0o600)
        self._line.listen(64)
        return name

    def _announce(self, path: str) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        text = to_json({"pid": os.getpid(), "started": now, "socket": path}) + "\n"
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, text.encode("ascii"), 0)

    def _accept(self) -> None:
        listening = self._line
        while listening is not None:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            command = threading.Thread(target=self._answer, args=(line,), name="store-command", daemon=True)
            self._commands.add(command)
            command.start()

    def _answer(self, line: socket.socket) -> None:
        try:
            self._converse(line)
        finally:
            self._commands.discard(threading.current_thread())

    def _converse(self, line: socket.socket) -> None:
        with contextlib.closing(line), contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            if not _is_same_person(line):
                return
            line.settimeout(ANSWER_S)
            stream = line.makefile("rb")
            asked = json.loads(stream.readline(_LINE_BYTES))
            command, cwd = [str(each) for each in asked["command"]], str(asked["cwd"])
            line.settimeout(None)
            with _Speaker(line) as speaker:
                speaker.say({"owner": os.getpid()})
                _run(self._handle(command, cwd), speaker)


class _Speaker:
    """Says events to one asker, and that we are alive in between."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._saying = threading.Lock()
        self._done = threading.Event()
        self._beats = threading.Thread(target=self._beat, name="store-alive", daemon=True)

    def __enter__(self) -> Self:
        self._beats.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._beats.join()

    def say(self, event: Event) -> None:
        """Send one event; OSError if the asker is gone."""
        with self._saying:
            self._line.sendall(to_json(event).encode("ascii") + b"\n")

    def _beat(self) -> None:
        while not self._done.wait(_BEAT_S):
            try:
                self.say({"alive": True})
            except OSError:
                return


def _run(events: Iterator[Event], speaker: _Speaker) -> None:
    """Pass a command's events on; whatever it raises becomes an exit code."""
    try:
        for event in _guarded(events):
            speaker.say(event)
            if "exit" in event:
                return
        speaker.say({"exit": 0})
    finally:
        if isinstance(events, Generator):
            events.close()


def _guarded(events: Iterator[Event]) -> Iterator[Event]:
    try:
        yield from events
    except SafelightError as problem:
        yield {"err": f"{problem}\n"}
        yield {"exit": problem.exit_code}
    except Exception as problem:  # noqa: BLE001 - a command that breaks must not take the owner with it
        yield {"err": f"internal error: {type(problem).__name__}: {problem}\n"}
        yield {"exit": 1}


def _connect(layout: Layout, timeout_s: float) -> tuple[socket.socket, OwnerFacts]:
    """Connect to the owner; one that has just started may not listen yet."""
    until = time.monotonic() + timeout_s
    facts = None
    while True:
        owner = owner_of(layout.root)
        if owner is None:
            raise OwnerLeftError(f"nobody owns the store at {layout.root} any more; run the command again")
        facts = owner
        if facts.socket:
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(timeout_s)
            try:
                line.connect(os.fsencode(layout.root / facts.socket))
            except OSError:
                line.close()
            else:
                return line, facts
        if time.monotonic() > until:
            raise silent(layout, facts, timeout_s)
        time.sleep(0.05)


def _is_same_person(line: socket.socket) -> bool:
    """Whether the asker has our account (or is root): the socket's mode says so, the kernel knows so."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    found = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", found)[1] in {os.getuid(), 0}
