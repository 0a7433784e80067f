"""The colors of goods in a cull: measured on thumbnails once it is known which frames go on and what they show (R54).

A color needs no detail, so a cull measures it on the 320 px that it has kept, of those frames alone; a run measures it
with all else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from safelight.core.canonical import key_of
from safelight.core.step import Picture
from safelight.plugins import step_named
from safelight.runs.sort import COLORWAY, Sorted, in_colorways

if TYPE_CHECKING:
    from safelight.runs.alike import Answers
    from safelight.runs.journal import Journal

Intake = Mapping[str, Any]
_VERSION = 1


@dataclass(frozen=True)
class ColorLook:
    """A thumbnail of the store to name the color of, and what its frame's metering told; for a worker."""

    thumbnail: str
    metering: Mapping[str, Any]
    store_root: str

    @property
    def key(self) -> str:
        """What identifies this piece of work."""
        gains = self.metering.get("neutral_gains", {}).get("backdrop")
        step = step_named(COLORWAY)
        return key_of("colorway", _VERSION, step.version, self.thumbnail, gains, _clipped(self.metering))


def with_colorways(
    frames: Sequence[Sorted], found: Mapping[str, Intake], journal: Journal, store_root: str, answers: Answers
) -> list[Sorted]:
    """Return the frames of a cull with the colorway of each that goes on and shows an article.

    Parameters
    ----------
    frames : sequence of Sorted
    found : mapping of path to what intake found
        Its thumbnail is what is measured, in the light of the frame's own paper.
    journal : Journal
        Remembers what was measured.
    store_root : str
    answers : callable
        `Pool.answers`.

    Raises
    ------
    SafelightError
        If a worker could not measure.
    """
    looks = {
        each.path: _look(found[each.path], store_root)
        for each in frames
        if each.sku and each.goes_on and COLORWAY not in each.facts
    }
    by_key = {look.key: look for look in looks.values()}
    known = dict(journal.store.ledger.works(by_key))
    new = sorted(set(by_key) - set(known))
    for key, facts, error in answers((key, measure_small, by_key[key]) for key in new):
        if error is not None:
            raise error
        known[key] = facts
    journal.say([], [(key, known[key]) for key in new])
    return in_colorways([_told(each, known[looks[each.path].key]) if each.path in looks else each for each in frames])


def _told(frame: Sorted, colors: Mapping[str, Any]) -> Sorted:
    return replace(frame, facts={**frame.facts, COLORWAY: colors})


def measure_small(look: ColorLook) -> dict[str, Any]:
    """Name the color of the goods on a thumbnail; in a worker."""
    from safelight.media.encode import decode_own
    from safelight.render.views import look_image
    from safelight.runs.bench import LentTools, blobs
    from safelight.runs.intake import balanced

    kept = blobs(look.store_root)
    image = decode_own(kept.get(look.thumbnail))
    picture = Picture(look_image(image, max(image.size)), image.size)
    seen = balanced(picture, {"metering": {"facts": look.metering}})
    return dict(step_named(COLORWAY).propose(seen, None, {}, LentTools(kept, lambda: image, {})).facts)


def _look(found: Intake, store_root: str) -> ColorLook:
    # A RAW that was developed for its thumbnail is balanced already.
    developed = found["scene_referred"] and found["by"] == "original"
    metering = {} if developed else dict(found["facts"].get("metering", {}).get("facts", {}))
    kept = {name: metering[name] for name in ("neutral_gains", "backdrop_clipped_share") if name in metering}
    return ColorLook(found["thumbnail"], kept, store_root)


def _clipped(metering: Mapping[str, Any]) -> float:
    return float(metering.get("backdrop_clipped_share", 1.0))
