"""The class of a subject's edge, from what the cutout measured: it sets the zone of background removal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from safelight.routing.reliability import EDGE_CLASSES, ReliabilityMap


@dataclass(frozen=True)
class Edge:
    """A class of `EDGE_CLASSES`, and why in words with numbers."""

    name: str
    why: str


def class_of_edge(facts: Mapping[str, Any], known: ReliabilityMap, *, said: str = "") -> Edge:
    """Say what kind of edge a subject has.

    Parameters
    ----------
    facts : mapping
        What the cutout measured of its matte: ``soft_share`` (0..1 of the contour where the band is wide) and
        ``like_backdrop_share`` (0..1 of the subject that looks like the backdrop); ``edge_shares`` (0..1 of the contour
        by class) wins over both where a class that a hand repairs takes its limit.
    known : ReliabilityMap
        Its ``[edge]`` limits say from where on an edge is soft, hair or translucent.
    said : str, one of `EDGE_CLASSES` or ""
        What a person or a shot list says; it is believed.

    Returns
    -------
    Edge
        ``unknown`` where nothing was measured: then the task's own place on the map holds.

    Notes
    -----
    The limits were set on 54 cutouts: bags, rollers and books measure a soft share of 0.00 to 0.22, garments 0.06
    to 0.68, a lemur's fur 0.78 to 0.88; the light fur alone has 0.10 of it like the backdrop. By class, glass
    measures 0.21 translucent and at most 0.14 elsewhere, the fur 0.24 hair and at most 0.15 elsewhere; sheer cloth,
    lace and chrome were not among them.

    Examples
    --------
    >>> from safelight.routing.reliability import reliability_map
    >>> class_of_edge({"soft_share": 0.8, "like_backdrop_share": 0.01}, reliability_map())
    Edge(name='hair', why='80 % of the contour is soft (hair from 65 %)')
    """
    if said in EDGE_CLASSES:
        return Edge(said, f"said to be {said.replace('_', ' ')}")
    by_hand = _by_share(facts.get("edge_shares"), known)
    if by_hand is not None:
        return by_hand
    soft, like = facts.get("soft_share"), facts.get("like_backdrop_share")
    if not _is_share(soft) or not _is_share(like):
        return Edge("unknown", "nothing was measured of the edge")
    limits = known.edge_limits
    if like >= limits["translucent_like_backdrop"]:
        least = 100 * limits["translucent_like_backdrop"]
        return Edge("translucent", f"{100 * like:.0f} % of the subject looks like the backdrop (from {least:.0f} %)")
    told = f"{100 * soft:.0f} % of the contour is soft"
    if soft >= limits["hair_soft_share"]:
        return Edge("hair", f"{told} (hair from {100 * limits['hair_soft_share']:.0f} %)")
    name = "soft" if soft >= limits["soft_soft_share"] else "hard"
    return Edge(name, f"{told} (soft from {100 * limits['soft_soft_share']:.0f} %)")


_BY_HAND = ("translucent", "open_weave", "hair", "reflective")


def _by_share(shares: object, known: ReliabilityMap) -> Edge | None:
    """The first class that a hand repairs and that takes its limit of the contour; None where none does."""
    if not isinstance(shares, Mapping):
        return None
    for name in _BY_HAND:
        share, least = shares.get(name), known.edge_limits.get(f"{name}_share", 1.0)
        if _is_share(share) and share >= least:
            told = name.replace("_", " ")
            return Edge(
                name, f"{100 * share:.0f} % of the contour is {told} (repaired by hand from {100 * least:.0f} %)"
            )
    return None


def _is_share(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1
