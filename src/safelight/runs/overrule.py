"""What people said of earlier sortings, laid over a new one: classes, groups, and what a capture shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from safelight.core.batch import OVERRULED, SUPERSEDED, FileState
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
    from safelight.workflows.category import Identity

PLACES = (OVERRULED, SUPERSEDED)  # the kinds of facts that `placed` reads
_SAYS = MappingProxyType(dict.fromkeys(("sku", "view", "color", "category"), "a person"))


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


def placed(named: Mapping[str, Identity], assets: Mapping[str, str], facts: Iterable[Fact]) -> dict[str, Identity]:
    """Return what each frame shows where a person, or the reshoot loop, gave it a place that its name does not say.

    Parameters
    ----------
    named : mapping of path to Identity
        As lists, folders, names and slates say.
    assets : mapping of path to asset
    facts : iterable of Fact
        Of this batch, oldest first; only those of `PLACES` are read. A place that was given back counts no more.

    Returns
    -------
    dict of path to Identity
        A frame in another's place has its stakes and the color of its swatch too, where both are known here.
    """
    given: dict[str, Mapping[str, Any]] = {}
    swapped: dict[str, Mapping[str, Any]] = {}
    for each in facts:
        if each.kind == SUPERSEDED:
            given[each.subject] = each.body
        elif each.kind == OVERRULED and each.body.get("field") == "place":
            swapped[each.subject] = each.body["to"]
    words = swapped | {str(e["by_asset"]): e["place"] for e in given.values() if e.get("by") and "place" in e}
    return {
        path: _in_place(each, words[assets[path]], named.values()) if assets[path] in words else each
        for path, each in named.items()
    }


def _in_place(identity: Identity, word: Mapping[str, str], others: Iterable[Identity]) -> Identity:
    """Return what a frame shows in its place: the word, and what others of the same article, color and view have."""
    keys = ("sku", "color", "view")
    twin = next((each for each in others if all(getattr(each, key) == word.get(key, "") for key in keys)), identity)
    read_from = MappingProxyType({**twin.read_from, **_SAYS})
    return replace(identity, **word, stakes=twin.stakes, reference=twin.reference, read_from=read_from)


def shot_again(groups: list[Similar], files: Iterable[FileState]) -> list[Similar]:
    """Return near-duplicate groups without what was shot again: a new capture is never the alternate of the old one.

    Parameters
    ----------
    groups : list of Similar
    files : iterable of FileState
        Where the batch's files stand, with all that was ever decided of them.
    """
    held = {each.asset: each for each in files}
    asked = {asset: since for asset, each in held.items() if (since := _asked_again(each))}
    instead = {e.asset: str(e.superseded["by_asset"]) for e in held.values() if e.superseded and e.asset not in asked}
    if not asked and not instead:
        return groups
    members: list[list[str]] = []
    new: list[list[str]] = []
    for group in groups:
        requests = [asked[each] for each in group.members if each in asked]
        parts: dict[object, list[str]] = {0: []}
        for each in group.members:
            seen = held[each].seen_at if each in held else ""
            alone = any(instead.get(other) == each for other in group.members)
            parts.setdefault(each if alone else sum(seen > since for since in requests), []).append(each)
        members.append(parts.pop(0))
        new += parts.values()
    return _named(groups, [*members, *new], "s", "the first of those that were shot again")


def _asked_again(file: FileState) -> str:
    """Return when a file was asked for again last, "" if it never was."""
    words = (*file.past_decisions, *file.decisions)
    return max((each.at for each in words if each.decided == "reshoot"), default="")


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


def _named(
    groups: list[Similar], members: list[list[str]], mark: str = "p", why_new: str = "a person grouped them"
) -> list[Similar]:
    """Keep the name and best of each group that is still one; number new ones after the machine's, under their mark."""
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
            made.append(Similar(f"{mark}{place - len(groups) + 1:02}", tuple(group), group[0], why_new))
    return made
