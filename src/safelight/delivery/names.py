"""File names of deliveries: filled from a template, shown before a file is written, refused when they collide."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from safelight.errors import ParameterError, UsageError
from safelight.workflows.template import ILLEGAL, Template

MOST_BYTES = 255  # of a name in UTF-8, on every common file system
# Device names that Windows still answers to, with any ending.
_DEVICES = {"con", "prn", "aux", "nul", *(f"com{n}" for n in "0123456789¹²³"), *(f"lpt{n}" for n in "0123456789¹²³")}


@dataclass(frozen=True)
class NameWanted:
    """A file that needs a name: which original it is made of, and the values of the template's tokens."""

    original: str
    channel: str
    values: Mapping[str, str | int]


@dataclass(frozen=True)
class NamePlanned:
    """A row of the preview: the name a file would get, and what is wrong with it, "" if nothing."""

    original: str
    channel: str
    name: str
    problem: str = ""


def preview_names(
    wanted: Iterable[NameWanted], template: Template, taken: Iterable[tuple[str, str]] = ()
) -> tuple[NamePlanned, ...]:
    """Return the name of every file, before one is written.

    Parameters
    ----------
    wanted : NameWanted in the order of delivery
    template : Template
    taken : pairs of (channel, name)
        Names given away before, by an earlier delivery of the batch.

    Returns
    -------
    tuple of NamePlanned
        One row each, in order; rows of one channel that would meet in one file, upper or lower case and
        composed or decomposed accents alike, all say so.

    Examples
    --------
    >>> from safelight.workflows.template import read_template
    >>> rows = preview_names([NameWanted("a", "x", {"sku": "A", "ext": "jpg"}),
    ...                       NameWanted("b", "x", {"sku": "a", "ext": "jpg"})], read_template("{sku}.{ext}"))
    >>> rows[1].problem.partition(",")[0]
    "'a.jpg' is the name of 'a' too"
    """
    rows = [_planned(each, template) for each in wanted]
    owners: dict[tuple[str, str], list[str]] = {}
    for channel, name in taken:
        owners.setdefault((channel, _folded(name)), []).append("an earlier delivery")
    for row in rows:
        if not row.problem:
            owners.setdefault((row.channel, _folded(row.name)), []).append(row.original)
    return tuple(_with_collision(row, owners) for row in rows)


def require_names(rows: Iterable[NamePlanned]) -> None:
    """Refuse a preview in which anything is wrong; nothing has been written then.

    Raises
    ------
    UsageError
        Naming the first five files and what to do.
    """
    wrong = [row for row in rows if row.problem]
    if wrong:
        told = "; ".join(f"{row.original}: {row.problem}" for row in wrong[:5])
        more = f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise UsageError(f"{len(wrong)} files have no name they could be delivered under: {told}{more}")


def problem_of(name: str) -> str:
    """Say what is wrong with a file name anywhere it may be unpacked, or "".

    Examples
    --------
    >>> problem_of("A1_front.jpg"), problem_of("aux.jpg")
    ('', "'aux.jpg' is a device to Windows; change the template or the article's number")
    """
    shown = repr(name)
    found = ILLEGAL.search(name)
    stem = name.split(".", maxsplit=1)[0].strip().casefold()
    size = len(name.encode("utf-8", "surrogatepass"))
    # The first that holds is said.
    problems = (
        (not name.strip(". "), f"{shown} is no name; give the template something to fill"),
        (
            found is not None,
            f"{shown} has {found[0] if found else ''!r}, which file names cannot have; rename the article",
        ),
        (any("\ud800" <= c <= "\udfff" for c in name), f"{shown} is not UTF-8; name the file in a shot list"),
        (stem in _DEVICES, f"{shown} is a device to Windows; change the template or the article's number"),
        (name != name.strip() or name.endswith("."), f"{shown} begins or ends with a space or dot; trim it"),
        (name.startswith((".", "-")), f"{shown} begins with {name[:1]!r}: hidden, or read as an option; change it"),
        (not name.isprintable(), f"{shown} has characters that do not show; rename the article"),
        (size > MOST_BYTES, f"{shown[:40]}... has {size} bytes; a file name takes {MOST_BYTES}: shorten the template"),
    )
    return next((said for wrong, said in problems if wrong), "")


def _planned(wanted: NameWanted, template: Template) -> NamePlanned:
    try:
        name = template.fill({"channel": wanted.channel, **wanted.values})
    except ParameterError as error:
        return NamePlanned(wanted.original, wanted.channel, "", str(error))
    return NamePlanned(wanted.original, wanted.channel, name, problem_of(name))


def _with_collision(row: NamePlanned, owners: Mapping[tuple[str, str], list[str]]) -> NamePlanned:
    others = list(owners.get((row.channel, _folded(row.name)), ()))
    if row.problem or len(others) < 2:
        return row
    others.remove(row.original)
    said = (
        f"{row.name!r} is the name of {others[0]!r} too, where upper and lower case are one; "
        "add {view}, {color} or {seq:03} to the template"
    )
    return NamePlanned(row.original, row.channel, row.name, said)


def _folded(name: str) -> str:
    """Return what a file system that ignores case and composition would take the name for."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
