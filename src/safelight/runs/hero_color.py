"""An approved picture's color as the reference of the article's other pictures, where no swatch is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from safelight.core.batch import FileState
from safelight.core.canonical import key_of
from safelight.media.names import display_name
from safelight.runs.sort import Sorted

LEAST_SHARE = 0.1  # of the subject, as color_difference takes it: what covers less speaks for no product


@dataclass(frozen=True)
class ColorTask:
    """What a worker needs: an approved master and its matte, as blobs."""

    master: str
    matte: str
    store_root: str

    @property
    def key(self) -> str:
        """What identifies the measurement."""
        return key_of("hero_color", 2, self.master, self.matte)


def speakers(frames: Iterable[Sorted], files: Mapping[str, FileState]) -> Mapping[str, str]:
    """Return, by path, the approved picture of the same article and colorway that speaks for a frame's color.

    Frames with a swatch of their own, approved ones and those of no article have none. The first approved by capture
    time speaks, so that one picture does for all.
    """
    ordered = sorted(
        (each for each in frames if each.goes_on and each.sku), key=lambda each: (each.taken_at, each.path)
    )
    first: dict[tuple[str, str], str] = {}
    for each in ordered:
        if files[each.path].approved:
            first.setdefault((each.sku, each.color), each.path)
    return {
        each.path: first[each.sku, each.color]
        for each in ordered
        if (each.sku, each.color) in first and not files[each.path].approved and "reference_lab" not in each.expected
    }


def task_of(hero: FileState, store_root: str) -> ColorTask:
    """Return the work of measuring an approved picture."""
    kept = hero.made["blobs"]
    return ColorTask(kept["master"], kept.get("matte", ""), store_root)


def expected_of(found: Mapping[str, Any], hero: str) -> Mapping[str, Any]:
    """Return what color_difference is told, from what `measure_color` found on `hero`; nothing if it found no color."""
    if not found.get("lab"):
        return {}
    return {
        "reference_lab": found["lab"],
        "reference": f"approved hero {display_name(hero)}",
        "reference_surroundings": found["surroundings"],
    }


def measure_color(task: ColorTask) -> dict[str, Any]:
    """Measure an approved picture in a worker: the color that most of its subject has (Lab under D50), its share, and
    what stands around it.
    """
    from safelight.media.encode import decode_own
    from safelight.pixels.matte.matte_png import decode_matte
    from safelight.pixels.measure.color_region import find_colors
    from safelight.pixels.measure.region import find_subject
    from safelight.pixels.measure.surroundings import surroundings_of
    from safelight.render.planes import to_share
    from safelight.store.blobs import open_blobs

    kept = open_blobs(task.store_root)
    image = decode_own(kept.get(task.master))
    alpha = to_share(decode_matte(kept.get(task.matte))) if task.matte else None
    region = find_subject(image.pixels, image.space, alpha)
    colors = find_colors(image.pixels, image.space, region.mask, LEAST_SHARE)
    around = {name: list(lab) for name, lab in surroundings_of(image.pixels, image.space, region.mask).items()}
    if not colors.regions:
        return {"lab": [], "share": 0.0, "surroundings": around}
    main = max(colors.regions, key=lambda each: each.share)
    lab = [round(float(each), 2) for each in main.lab]
    return {"lab": lab, "share": round(float(main.share), 3), "surroundings": around}
