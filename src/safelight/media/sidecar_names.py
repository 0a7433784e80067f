"""Which sidecar is about which original, by both naming rules."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Beside:
    """The sidecars of one original, as names in its folder.

    Parameters
    ----------
    own : tuple of str
        Those that are about it by name, ``IMG.xmp`` before ``IMG.CR2.xmp``: each is read and written by itself.
    versions : tuple of str
        Of darktable's further versions, ``IMG_01.CR2.xmp``: read by nobody here, written by nobody, never lost.
    contested : tuple of str
        Those that several originals of the same base name could claim; what is inside must say whose they are.
    shared_with : tuple of str
        Other originals with the same base name.
    new : str
        What a new one is called.
    """

    own: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    contested: tuple[str, ...] = ()
    shared_with: tuple[str, ...] = ()
    new: str = ""


def sidecars_beside(originals: Mapping[str, str], names: Iterable[str], naming: str = "adobe") -> Mapping[str, Beside]:
    """Match the originals of one folder with the sidecars that lie in it.

    Parameters
    ----------
    originals : mapping of name to format
        ``"raw"`` or any other; Adobe's programs write sidecars for RAW files only.
    names : iterable of str
        All names in the folder.
    naming : {"adobe", "full"}
        How a new sidecar is called. ``IMG.xmp`` is given only where one original has that base name.

    Returns
    -------
    mapping of original to Beside

    Notes
    -----
    ``IMG.CR2.xmp`` is about IMG.CR2 alone. ``IMG.xmp`` is about the only original of that base name, or the only RAW
    among several; between two RAWs it is contested. Endings are compared without regard to case.

    Examples
    --------
    >>> both = sidecars_beside({"IMG_1.CR2": "raw", "IMG_1.JPG": "jpeg"}, ["IMG_1.xmp", "IMG_1.JPG.xmp"])
    >>> both["IMG_1.CR2"].own, both["IMG_1.JPG"].own
    (('IMG_1.xmp',), ('IMG_1.JPG.xmp',))
    """
    found = {each.casefold(): each for each in sorted(names) if each.casefold().endswith(".xmp")}
    by_stem: dict[str, list[str]] = defaultdict(list)
    for each in sorted(originals):
        by_stem[_stem(each)].append(each)
    full = {f"{each}.xmp".casefold() for each in originals}
    return {each: _beside(each, originals, by_stem[_stem(each)], found, full, naming) for each in originals}


def _beside(
    name: str, originals: Mapping[str, str], same: list[str], found: Mapping[str, str], full: set[str], naming: str
) -> Beside:
    raws = [each for each in same if originals[each] == "raw"]
    claims = raws or same
    adobe, whole = f"{PurePosixPath(name).stem}.xmp", f"{name}.xmp"
    own: list[str] = []
    contested: list[str] = []
    # IMG.xmp may also be the full name of an original without an ending.
    if adobe.casefold() in found and name in claims and adobe.casefold() not in full - {whole.casefold()}:
        (own if len(claims) == 1 else contested).append(found[adobe.casefold()])
    if whole.casefold() in found and found[whole.casefold()] not in own:
        own.append(found[whole.casefold()])
    numbered = re.compile(rf"{re.escape(_stem(name))}_\d\d+{re.escape(PurePosixPath(name).suffix.casefold())}\.xmp")
    versions = tuple(each for key, each in found.items() if numbered.fullmatch(key) and key not in full)
    alone = len(same) == 1 and adobe.casefold() not in found
    return Beside(
        own=tuple(own),
        versions=versions,
        contested=tuple(contested),
        shared_with=tuple(each for each in same if each != name),
        new=adobe if naming == "adobe" and alone else whole,
    )


def _stem(name: str) -> str:
    return PurePosixPath(name).stem.casefold()
