"""Which name each approved file of a batch gets; a number that was given once stays its file's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from safelight.core.batch import DELIVERED, BatchState, FileState
from safelight.core.facts import Fact
from safelight.delivery.names import NamePlanned, NameWanted, preview_names
from safelight.delivery.packs import load_pack
from safelight.media.names import slug

if TYPE_CHECKING:
    from safelight.workflows.guide import Guide


def sequence_of(state: BatchState, approved: Sequence[FileState], facts: Iterable[Fact]) -> Mapping[str, int]:
    """Return the {seq} of each approved file by path: within its article, in order of paths, from 1.

    A file that was delivered keeps its number, whatever is approved before it later on; what was shot in another's
    place takes over that one's.

    Parameters
    ----------
    state : BatchState
    approved : sequence of FileState
    facts : iterable of Fact
        Of deliveries.
    """
    given = {str(each.body["asset"]): int(each.body["seq"]) for each in facts if _is_numbered(each)}
    instead = {
        str(each.superseded["by_asset"]): each.asset for each in state.files.values() if each.superseded.get("by_asset")
    }
    kept = {each.path: given.get(each.asset) or given.get(instead.get(each.asset, "")) for each in approved}
    taken: dict[str, set[int]] = defaultdict(set)
    for each in state.files.values():  # also of what is open again: its name is with the client
        if each.asset in given:
            taken[each.sorted.get("sku", "")].add(given[each.asset])
    found: dict[str, int] = {}
    for each in approved:
        own = taken[each.sorted.get("sku", "")]
        found[each.path] = kept[each.path] or _least_free(own)
        own.add(found[each.path])
    return found


def wanted_names(
    files: Iterable[FileState], guide: Guide, numbers: Mapping[str, int]
) -> dict[tuple[str, str], NamePlanned]:
    """Plan a name a file and channel, by (path, channel); {original} is spelled so that it is a name anywhere."""
    wanted = []
    for file in files:
        values: dict[str, str | int] = {
            "sku": file.sorted.get("sku", ""),
            "view": file.sorted.get("view", ""),
            "color": file.sorted.get("color", ""),
            "seq": numbers[file.path],
            "original": slug(PurePosixPath(file.path).stem) or file.asset[:12],
        }
        for channel in guide.channels:
            if not guide.needs().takes(channel, file.sorted.get("view", "")):
                continue
            ending = load_pack(channel, own=guide.own_packs).output.ending
            wanted.append(NameWanted(file.path, channel, values | {"ext": ending}))
    return {(row.original, row.channel): row for row in preview_names(wanted, guide.names)}


def _is_numbered(fact: Fact) -> bool:
    return fact.kind == DELIVERED and "seq" in fact.body and "asset" in fact.body


def _least_free(taken: set[int]) -> int:
    number = 1
    while number in taken:
        number += 1
    return number
