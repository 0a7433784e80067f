"""What a verification found, in facts and in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from safelight.store.chain import Break, Head
from safelight.store.lineage import Mentions

BlobProblem = Literal["damaged", "missing", "wrong_size"]


@dataclass(frozen=True)
class BlobTrouble:
    """A blob that is not as it was, and what rests on it.

    Parameters
    ----------
    sha256 : str
    problem : {"damaged", "missing", "wrong_size"}
        ``damaged``: its bytes hash to another name.
    text : str
        A sentence.
    mentions : Mentions
        Facts, work, assets and versions that rest on it.
    """

    sha256: str
    problem: BlobProblem
    text: str
    mentions: Mentions


@dataclass(frozen=True)
class Report:
    """What `verify` found.

    Parameters
    ----------
    head : Head
        The last fact that was checked; export it.
    facts, blobs, bytes : int
        How many facts were checked, blobs seen, and bytes hashed.
    tables : tuple of str
        What is wrong with the database.
    chain : tuple of Break
        Where the chain does not hold, by number.
    trouble : tuple of BlobTrouble
        Damaged and missing blobs, by name.
    extra : tuple of str
        Blobs on which nothing rests: no damage; work that was interrupted leaves them.
    strays : tuple of str
        Files among the blobs that are none.
    """

    head: Head
    facts: int
    blobs: int
    bytes: int
    tables: tuple[str, ...] = ()
    chain: tuple[Break, ...] = ()
    trouble: tuple[BlobTrouble, ...] = ()
    extra: tuple[str, ...] = ()
    strays: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nothing is damaged or missing."""
        return not (self.tables or self.chain or self.trouble)

    def lines(self) -> list[str]:
        """Return the findings as sentences, the worst first; one for a clean store."""
        found = [*self.tables, *(each.problem for each in self.chain), *(each.text for each in self.trouble)]
        found += [f"{each} lies among the blobs and is none" for each in self.strays]
        if self.extra:
            found.append(f"{len(self.extra)} blobs that nothing rests on (no damage)")
        summary = f"{self.facts} facts, {self.blobs} blobs, {self.bytes} bytes read"
        return [*found, f"{'clean' if self.is_clean else 'damaged'}: {summary}"]
