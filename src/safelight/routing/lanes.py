"""Lanes of work: catalog, marketplace, model and editorial, each with its own rules, and what moves revenue in them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast

from safelight.errors import UnknownNameError

LaneKind = Literal["catalog", "marketplace", "model", "editorial"]
DEFAULT: LaneKind = "catalog"


@dataclass(frozen=True)
class LaneRule:
    """One lane's rules: title, business hours to an approval, whether it spares files, weight."""

    kind: LaneKind
    title: str
    sla_h: float
    spares: bool
    weight: float


@cache
def lane_rules() -> Mapping[str, LaneRule]:
    """Return the lanes by kind.

    Examples
    --------
    >>> lane_rules()["editorial"].spares
    False
    """
    made = {kind: LaneRule(cast("LaneKind", kind), **row) for kind, row in _table()["lane"].items()}
    return MappingProxyType(made)


def lane_of(category: str, named: str = "") -> LaneRule:
    """Return the lane of a category: the one a guide named, else the category's own, else catalog.

    Examples
    --------
    >>> lane_of("on_model").kind, lane_of("packshot").kind, lane_of("packshot", "marketplace").kind
    ('model', 'catalog', 'marketplace')
    """
    rules = lane_rules()
    return rules.get(named) or rules[_table()["category"].get(category, DEFAULT)]


def require_lane(kind: str) -> LaneKind:
    """Return a lane's name, or refuse one that there is not."""
    if kind not in lane_rules():
        raise UnknownNameError(f"no lane called {kind!r}; there are: {', '.join(lane_rules())}")
    return cast("LaneKind", kind)


def categories_of(kind: LaneKind, named: Mapping[str, str]) -> tuple[frozenset[str], bool]:
    """Return which categories are worked in a lane: those that are named, or (False) all but those.

    Parameters
    ----------
    kind : a lane
    named : mapping of category to lane
        What a guide says.

    Examples
    --------
    >>> categories_of("model", {"portrait": "model"}) == (frozenset({"on_model", "portrait"}), True)
    True
    >>> categories_of("catalog", {"portrait": "model"}) == (frozenset({"on_model", "editorial", "portrait"}), False)
    True
    """
    known = {*_table()["category"], *named}
    mine = {each for each in known if lane_of(each, named.get(each, "")).kind == kind}
    # What nobody speaks of is catalog work.
    return (frozenset(known - mine), False) if kind == DEFAULT else (frozenset(mine), True)


def revenue_of(marks: Iterable[str]) -> tuple[float, list[str]]:
    """Return what marks add to a file's weight, and those that did, the heaviest first.

    Parameters
    ----------
    marks : iterable of str
        ``"view_hero"``, ``"category_jewelry"``, ``"queue_skin"``, ``"stakes_high"``, ``"client_return"``...

    Examples
    --------
    >>> revenue_of(["view_hero", "stakes_high", "category_packshot"])
    (14.0, ['view_hero', 'stakes_high'])
    """
    table: Mapping[str, float] = _table()["revenue"]
    found = sorted((each for each in marks if each in table), key=lambda each: -table[each])
    return float(sum(table[each] for each in found)), found


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("lanes.toml").read_text(encoding="utf-8"))
