"""Whose place a capture took: what was shot again goes on as what stood there before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from safelight.core.batch import RETURN, FileState

# Why what was shot in the place of a client's return is looked at, however sure its machine is: a sentence of routes.
SHOT_AGAIN_FOR_CLIENT = "a client sent back what it was shot in the place of: this one gets a look of its own"


def places_taken(files: Iterable[FileState]) -> Mapping[str, tuple[FileState, ...]]:
    """Return whose places each capture took, by its asset, the first that stood there first.

    Parameters
    ----------
    files : iterable of FileState
        Of one batch.

    Returns
    -------
    mapping of asset to tuple of FileState
        Only of captures that took a place. Where one was shot again twice, all that stood there before.

    Examples
    --------
    >>> old, again = FileState("a.jpg", "a" * 64, superseded={"by_asset": "b" * 64}), FileState("b.jpg", "b" * 64)
    >>> [each.path for each in places_taken([old, again])["b" * 64]]
    ['a.jpg']
    """
    gone: dict[str, dict[str, FileState]] = {}
    for each in files:
        by = str(each.superseded.get("by_asset") or "")
        if by:
            gone.setdefault(by, {})[each.asset] = each
    return {asset: _before(asset, gone, frozenset({asset})) for asset in gone}


def _before(asset: str, gone: Mapping[str, Mapping[str, FileState]], seen: frozenset[str]) -> tuple[FileState, ...]:
    found: list[FileState] = []
    for old, file in sorted(gone.get(asset, {}).items()):
        if old not in seen:
            found += [*_before(old, gone, seen | {old}), file]
    return tuple(found)


def with_history(file: FileState, before: Iterable[FileState]) -> FileState:
    """Return a file with what was said and delivered of the captures that stood in its place, as its own past.

    It counts from when the first of them was taken and came in: a place is shot, looked at and paid for once, however
    often its picture is taken again.

    Parameters
    ----------
    file : FileState
    before : iterable of FileState
        From `places_taken`, the first that stood there first.
    """
    held = list(before)
    if not held:
        return file
    return replace(
        file,
        seen_at=held[0].seen_at,
        measured=held[0].measured,
        past_decisions=(*(w for each in held for w in (*each.past_decisions, *each.decisions)), *file.past_decisions),
        past_deliveries=(
            *(left for each in held for left in (*each.past_deliveries, *each.deliveries)),
            *file.past_deliveries,
        ),
    )


def was_returned(file: FileState) -> bool:
    """Say whether a client ever sent a version of a file back."""
    return any(each.how == RETURN for each in (*file.past_decisions, *file.decisions))
