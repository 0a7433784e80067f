"""Briefs and reference boards: what a job is to look like, said before work begins (R140)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from safelight.core.facts import Actor, Fact, NewFact
from safelight.errors import UsageError

BRIEFED = "brief.set"  # batch: about, text, board [[sha256, caption]]; personal: name
LEAD = Actor("person", "lead")


@dataclass(frozen=True)
class Brief:
    """What was said of a job.

    Parameters
    ----------
    about : str
        ``""`` for the whole batch, ``"category:jewelry"``, ``"lane:editorial"``, ``"queue:skin"`` or ``"product:A1"``.
    text : str
    board : tuple of (sha256, caption)
        Reference pictures, kept as blobs.
    by, at : str
    seq : int
        The number of the fact that set it; the ETag.
    """

    about: str
    text: str
    board: tuple[tuple[str, str], ...]
    by: str
    at: str
    seq: int = 0

    def told(self) -> str:
        """Say it in one line."""
        return f"{self.about or 'the batch'}: {self.text} ({len(self.board)} pictures, {self.by})"


ABOUT = ("category", "lane", "queue", "product")


def set_brief(batch: str, about: str, text: str, board: Sequence[tuple[str, str]], name: str) -> list[NewFact]:
    """Return the fact of a brief; the newest of each `about` holds, and an empty one takes it back.

    Raises
    ------
    UsageError
        For a missing name, or an `about` of another kind.
    """
    if not name.strip():
        raise UsageError("a brief needs the name of a person: add --as NAME")
    kind, colon, what = about.partition(":")
    if about and (kind not in ABOUT or not colon or not what.strip()):
        listed = ", ".join(f"{each}:NAME" for each in ABOUT)
        raise UsageError(f"a brief is about {about!r}; it takes {listed}, or nothing for the whole batch")
    body = {"about": about, "text": text.strip(), "board": [[sha256, caption] for sha256, caption in board]}
    return [NewFact(BRIEFED, batch, body, LEAD, batch, {"name": name})]


def read_briefs(facts: Iterable[Fact]) -> list[Brief]:
    """Return the briefs in force, the whole batch's first."""
    latest: dict[str, Brief] = {}
    for fact in facts:
        if fact.kind == BRIEFED:
            body = fact.body
            board = tuple((str(sha256), str(caption)) for sha256, caption in body["board"])
            name = fact.personal.get("name", "erased")
            latest[body["about"]] = Brief(body["about"], body["text"], board, name, fact.at, fact.seq)
    held = [each for each in latest.values() if each.text or each.board]
    return sorted(held, key=lambda each: (each.about != "", each.about))


def number_of(facts: Iterable[Fact], about: str) -> int:
    """Return the ETag of the brief in force about something; 0 where there is none."""
    return next((each.seq for each in read_briefs(facts) if each.about == about), 0)


def briefs_for(briefs: Iterable[Brief], *, category: str, lane: str, queue: str, product: str) -> list[Brief]:
    """Return the briefs that a piece of work goes by, from the widest to the narrowest."""
    wanted = ("", f"lane:{lane}", f"category:{category}", f"queue:{queue}", f"product:{product}")
    held = {each.about: each for each in briefs}
    return [held[about] for about in wanted if about in held]
