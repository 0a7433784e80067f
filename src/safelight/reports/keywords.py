"""Keyword outliers: words that came with originals and are not on the guide's list, for a look once a week (R10)."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from safelight.core.batch import DELIVERED
from safelight.core.facts import Fact


def keyword_outliers(facts: Iterable[Fact], since: str, lists: Mapping[str, Iterable[str]]) -> list[dict[str, Any]]:
    """Return a line for each word that was left out of deliveries, the most frequent first.

    Parameters
    ----------
    facts : iterable of Fact
        Of deliveries.
    since : str
        ISO 8601: older deliveries do not count.
    lists : mapping of batch to keywords
        Each batch's controlled list.

    Returns
    -------
    list of dict
        ``word``, ``files`` (originals that carry it), ``batches``, ``nearest`` (the word of those lists that it may be
        meant for, "" for none), ``text``.
    """
    assets: dict[str, set[str]] = defaultdict(set)
    batches: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        if fact.kind != DELIVERED or fact.at < since:
            continue
        for word in fact.body.get("provenance", {}).get("keywords_left_out", ()):
            assets[word].add(str(fact.body.get("asset") or fact.subject))
            batches[word].add(fact.batch)
    lines = []
    for word in sorted(assets, key=lambda each: (-len(assets[each]), each)):
        known = {each.rpartition("|")[2] for batch in batches[word] for each in lists.get(batch, ())}
        nearest = _nearest(word, known)
        files = f"{len(assets[word])} file{'s' if len(assets[word]) != 1 else ''}"
        meant = f"; perhaps {nearest}" if nearest else ""
        text = f"{word}: {files} of {', '.join(sorted(batches[word]))}, not on the list{meant}"
        lines.append(
            {
                "word": word,
                "files": len(assets[word]),
                "batches": sorted(batches[word]),
                "nearest": nearest,
                "text": text,
            }
        )
    return lines


def _nearest(word: str, known: Iterable[str]) -> str:
    spelled = {each.casefold(): each for each in known}
    found = difflib.get_close_matches(word.casefold(), spelled, 1, 0.75)
    return spelled[found[0]] if found else ""
