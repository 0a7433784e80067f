"""Where a file stands, kept short: what queues and lists show, without the edit and the evidence behind it.

The ledger keeps a row of it for each file, folded fact by fact as they are written (`core.fold.BatchFold`), so that a
page of a queue is one query, however long the ledger is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from safelight.core.batch import DecisionTaken, FileState, OverrideTaken
from safelight.errors import UnknownNameError

# What a short state keeps of each body; bodies that are not named are short by themselves.
KEPT: Mapping[str, tuple[str, ...]] = {
    "measured": ("path", "format", "width", "height", "bits", "profile", "capture", "thumbnail"),
    "made": ("asset", "edit_key", "render_key", "blobs", "width", "height", "state", "made_by", "scaffold"),
}
_TAKEN: Mapping[str, Any] = {
    "decisions": DecisionTaken,
    "past_decisions": DecisionTaken,
    "overrides": OverrideTaken,
}
_STAKES = {"high": 0, "standard": 1, "low": 2}
STAKES = len(_STAKES)
# Files that somebody or something still has to see to.
OPEN = ("working", "waiting", "sent_back", "refused")


def file_id(batch: str, path: str) -> str:
    """Return the id of a file in a batch: 24 hex digits.

    Examples
    --------
    >>> file_id("spring", "a.jpg")
    '6598b9667c5a7384fc03477b'
    """
    return hashlib.sha256(f"{batch}\\0{path}".encode("utf-8", "surrogatepass")).hexdigest()[:24]


def shortened(file: FileState) -> FileState:
    """Return a state without edits, long reasons of intake and evidence; folding on gives the short state of the whole.

    `standing`, `passes_gate_1`, decisions and routes are those of the whole state.
    """
    short: dict[str, Any] = {each.name: getattr(file, each.name) for each in fields(file)}
    for name, kept in KEPT.items():
        short[name] = {key: value for key, value in short[name].items() if key in kept}
    if "verdicts" in file.judged:
        short["judged"] = dict(file.judged) | {"verdicts": [_short_verdict(v) for v in file.judged["verdicts"]]}
    short["amended"] = {
        step: {key: value for key, value in body.items() if key not in ("artifacts", "key")}
        for step, body in file.amended.items()
    }
    return FileState(**short)


def to_data(file: FileState) -> dict[str, Any]:
    """Return a state as JSON data; what is empty is left out."""
    found: dict[str, Any] = {}
    for each in fields(file):
        value = getattr(file, each.name)
        if value in ("", (), {}, None):
            continue
        found[each.name] = [asdict(one) for one in value] if each.name in _TAKEN else value
    return found


def from_data(data: Mapping[str, Any]) -> FileState:
    """Read what `to_data` wrote."""
    values = dict(data)
    for name, kind in _TAKEN.items():
        values[name] = tuple(kind(**_tuples(each)) for each in values.get(name, ()))
    for name, value in values.items():
        if isinstance(value, list):
            values[name] = tuple(value)
    return FileState(**values)


def rank_of(file: FileState) -> int:
    """Return how urgent the stakes are: 0 high, 1 standard, 2 low."""
    return _STAKES.get(file.sorted.get("stakes", ""), 1)


def rank_named(stakes: str) -> int:
    """Return how urgent stakes of a name are, or refuse a name that there is not."""
    if stakes not in _STAKES:
        raise UnknownNameError(f"no stakes called {stakes!r}; there are: {', '.join(_STAKES)}")
    return _STAKES[stakes]


def queue_of(file: FileState) -> str:
    """Return the queue that a file waits in; "" for what waits for nobody."""
    if file.refused:
        return "quarantine"
    if file.standing not in OPEN or not file.routed:
        return ""
    return file.queue or str(file.routed.get("route", ""))


def what_became_of(file: FileState) -> str:
    """Say what became of a file that somebody saw as it no longer is: who said what on it, where it was a word."""
    if file.decisions:
        last = file.decisions[-1]
        return f"{last.by} decided {last.decided} on {file.path} meanwhile; nothing of yours was recorded"
    return f"{file.path} has changed since you saw it; nothing was recorded: look at it again"


def _short_verdict(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """Return a verdict without evidence, and without measures where it passes: an override rests on the others'."""
    gone = ("measures", "evidence") if verdict.get("word") == "pass" else ("evidence",)
    return {key: value for key, value in verdict.items() if key not in gone}


def _tuples(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
