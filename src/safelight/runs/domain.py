"""What of a frame lies outside what automation was made for: told at intake, before anything is retouched (R40).

Light of two colors is the step metering's to tell. Here are the others: a background with structure all round, and
frames whose background, skin or pose strays from those of the group they were taken with.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from safelight.runs.sort import Sorted

# Twenty products before real photographs have 0.17 and more, ten on white 0.00; of 62 catalogue pictures 61 have 0.15
# at most, and the other is a sweatshirt that fills its frame.
BUSY = 0.15
# A middle and a spread take five; fewer frames are no group that anything could stray from.
LEAST_MEMBERS = 5
# Another background, not another exposure or white balance, which are corrected: frames of the sample shoot that are
# under by 1.5 stops or on the tungsten preset lie 1.5 stops and 0.5 stops of color off, all that are well within 0.2.
BACKGROUND_STOPS, BACKGROUND_COLOR_STOPS = 2.0, 1.0
# Frames of one model lie within 3 of each other; what people call light and medium-dark skin differs by 10 to 25.
TONE_DELTA_E = 12.0
HEAD_DEG = 35.0
STANDS_TIMES = 2.0
_SPREADS = 4.0  # of a group that varies by itself only what lies far outside its own spread strays
_MAD = 1.4826  # times the median absolute deviation is the standard deviation of normal errors
_WITHOUT_BACKGROUND = ("editorial", "swatch")  # rooms and streets are meant there; a swatch fills its frame
_CLOSE = ("detail", "swatch")  # views


@dataclass(frozen=True)
class Outside:
    """One way in which a frame lies outside: `value` of `unit` against `limit`, and a sentence that says so.

    `code` is the routing flag; `what` is ``background``, ``tone`` or ``pose``.
    """

    code: str
    what: str
    value: float
    unit: str
    limit: float
    text: str

    def to_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


@dataclass(frozen=True)
class _Trait:
    """Something that frames of a group share: what is read of a frame, how far two are apart, and what that is called.

    `told` makes the sentence of (distance, limit), each as `shown` has it.
    """

    what: str
    read: Callable[[Sorted], tuple[float, ...] | None]
    apart: Callable[[Sequence[float], Sequence[float]], float]
    limit: float
    unit: str
    told: str
    by_view: bool = False
    shown: Callable[[float], float] = float


def with_domain(frames: Iterable[Sorted]) -> list[Sorted]:
    """Return the frames, each with what lies outside the domain in it.

    Parameters
    ----------
    frames : iterable of Sorted
        A whole shoot. What is rejected stays as it is and speaks for no group.

    Notes
    -----
    A group is the frames of one lighting group and category, for poses of one view too; it speaks from five frames on.
    A frame strays if it lies further from the group's median than the limit, and than four times what the group's
    frames do. The order of the frames makes no difference.
    """
    listed = list(frames)
    kept = [each for each in listed if each.cull != "reject"]
    found: dict[str, list[Outside]] = {each.path: list(_busy(each)) for each in kept}
    for trait in _TRAITS:
        groups: dict[tuple[str, ...], list[Sorted]] = {}
        for each in kept:
            key = (each.lighting, each.category, each.view if trait.by_view else "")
            groups.setdefault(key, []).append(each)
        for members in groups.values():
            for path, outside in _strays(members, trait):
                found[path].append(outside)
    return [replace(each, outside=tuple(one.to_data() for one in found.get(each.path, ()))) for each in listed]


def _busy(frame: Sorted) -> Iterator[Outside]:
    structure = frame.facts.get("metering", {}).get("backdrop", {}).get("rim_structure")
    if structure is None or structure <= BUSY or frame.category in _WITHOUT_BACKGROUND or frame.view in _CLOSE:
        return
    text = f"a busy background or a close-up: structure along {structure:.0%} of the frame's rim, limit {BUSY:.0%}"
    yield Outside("busy_background", "background", structure, "share of the rim", BUSY, text)


def _strays(members: Sequence[Sorted], trait: _Trait) -> Iterator[tuple[str, Outside]]:
    known = [(each.path, read) for each in members if (read := trait.read(each)) is not None]
    if len(known) < LEAST_MEMBERS:
        return
    middle = [statistics.median(values) for values in zip(*(read for _, read in known), strict=True)]
    distances = {path: trait.apart(read, middle) for path, read in known}
    limit = max(trait.limit, _SPREADS * _MAD * statistics.median(distances.values()))
    for path, distance in distances.items():
        if distance > limit:
            far, most = trait.shown(distance), trait.shown(limit)
            text = trait.told.format(distance=far, limit=most, frames=len(known))
            yield path, Outside("outside_group", trait.what, round(far, 3), trait.unit, round(most, 3), text)


def _level(frame: Sorted) -> tuple[float, ...] | None:
    """The backdrop's light in stops, the mean of its three channels."""
    stops = _paper(frame)
    return None if stops is None else (sum(stops) / 3,)


def _color(frame: Sorted) -> tuple[float, ...] | None:
    """How far each channel of the backdrop lies from their mean, in stops: the same at any exposure."""
    stops = _paper(frame)
    return None if stops is None else tuple(each - sum(stops) / 3 for each in stops)


def _paper(frame: Sorted) -> tuple[float, ...] | None:
    backdrop = frame.facts.get("metering", {}).get("backdrop", {})
    if not backdrop.get("found"):
        return None
    return tuple(math.log2(max(each, 1e-3)) for each in backdrop["rgb"])


def _skin(frame: Sorted) -> tuple[float, ...] | None:
    lab = (_face(frame) or {}).get("skin_lab")
    return None if lab is None else tuple(lab)


def _head(frame: Sorted) -> tuple[float, ...] | None:
    face = _face(frame) or {}
    turned = tuple(face.get(name) for name in ("yaw_deg", "pitch_deg", "roll_deg"))
    return None if None in turned else tuple(float(each) for each in turned if each is not None)


def _stance(frame: Sorted) -> tuple[float, ...] | None:
    """How many times as tall as wide the subject stands, as a power of two; None where a side cuts it off."""
    framing = frame.facts.get("framing", {})
    box = framing.get("subject_box")
    if not box or framing.get("cut_off"):
        return None
    wide, high = ((box[at + 2] - box[at]) * frame.full_size[at] for at in (0, 1))
    return None if min(wide, high) <= 0 else (math.log2(high / wide),)


def _face(frame: Sorted) -> Mapping[str, Any] | None:
    """The largest, whether or not its eyes can be told."""
    faces = frame.facts.get("people", {}).get("faces", ())
    return max(faces, key=lambda each: float(each.get("height_px") or 0.0), default=None)


def _farthest(one: Sequence[float], other: Sequence[float]) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


_TRAITS = (
    _Trait(
        "background",
        _level,
        _farthest,
        BACKGROUND_STOPS,
        "stops",
        "its background lies {distance:.1f} stops from the middle of its group's {frames}, limit {limit:.1f}",
    ),
    _Trait(
        "background",
        _color,
        _farthest,
        BACKGROUND_COLOR_STOPS,
        "stops",
        "its background's color lies {distance:.1f} stops from the middle of its group's {frames}, limit {limit:.1f}",
    ),
    _Trait(
        "tone",
        _skin,
        math.dist,
        TONE_DELTA_E,
        "ΔE*ab",
        "its skin lies ΔE*ab {distance:.0f} from the middle of its group's {frames}, limit {limit:.0f}",
    ),
    _Trait(
        "pose",
        _head,
        _farthest,
        HEAD_DEG,
        "degrees",
        "the head is turned {distance:.0f} degrees from the middle of its group's {frames}, limit {limit:.0f}",
        by_view=True,
    ),
    _Trait(
        "pose",
        _stance,
        _farthest,
        math.log2(STANDS_TIMES),
        "times",
        "its height to width is {distance:.1f} times off the middle of its group's {frames}, limit {limit:.1f}",
        by_view=True,
        shown=lambda stops: 2.0**stops,
    ),
)
