"""Products of a shoot with their views, and what does not add up: files that fit nothing, views that are missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType

from safelight.core.batch import FileState
from safelight.core.facts import Product
from safelight.media.names import display_name
from safelight.workflows.category import is_camera_name
from safelight.workflows.shot_list import NO_SHOTS, ShotList

# What can fail to add up, in the order in which it is told, and what a list of it is called.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "missing_view": "Views that are missing",
        "extra_view": "Views that nobody asked for",
        "not_shot": "On the shot list and not in the shoot",
        "rejected_view": "Views of which every frame was left out",
        "two_articles": "Frames alike under two articles",
        "two_picks": "Views with several picks",
        "unfit_name": "Files that fit no article",
        "unknown_category": "Files of no known category",
    }
)
_ORDER = tuple(KINDS)


@dataclass(frozen=True)
class Exceptional:
    """Something that a person must sort out: a kind of `KINDS`, what it is about, and one sentence."""

    kind: str
    about: str
    text: str


@dataclass(frozen=True)
class Needs:
    """Which views a product must have, by category, and which of them a channel asks for.

    A channel that names no views asks for all that the category requires; one that names some asks for those of them
    that the category requires too.

    Examples
    --------
    >>> needs = Needs({"apparel": ("front", "back")}, {"amazon-main": ("front",)})
    >>> needs.of_channel("amazon-main", "apparel"), needs.of_channel("walmart", "apparel")
    (('front',), ('front', 'back'))
    """

    categories: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    channels: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def of_category(self, category: str) -> tuple[str, ...]:
        """Return the views that each product of a category must have."""
        return self.categories.get(category, ())

    def of_channel(self, channel: str, category: str) -> tuple[str, ...]:
        """Return the views that a product of a category needs before it leaves for a channel."""
        asked = self.of_category(category)
        named = self.channels.get(channel)
        return asked if named is None else tuple(each for each in asked if each in named)

    def takes(self, channel: str, view: str) -> bool:
        """Say whether a channel takes a view: one that names its views takes no other."""
        return channel not in self.channels or view in self.channels[channel]


def products_of(files: Iterable[FileState], views: Mapping[str, tuple[str, ...]]) -> list[Product]:
    """Return the products of a shoot, by SKU, with the views that none of their frames that go on shows.

    Parameters
    ----------
    files : iterable of FileState
        Sorted ones count; those without an article belong to none.
    views : mapping of category to views
        What the guide requires of each product.

    Examples
    --------
    >>> said = {"sku": "WJ12", "view": "front", "category": "apparel", "class": "pick"}
    >>> front = FileState("a.jpg", asset="1", sorted=said)
    >>> products_of([front], {"apparel": ("front", "back")})[0].missing_views
    ('back',)
    """
    made = []
    for sku, held in sorted(_by_article(files).items()):
        category = _category(held)
        there = {each.sorted.get("view", "") for each in held if each.goes_on}
        missing = tuple(each for each in views.get(category, ()) if each not in there)
        made.append(Product(sku, category, tuple(sorted({each.asset for each in held})), missing))
    return made


def find_exceptions(
    files: Iterable[FileState], views: Mapping[str, tuple[str, ...]], shots: ShotList = NO_SHOTS
) -> list[Exceptional]:
    """Return what does not add up in a sorted shoot, by kind and then by what it is about.

    Parameters
    ----------
    files, views
        As `products_of`.
    shots : ShotList
        Rows for which nothing was shot are told.

    Notes
    -----
    Frames of two articles in one near-duplicate group mean an article with two numbers, or a group that is none
    (R117): nothing is merged, and a person is asked.
    """
    held = [each for each in files if each.sorted and not each.refused]
    found = [
        *_missing(held, views),
        *_extra(held, views),
        *_not_shot(held, shots),
        *_two_articles(held),
        *_two_picks(held),
        *_unfit(held),
        *(_said(each, "unknown_category", "nothing says what category it is") for each in held if _is_unknown(each)),
    ]
    return sorted(found, key=lambda each: (_ORDER.index(each.kind), each.about))


def by_kind(found: Iterable[Exceptional]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what was found as lists: what each is called, and its sentences.

    Examples
    --------
    >>> by_kind([Exceptional("missing_view", "WJ12", "WJ12 has no back view")])
    (('Views that are missing', ('WJ12 has no back view',)),)
    """
    lists: dict[str, list[str]] = {each: [] for each in KINDS}
    for each in found:
        lists[each.kind].append(each.text)
    return tuple((KINDS[kind], tuple(texts)) for kind, texts in lists.items() if texts)


def _by_article(files: Iterable[FileState]) -> dict[str, list[FileState]]:
    articles: dict[str, list[FileState]] = defaultdict(list)
    for each in files:
        if each.sorted.get("sku") and not each.refused:
            articles[each.sorted["sku"]].append(each)
    return articles


def _category(files: list[FileState]) -> str:
    known = sorted(each.sorted["category"] for each in files if not _is_unknown(each))
    return max(known, key=known.count) if known else "unknown"


def _is_unknown(file: FileState) -> bool:
    return file.sorted.get("category", "unknown") in ("", "unknown")


def _missing(files: list[FileState], views: Mapping[str, tuple[str, ...]]) -> Iterable[Exceptional]:
    articles = _by_article(files)
    for product in products_of(files, views):
        for view in product.missing_views:
            of_view = [each for each in articles[product.sku] if each.sorted.get("view") == view]
            if of_view:
                names = ", ".join(display_name(each.path) for each in of_view)
                text = f"every {view} view of {product.sku} was left out: {names}"
                yield Exceptional("rejected_view", product.sku, text)
            else:
                yield Exceptional("missing_view", product.sku, f"{product.sku} has no {view} view")


def _extra(files: list[FileState], views: Mapping[str, tuple[str, ...]]) -> Iterable[Exceptional]:
    for sku, held in _by_article(files).items():
        asked = views.get(_category(held), ())
        there = {each.sorted.get("view", "") for each in held if each.goes_on} - {""}
        for view in sorted(there - set(asked)) if asked else ():
            yield Exceptional("extra_view", sku, f"{sku} has a {view} view, and its guide asks for {', '.join(asked)}")


def _not_shot(files: list[FileState], shots: ShotList) -> Iterable[Exceptional]:
    names = {PurePosixPath(each.path).stem.casefold() for each in files}
    articles = {sku.casefold() for sku in _by_article(files)}
    for stem, shot in shots.by_file.items():
        if stem not in names:
            text = f"shot list line {shot.row}: {shot.file} is not in the shoot"
            yield Exceptional("not_shot", shot.sku or shot.file, text)
    for sku, shot in shots.by_sku.items():
        if sku not in articles and not shot.file:
            yield Exceptional("not_shot", shot.sku, f"shot list line {shot.row}: {shot.sku} is not in the shoot")


def _two_articles(files: list[FileState]) -> Iterable[Exceptional]:
    groups: dict[str, set[str]] = defaultdict(set)
    for each in files:
        if each.sorted.get("group") and each.sorted.get("sku"):
            groups[each.sorted["group"]].add(each.sorted["sku"])
    for group, articles in groups.items():
        if len(articles) > 1:
            text = f"group {group} holds {' and '.join(sorted(articles))}: one article with two numbers, or no group"
            yield Exceptional("two_articles", group, text)


def _two_picks(files: list[FileState]) -> Iterable[Exceptional]:
    picks: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for each in files:
        if each.sorted.get("class") == "pick" and each.sorted.get("sku") and each.sorted.get("view"):
            picks[each.sorted["sku"], each.sorted.get("color", ""), each.sorted["view"]].append(each.path)
    for (sku, color, view), paths in picks.items():
        if len(paths) > 1:
            what = " ".join(each for each in (sku, color, view) if each)
            text = f"{len(paths)} picks for {what}: {', '.join(display_name(each) for each in sorted(paths))}"
            yield Exceptional("two_picks", sku, text)


def _unfit(files: list[FileState]) -> Iterable[Exceptional]:
    for each in files:
        if not each.sorted.get("sku"):
            stem = PurePosixPath(each.path).stem
            why = "a camera's name" if is_camera_name(stem) else "fits none of the guide's name patterns"
            yield _said(each, "unfit_name", f"{why}, and no folder, slate or shot list names its article")


def _said(file: FileState, kind: str, text: str) -> Exceptional:
    shown = display_name(file.path)
    return Exceptional(kind, shown, f"{shown}: {text}")
