"""What people said of earlier sortings, laid over a new one: their latest word counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from safelight.core.facts import CullClass, Fact
from safelight.core.overruling import (
    APART,
    CLASSES,
    MACHINE,
    SAID,
    Overruling,
    class_told,
    first_words_on_classes,
    latest_words,
    read_overrulings,
    words_on,
)
from safelight.runs.sort import Similar, Sorted

if TYPE_CHECKING:
    from safelight.routing.calibration import Calibrator


def overruled(frames: list[Sorted], facts: Iterable[Fact]) -> list[Sorted]:
    """Return the frames with the class that counts.

    Parameters
    ----------
    frames : list of Sorted
        As the machine sorted them.
    facts : iterable of Fact
        Of this batch; only ``file.overruled`` is read.

    Returns
    -------
    list of Sorted
        In the same order. Where a person's word stands, it is the class, and the reasons begin with it and keep
        the machine's.

    Notes
    -----
    Doing it twice is doing it once, and without overrulings nothing changes.
    """
    latest = latest_words(read_overrulings(facts))
    there = {(each.asset, each.path) for each in frames}
    return [_said(each, words_on(latest, each.asset, each.path, there)) for each in frames] if latest else frames


def calibrator_of(facts: Iterable[Fact]) -> Calibrator:
    """Return what people's words on classes, of any batch, say of culling's claims; the first word on each file."""
    from safelight.routing.calibration import fit

    words = [each for each in first_words_on_classes(read_overrulings(facts)) if each.claim is not None]
    return fit([each.claim or 0.0 for each in words], [each.new == each.machine for each in words])


def _said(frame: Sorted, words: Mapping[str, Overruling]) -> Sorted:
    word = words.get("class")
    if word is None or word.new == MACHINE or word.new not in CLASSES:
        return frame
    kept = tuple(each for each in frame.reasons if not each.startswith(SAID))
    machine = () if frame.cull == word.new or kept != frame.reasons else (f"culling said {class_told(frame.cull)}",)
    first = f"{SAID} {class_told(word.new)}: {word.reason}"
    return replace(frame, cull=cast("CullClass", word.new), reasons=(first, *machine, *kept))


def regrouped(groups: list[Similar], facts: Iterable[Fact]) -> list[Similar]:
    """Return near-duplicate groups as people changed them.

    Parameters
    ----------
    groups : list of Similar
        As the machine grouped.
    facts : iterable of Fact
        Of this batch; only ``file.overruled`` is read. The words are applied in their order.

    Returns
    -------
    list of Similar
        Without groups of fewer than two; a group that lost its best is led by its first member, and says so.
    """
    said = [each for each in read_overrulings(facts) if each.field == "group"]
    if not said:
        return groups
    members = [list(each.members) for each in groups]
    for word in said:
        moved = [word.asset] if word.new == APART else [each for each in word.new if isinstance(each, str)]
        home = next((group for group in members if any(each in group for each in moved)), None)
        members = [group if group is home else [each for each in group if each not in moved] for group in members]
        if word.new == APART:
            members = [[each for each in group if each != word.asset] for group in members]
        elif home is None:
            members.append(sorted(moved))
        else:
            home.extend(each for each in moved if each not in home)
    return _named(groups, members)


def _named(groups: list[Similar], members: list[list[str]]) -> list[Similar]:
    """Keep the name and best of each group that is still one; number those that people made after the machine's."""
    made = []
    for place, group in enumerate(members):
        if len(group) < 2:
            continue
        if place < len(groups):
            old = groups[place]
            best = old.best if old.best in group else group[0]
            why = old.why if best == old.best else "the first of a group that a person changed"
            behind = old.behind if best == old.best else {}
            made.append(Similar(old.name, tuple(group), best, why, behind))
        else:
            made.append(Similar(f"p{place - len(groups) + 1:02}", tuple(group), group[0], "a person grouped them"))
    return made
