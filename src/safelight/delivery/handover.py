"""What was handed over before, and where what changed since goes: beside it, under the next number, never over it.

A name's first file lies in ``CHANNEL/``. When its bytes change (another version, other rules, a client's return), the
new file goes to ``delivery-2/CHANNEL/``, the next change to ``delivery-3/CHANNEL/``. What was shot in the place of a
delivered file is such a change too, whatever it is called. A hand-over that was broken off goes on under its own
number; one that came to its end takes nothing more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from safelight.core.batch import DELIVERED, DELIVERY_CLOSED, SUPERSEDED
from safelight.core.facts import Fact

_NUMBERED = re.compile(r"delivery-(\d+)/")


@dataclass(frozen=True)
class Handed:
    """A file that was handed over: under which name, where it lies, of which version, and the ledger's words on it."""

    channel: str
    name: str
    place: str
    version: str
    at: str
    body: Mapping[str, Any]

    @property
    def file(self) -> str:
        """Its path below the delivery's folder."""
        return f"{self.place}/{self.name}"

    @property
    def number(self) -> int:
        """Of the hand-over it left with: 1 for the first."""
        return number_of(self.place)

    def same_as(self, found: Mapping[str, Any]) -> bool:
        """Tell whether a file that was made anew says and shows the same; its signature may be another.

        Most signatures are made with a random number, so that two of one claim differ in their bytes.
        """
        if self.body.get("sha256") == found["sha256"]:
            return True
        return bool(found.get("content")) and self.body.get("content") == found["content"]


class HandedOver:
    """All that left a batch, by channel and name; grows as files are placed.

    Names under which one capture took another's place are one line.

    Parameters
    ----------
    facts : iterable of Fact
        The batch's, oldest first; other kinds than `KINDS` are passed over.
    """

    KINDS = (DELIVERED, DELIVERY_CLOSED, SUPERSEDED)

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._by_name: dict[tuple[str, str], list[Handed]] = {}
        self._by_asset: dict[tuple[str, str], list[Handed]] = {}
        self._instead: dict[str, str] = {}
        self._closed = 1
        for fact in facts:
            if fact.kind == SUPERSEDED:
                self._supersede(fact.subject, str(fact.body.get("by_asset") or ""))
            elif fact.kind == DELIVERED:
                body = fact.body
                place = body.get("place") or body["channel"]
                self.add(Handed(body["channel"], body["name"], place, fact.subject, fact.at, body))
            elif fact.kind == DELIVERY_CLOSED:
                self._closed = max(self._closed, int(fact.body["number"]))

    def add(self, handed: Handed) -> None:
        """Count a file as handed over."""
        asset = str(handed.body.get("asset", ""))
        line = self._line(handed.channel, handed.name, asset)
        line.append(handed)
        self._by_name[_key(handed.channel, handed.name)] = line
        if asset:
            self._by_asset[handed.channel, asset] = line

    def last(self, channel: str, name: str, asset: str = "") -> Handed | None:
        """Return what was handed over last under a name, or in the place that this asset took; None for nothing."""
        line = self._line(channel, name, asset)
        return line[-1] if line else None

    def place(self, channel: str, name: str, found: Mapping[str, Any], asset: str = "") -> str:
        """Return the folder that a file goes to, or lies in already.

        Parameters
        ----------
        channel, name : str
        found : mapping
            ``sha256`` and ``content`` of what was made.
        asset : str
            Of which original.
        """
        last = self.last(channel, name, asset)
        if last is None:
            return channel
        return last.place if last.same_as(found) else f"delivery-{self.next_number(channel, name, asset)}/{channel}"

    def next_number(self, channel: str, name: str, asset: str = "") -> int:
        """Return the number under which another file of this name would leave."""
        latest = self.latest
        taken = {each.number for each in self._line(channel, name, asset)}
        return latest if latest > self._closed and latest not in taken else latest + 1

    @property
    def latest(self) -> int:
        """The number of the latest hand-over; 1 where there was none."""
        return max((each.number for each in self._all()), default=1)

    @property
    def is_open(self) -> bool:
        """True if the latest hand-over of changed files has not come to its end."""
        return self.latest > self._closed

    def superseded(self) -> list[tuple[Handed, Handed]]:
        """Return each file that another took the place of, with that other, in order of their paths."""
        found: list[tuple[Handed, Handed]] = []
        for own in self._lines():
            files = {each.file: each for each in own}  # told anew with the same bytes: once
            ordered = list(files.values())
            found += pairwise(ordered)
        return sorted(found, key=lambda pair: pair[0].file)

    def _all(self) -> Iterable[Handed]:
        return (each for own in self._lines() for each in own)

    def _lines(self) -> Iterable[list[Handed]]:
        """Each line once, under whatever names it left."""
        return {id(each): each for each in self._by_name.values()}.values()

    def _line(self, channel: str, name: str, asset: str) -> list[Handed]:
        """Return what left under a name; where nothing did, what left of the captures whose place the asset took."""
        seen: set[str] = set()
        while (line := self._by_name.get(_key(channel, name))) is None and asset in self._instead and asset not in seen:
            seen.add(asset)
            asset = self._instead[asset]
            if (channel, asset) in self._by_asset:
                return self._by_asset[channel, asset]
        return [] if line is None else line

    def _supersede(self, old: str, new: str) -> None:
        """Remember whose place an asset took; one that was given back took none."""
        self._instead = {by: each for by, each in self._instead.items() if each != old}
        if new:
            self._instead[new] = old


def number_of(place: str) -> int:
    """Return the number of the hand-over that a folder belongs to.

    Examples
    --------
    >>> number_of("amazon-main"), number_of("delivery-3/amazon-main")
    (1, 3)
    """
    found = _NUMBERED.match(place)
    return int(found[1]) if found else 1


def why_superseded(old: Handed, new: Handed, returned: Mapping[str, str]) -> str:
    """Say why a file took another's place.

    Parameters
    ----------
    old, new : Handed
    returned : mapping of version to reason
        What the client sent back.
    """
    if old.version in returned:
        said = returned[old.version]
        return f"the client sent it back{f': {said}' if said else ''}"
    if old.version != new.version:
        return "another version was approved"
    before, now = old.body.get("pack_read"), new.body.get("pack_read")
    if before != now:
        return f"the channel's rules were read anew: {before or 'unknown'}, then {now}"
    return "the guide's words or the channel's rules changed"


def _key(channel: str, name: str) -> tuple[str, str]:
    return channel, unicodedata.normalize("NFC", name).casefold()
