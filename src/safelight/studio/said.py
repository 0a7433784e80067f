"""What verbs have to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safelight.core.facts import Actor

OWNER = Actor("person", "the person at this machine")


@dataclass(frozen=True)
class Done:
    """What a verb has to say: lines of data, a summary in words, and how many files are in quarantine."""

    lines: Sequence[Mapping[str, Any]]
    summary: str = ""
    quarantined: int = 0


@dataclass(frozen=True)
class Asked:
    """What a release asks of the person: lines to read, and how many files are in the sample."""

    lines: Sequence[Mapping[str, Any]]
    sample: int
    etag: str = ""


@dataclass(frozen=True)
class Numbers:
    """The floor's numbers: lines of data, text, and a table for a spreadsheet."""

    lines: Sequence[Mapping[str, Any]]
    text: str
    csv: str
