"""Articles from slates: a card with a code, then the frames it is about."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from safelight.workflows.category import Identity


@dataclass(frozen=True)
class Frame:
    """A frame in its sequence: where it lies, with what and when it was taken ("" where unknown), its slate's article.

    `slate` is the article that the frame itself shows as a slate, or "".
    """

    path: str
    camera: str = ""
    taken_at: str = ""
    slate: str = ""


def by_slates(frames: Iterable[Frame]) -> dict[str, str]:
    """Return the article of each frame that follows a slate, up to the next slate.

    Parameters
    ----------
    frames : iterable of Frame
        In any order.

    Returns
    -------
    dict of path to article
        Slates themselves are in it; frames before the first slate of their sequence are not.

    Notes
    -----
    A sequence is one camera in one folder. Its order is the number in the file names where all have one, else the
    time, else the name: a camera's numbers go on while its clock may jump, and a file without a time has a number.

    Examples
    --------
    >>> by_slates([Frame("DSC_3.jpg"), Frame("DSC_1.jpg", slate="WJ12"), Frame("DSC_2.jpg"), Frame("DSC_0.jpg")])
    {'DSC_1.jpg': 'WJ12', 'DSC_2.jpg': 'WJ12', 'DSC_3.jpg': 'WJ12'}
    """
    sequences: dict[tuple[str, str], list[Frame]] = defaultdict(list)
    for each in frames:
        sequences[str(PurePosixPath(each.path).parent), each.camera].append(each)
    found = {}
    for held in sequences.values():
        article = ""
        for each in in_order(held):
            article = each.slate or article
            if article:
                found[each.path] = article
    return dict(sorted(found.items()))


def named_by_slates(named: Mapping[str, Identity], frames: Iterable[Frame]) -> dict[str, Identity]:
    """Return what each picture is, with the article of its slate where neither list, folder nor name says one.

    Parameters
    ----------
    named : mapping of path to Identity
    frames : iterable of Frame
        The same pictures.
    """
    slated = by_slates(frames)
    return {
        path: replace(each, sku=slated[path], read_from={**each.read_from, "sku": "slate"})
        if not each.sku and path in slated
        else each
        for path, each in named.items()
    }


def in_order(frames: Iterable[Frame]) -> list[Frame]:
    """Return the frames of one camera in one folder in the order in which they were taken."""
    held = list(frames)
    numbers = {each.path: file_number(each.path) for each in held}
    if all(number is not None for number in numbers.values()):
        first = _after_rollover([numbers[each.path] or 0 for each in held])
        return sorted(held, key=lambda each: (((numbers[each.path] or 0) - first) % 10_000, each.path))
    if all(each.taken_at for each in held):
        return sorted(held, key=lambda each: (each.taken_at, each.path))
    return sorted(held, key=lambda each: each.path)


def file_number(path: str) -> int | None:
    """Return the number that a camera gave a file, 0 to 9999, or None.

    Examples
    --------
    >>> file_number("100CANON/IMG_0042.CR2"), file_number("front.jpg"), file_number("WJ12_front_02.jpg")
    (42, None, None)
    """
    found = re.fullmatch(r"[A-Za-z0-9]*[A-Za-z_][-_]?(\d{4})", PurePosixPath(path).stem)
    return int(found[1]) if found else None


def _after_rollover(numbers: list[int]) -> int:
    """Return the number that comes first: after the widest gap, for counters go from 9999 to 0001."""
    ordered = sorted(set(numbers))
    gaps = [
        ((ordered[at] - ordered[at - 1]) % 10_000 or 10_000, ordered[at] != ordered[0], ordered[at])
        for at in range(len(ordered))
    ]
    widest, _, first = max(gaps, key=lambda each: (each[0], not each[1]))
    return first if widest > 5_000 or ordered[0] == first else ordered[0]
