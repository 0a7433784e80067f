"""What people said against the machine's sorting: the latest word on each file and field."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from safelight.core.batch import OVERRULED
from safelight.core.facts import Fact

# What can be overruled: the class and group of culling, what a picture shows, and what sidecars say besides.
FIELDS = ("class", "group", "place", "rating", "label", "pick", "keywords", "tree")
PLACE = ("sku", "view", "color", "category")  # what a picture shows, as a person says it
CANT_TELL = "cant_tell"  # leaves a frame to a person
CLASSES = ("pick", "alternate", "reject", CANT_TELL)
MACHINE = "machine"  # gives a class back to the machine
SAID = "a person said"  # how the reason of an overruling begins
APART, TOGETHER = "apart", "together"


def class_told(word: str) -> str:
    """Return a class as a person reads it.

    Examples
    --------
    >>> class_told("cant_tell"), class_told("pick")
    ("can't tell", 'pick')
    """
    return "can't tell" if word == CANT_TELL else word


@dataclass(frozen=True)
class Overruling:
    """One overruling.

    Parameters
    ----------
    seq : int
        The fact's number: a higher one is later, whatever clocks say.
    asset, path : str
        The file, as it lay there then.
    field : str
        One of `FIELDS`.
    old, new : JSON data
        What stood there, and what stands there now. `new` of a class may be ``"machine"``; of a group it is
        ``"apart"`` or the sorted list of assets that belong together.
    machine : str
        The class that the machine had given.
    confidence : float or None
        What the machine had claimed for it; None if it claimed nothing.
    claim : float or None
        The same before people's words corrected it: what corrections are learned from.
    by, at, reason, via : str
        Who, when (ISO 8601, UTC), why, and through what: ``"command"`` or a sidecar's name.
    """

    seq: int
    asset: str
    path: str
    field: str
    old: Any
    new: Any
    machine: str
    confidence: float | None
    by: str
    at: str
    reason: str
    via: str
    claim: float | None = None


def read_overrulings(facts: Iterable[Fact]) -> list[Overruling]:
    """Return the overrulings among `facts`, oldest first; other facts are passed over."""
    found = [
        Overruling(
            seq=each.seq,
            asset=each.subject,
            path=each.body["path"],
            field=each.body["field"],
            old=each.body["from"],
            new=each.body["to"],
            machine=each.body.get("machine", ""),
            confidence=each.body.get("confidence"),
            by=each.personal.get("name", "erased"),
            at=each.at,
            reason=each.body.get("reason", ""),
            via=each.body.get("via", ""),
            claim=each.body.get("claim"),
        )
        for each in facts
        if each.kind == OVERRULED
    ]
    return sorted(found, key=lambda each: each.seq)


def latest_words(overrulings: Iterable[Overruling]) -> Mapping[tuple[str, str], Mapping[str, Overruling]]:
    """Return by (asset, path) the latest overruling of each field.

    A word is about content under a name: another file under the same name has none, and a file that moved keeps
    its own, see `words_on`.
    """
    told: dict[tuple[str, str], dict[str, Overruling]] = {}
    for each in overrulings:
        told.setdefault((each.asset, each.path), {})[each.field] = each
    return told


def words_on(
    latest: Mapping[tuple[str, str], Mapping[str, Overruling]],
    asset: str,
    path: str,
    there: Collection[tuple[str, str]] = (),
) -> Mapping[str, Overruling]:
    """Return the latest words on a file; for one that moved, those said of the same content where it lay before.

    Parameters
    ----------
    latest : mapping of (asset, path) to the words by field
        As `latest_words` returns it.
    asset, path : str
    there : collection of (asset, path)
        All files there are now: a copy beside the file that was meant has not moved, and has no word.

    Examples
    --------
    >>> words_on({}, "9f2c", "a.jpg")
    {}
    """
    if (asset, path) in latest:
        return latest[asset, path]
    same = [words for place, words in latest.items() if place[0] == asset and place not in there]
    return same[0] if len(same) == 1 else {}


def first_words_on_classes(overrulings: Iterable[Overruling]) -> list[Overruling]:
    """Return what classes are held against: each file's first word on a class that the machine had claimed.

    The first word is about what the machine claimed; later ones are about the person's own. A word with the machine's
    own class agrees with it. "Can't tell" leaves the frame to a person and claims nothing, so no word on it agrees or
    disagrees; a person's "can't tell" on a class that was claimed does disagree.
    """
    first: dict[tuple[str, str], Overruling] = {}
    for each in overrulings:
        if each.field == "class" and each.new != MACHINE:
            first.setdefault((each.asset, each.path), each)
    return [each for each in first.values() if each.machine != CANT_TELL]


def count_left_open(overrulings: Iterable[Overruling]) -> int:
    """Return how many files people spoke about whose class the machine had left to them."""
    return len(
        {
            (each.asset, each.path)
            for each in overrulings
            if each.field == "class" and each.new != MACHINE and each.machine == CANT_TELL
        }
    )


def effective_class(machine: str, words: Mapping[str, Overruling]) -> str:
    """Return the class that counts: the latest word on it, else the machine's.

    Examples
    --------
    >>> effective_class("reject", {})
    'reject'
    """
    said = words.get("class")
    return machine if said is None or said.new == MACHINE else str(said.new)
