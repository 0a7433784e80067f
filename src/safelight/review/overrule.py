"""Overrule what culling said of a file: the facts that follow, and the line that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from safelight.core import batch as told
from safelight.core.batch import BatchState, FileState
from safelight.core.facts import Actor, NewFact
from safelight.core.fold import after
from safelight.core.overruling import (
    APART,
    CLASSES,
    MACHINE,
    SAID,
    TOGETHER,
    Overruling,
    class_told,
    latest_words,
    read_overrulings,
    words_on,
)
from safelight.errors import GateClosedError, UsageError
from safelight.review.decide import find_file

if TYPE_CHECKING:
    from safelight.store import Store

WORDS = (*CLASSES, APART, TOGETHER, MACHINE)
REVIEWER = Actor("person", "reviewer")


def overrule(
    batch: BatchState,
    files: Sequence[FileState],
    word: str,
    name: str,
    reason: str,
    said: Sequence[Overruling] = (),
    via: str = "command",
) -> list[NewFact]:
    """Return the facts of one overruling of each file; nothing is written here.

    Parameters
    ----------
    batch, files : BatchState, sequence of FileState
        As the ledger tells them now.
    word : str
        A class; ``"machine"`` gives the class back; ``"apart"`` takes each file out of its group;
        ``"together"`` makes the files one group.
    name : str
        The person's name.
    reason : str
        Why; it trains the next culling, so it is needed.
    said : sequence of Overruling
        What was overruled before.
    via : str
        ``"command"``, or the sidecar that said so.

    Returns
    -------
    list of NewFact
        ``file.overruled``, and ``file.sorted`` with what counts from now on.

    Raises
    ------
    UsageError
        For another word, a missing name or reason, or one file that is to be together with nobody.
    GateClosedError
        For a file that was never sorted, or is approved already: its pixels are frozen.
    """
    if word not in WORDS:
        raise UsageError(f"overruling is {word!r}; it takes one of {', '.join(WORDS)}")
    if not name.strip():
        raise UsageError("an overruling needs the name of a person: add --as NAME")
    if not reason.strip():
        raise UsageError("an overruling needs a reason, which culling learns from: add --reason TEXT")
    if word == TOGETHER and len(files) < 2:
        raise UsageError("one file alone is no group; name all files that belong together")
    for each in files:
        _require_open(each)
    if word in (APART, TOGETHER):
        return _regroup(batch, files, word, name, reason, said)
    latest, there = latest_words(said), places(batch) if said else ()
    return [
        fact
        for each in files
        for fact in _reclass(batch, each, word, name, reason, via, words_on(latest, each.asset, each.path, there))
    ]


def places(batch: BatchState) -> frozenset[tuple[str, str]]:
    """Return where which content lies in a batch."""
    return frozenset((each.asset, each.path) for each in batch.files.values())


def machine_class(file: FileState, words: Mapping[str, Overruling]) -> str:
    """Return the class that the machine gave, also where a person's word stands over it."""
    kept = file.sorted.get("machine_class", "")
    before = words.get("class")
    return str(kept or (before.machine if before is not None else "") or file.sorted["class"])


def _require_open(file: FileState) -> None:
    if file.refused or not file.sorted:
        raise GateClosedError(f"{file.path} is {file.standing} and has no class to overrule")
    if file.approved:
        raise GateClosedError(
            f"{file.path} was approved by {file.approved['by']}, which freezes its pixels; decide on it instead"
        )


def _reclass(
    batch: BatchState,
    file: FileState,
    word: str,
    name: str,
    reason: str,
    via: str,
    words: Mapping[str, Overruling],
) -> list[NewFact]:
    machine = machine_class(file, words)
    counts = machine if word == MACHINE else word
    confidence = file.sorted.get("confidence")
    body = {
        "path": file.path,
        "field": "class",
        "from": file.sorted["class"],
        "to": word,
        "machine": machine,
        "confidence": confidence,
        "claim": file.sorted.get("claim"),
        "reason": reason,
        "via": via,
    }
    kept = [each for each in file.sorted.get("reasons", ()) if not each.startswith(SAID)]
    reasons = kept if word == MACHINE else [f"{SAID} {class_told(word)}: {reason}", *kept]
    now = dict(file.sorted) | {"class": counts, "machine_class": machine, "reasons": reasons}
    return [
        NewFact(told.OVERRULED, file.asset, body, REVIEWER, batch.name, {"name": name}),
        NewFact(told.SORTED, file.asset, now, batch=batch.name),
    ]


def _regroup(
    batch: BatchState, files: Sequence[FileState], word: str, name: str, reason: str, said: Sequence[Overruling]
) -> list[NewFact]:
    latest, there = latest_words(said), places(batch) if said else ()
    together = sorted({each.asset for each in files})
    joined = next((each.sorted["group"] for each in files if each.sorted.get("group")), "")
    facts = []
    for each in files:
        words = words_on(latest, each.asset, each.path, there)
        body = {
            "path": each.path,
            "field": "group",
            "from": each.sorted.get("group", ""),
            "to": APART if word == APART else together,
            "machine": machine_class(each, words),
            "confidence": each.sorted.get("confidence"),
            "reason": reason,
            "via": "command",
        }
        now = dict(each.sorted) | {"group": "" if word == APART else joined or f"by-{together[0][:8]}"}
        facts.append(NewFact(told.OVERRULED, each.asset, body, REVIEWER, batch.name, {"name": name}))
        facts.append(NewFact(told.SORTED, each.asset, now, batch=batch.name))
    return facts


def record_overrulings(
    store: Store, batch: BatchState, files: Iterable[str], word: str, name: str, reason: str
) -> list[dict[str, Any]]:
    """Record an overruling of each file, all or none, and return a line a file.

    Raises
    ------
    UsageError, UnknownNameError, GateClosedError
        As `overrule`; then nothing was recorded.
    """
    found = [find_file(batch, each) for each in files]
    said = read_overrulings(store.ledger.facts(kind=told.OVERRULED, batch=batch.name))
    facts = overrule(batch, found, word, name, reason, said)
    written = store.ledger.append(facts)
    return [_line(each, after(each, written), word, name) for each in found]


def _line(before: FileState, now: FileState, word: str, name: str) -> dict[str, Any]:
    if word in (APART, TOGETHER):
        was, then = before.sorted.get("group", ""), now.sorted.get("group", "")
        text = f"group {was or 'none'} becomes {then or 'none'}, says {name}; the next run picks the best anew"
    else:
        text = f"{before.sorted['class']} becomes {now.sorted['class']}, says {name}"
        if now.goes_on and not before.goes_on:
            text += "; run the shoot again to work on it"
    line = {"file": now.path, "class": now.sorted["class"], "group": now.sorted.get("group", ""), "by": name}
    return line | {"was": before.sorted["class"], "said": text}
