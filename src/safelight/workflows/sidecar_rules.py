"""What a style guide says of sidecars: the controlled keywords, and what each class of culling is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from safelight.workflows.toml import Table

CLASSES = ("pick", "alternate", "cant_tell", "reject")
# Stars leave 5 (and 4) to people; -1 is XMP's own word for rejected.
RATINGS: Mapping[str, float] = MappingProxyType({"pick": 3.0, "alternate": 2.0, "cant_tell": 1.0, "reject": -1.0})
PICKS: Mapping[str, int] = MappingProxyType({"pick": 1, "alternate": 0, "cant_tell": 0, "reject": -1})
NAMINGS = ("adobe", "full")
MOST_BYTES = 64  # IPTC 2:25 holds 64 bytes of each keyword


@dataclass(frozen=True)
class SidecarRules:
    """How culling speaks to other programs.

    Parameters
    ----------
    keywords : tuple of str
        The controlled list (R116): levels joined by ``|``, the last one is the flat keyword. Nothing else is ever
        written.
    ratings : mapping of class to stars
    labels : mapping of class to word
        Only classes that have a label of their own.
    naming : {"adobe", "full"}
        How a new sidecar is called: ``IMG.xmp``, or ``IMG.CR2.xmp``.
    """

    keywords: tuple[str, ...] = ()
    ratings: Mapping[str, float] = field(default_factory=lambda: RATINGS)
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    naming: str = "adobe"

    def class_of(self, rating: float | None, pick: int | None) -> str:
        """Return the class that a rating and a flag set by a person mean; "" if they mean none.

        A flag says more than stars; stars mean the class with the most stars that they reach.

        Raises
        ------
        ValueError
            If the two contradict each other: rejected by one and picked by the other.

        Examples
        --------
        >>> rules = SidecarRules()
        >>> rules.class_of(5, None), rules.class_of(2, 0), rules.class_of(0, -1), rules.class_of(0, None)
        ('pick', 'alternate', 'reject', '')
        """
        stars = rating or 0
        if (stars < 0 and pick == 1) or (pick == -1 and stars >= self.ratings["pick"]):
            raise ValueError(f"rating {stars:g} and flag {pick} contradict each other")
        if stars < 0 or pick == -1:
            return "reject"
        if pick == 1:
            return "pick"
        reached = [each for each in CLASSES if 0 < self.ratings[each] <= stars]
        return max(reached, key=lambda each: self.ratings[each], default="")

    def keywords_for(self, words: Iterable[str]) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
        """Return the flat and hierarchical keywords for `words`, and the words that are not on the list.

        Examples
        --------
        >>> SidecarRules(("View|front", "red")).keywords_for(["Front", "mauve"])
        (frozenset({'front'}), frozenset({'View|front'}), ('mauve',))
        """
        known = {_plain(each.split("|")[-1]): each for each in self.keywords}
        asked = [each for each in dict.fromkeys(words) if each]
        found = [known[_plain(each)] for each in asked if _plain(each) in known]
        flat = frozenset(each.split("|")[-1] for each in found)
        tree = frozenset(each for each in found if "|" in each)
        return flat, tree, tuple(each for each in asked if _plain(each) not in known)


def read_sidecar_rules(table: Table) -> SidecarRules:
    """Read ``[sidecars]``.

    Raises
    ------
    DeclarationError
        If a keyword is empty, stands twice or is too long, or a class or rating is unknown; with the line.
    """
    table.allow("keywords", "ratings", "labels", "naming")
    stars, labels = table.table("ratings"), table.table("labels")
    stars.allow(*CLASSES)
    labels.allow(*CLASSES)
    ratings = {each: stars.number(each, RATINGS[each], least=-1, most=5) for each in CLASSES}
    return SidecarRules(
        keywords=_read_keywords(table),
        ratings=MappingProxyType(ratings),
        labels=MappingProxyType({each: labels.text(each) for each in CLASSES if each in labels}),
        naming=table.choice("naming", NAMINGS, "adobe"),
    )


def _read_keywords(table: Table) -> tuple[str, ...]:
    listed = table.texts("keywords")
    leaves: dict[str, str] = {}
    for at, each in enumerate(listed):
        levels = each.split("|")
        if any(level != level.strip() or not level for level in levels):
            raise table.error(f"keyword {each!r} has an empty level; it takes words joined by |", "keywords", at)
        if any(len(level.encode()) > MOST_BYTES for level in levels):
            raise table.error(f"keyword {each!r} has a level over {MOST_BYTES} bytes, which IPTC cuts", "keywords", at)
        before = leaves.setdefault(_plain(levels[-1]), each)
        if before != each or listed.index(each) != at:
            raise table.error(f"keyword {each!r} says the same as {before!r}; keep one of them", "keywords", at)
    return listed


def _plain(text: str) -> str:
    return re.sub(r"[\s_\-]+", " ", text).strip().casefold()
