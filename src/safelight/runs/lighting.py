"""Which frames stood in the same light: one correction really fits all members of such a group."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

# After such a break lamps were moved, or the sun has.
BREAK_S = 2 * 3600.0

Intake = Mapping[str, Any]


@dataclass(frozen=True)
class _Frame:
    """A frame by when it was taken, and what its paper shows: stops of red and blue over green, and of light."""

    path: str
    taken_at: str
    seconds: float | None
    paper: tuple[float, float, float] | None

    @property
    def order(self) -> tuple[str, str]:
        return self.taken_at, self.path


def group_by_light(found: Mapping[str, Intake], skus: Mapping[str, str]) -> dict[str, str]:
    """Say with which frames each one shares its light.

    Parameters
    ----------
    found : mapping of path to what intake found
    skus : mapping of path to article number, "" where there is none

    Returns
    -------
    dict of path to the name of its lighting group

    Notes
    -----
    Frames of one camera in one folder begin as one group. It is split where more than two hours passed between
    frames, and where three frames or more have paper that differs from the others' by more than 2.5 degrees in color
    or half a stop in light. Single frames in other light stay, for the steps to single out; frames without paper go
    with the one nearest in time. A file without a camera in its metadata proves nothing about its light: it stands
    alone, or with its article. The groups depend on the frames, never on the order they came in.

    Examples
    --------
    >>> frame = {"capture": {"make": "One", "model": "", "taken_at": ""}, "facts": {}}
    >>> group_by_light({"a/1.jpg": frame, "a/2.jpg": frame}, {})
    {'a/1.jpg': 'a|One', 'a/2.jpg': 'a|One'}
    """
    begun: dict[str, list[_Frame]] = {}
    named: dict[str, str] = {}
    for path in sorted(found):
        capture = found[path]["capture"]
        camera = " ".join(each for each in (capture["make"], capture["model"]) if each)
        if camera:
            begun.setdefault(f"{PurePosixPath(path).parent}|{camera}", []).append(_frame(path, found[path]))
        else:
            sku = skus.get(path, "")
            named[path] = f"article {sku}" if sku else path
    for base, frames in begun.items():
        sessions = _sessions(sorted(frames, key=lambda each: each.order))
        lights = [light for session in sessions for light in _lights(session)]
        for number, light in enumerate(lights, start=1):
            name = base if number == 1 else f"{base}|light {number}"
            named |= {each.path: name for each in light}
    return {path: named[path] for path in found}


def _frame(path: str, found: Intake) -> _Frame:
    taken_at = found["capture"]["taken_at"]
    try:
        seconds: float | None = datetime.fromisoformat(taken_at).replace(tzinfo=UTC).timestamp()
    except ValueError:
        seconds = None
    return _Frame(path, taken_at, seconds, paper_of(found["facts"].get("metering", {}).get("facts", {})))


def paper_of(metering: Mapping[str, Any]) -> tuple[float, float, float] | None:
    """Return what unclipped paper behind the subject shows; None where there is none.

    Stops of red and of blue over green, and of light, in linear Rec.2020.
    """
    backdrop, gains = metering.get("backdrop", {}), metering.get("neutral_gains", {}).get("backdrop")
    if not backdrop.get("found") or gains is None or min(gains) <= 0.0 or backdrop["level"] <= 0.0:
        return None
    if max(backdrop["clipped"]) > 0.1 or backdrop["lighter_than"] < 0.5:
        return None
    return math.log2(gains[1] / gains[0]), math.log2(gains[1] / gains[2]), math.log2(backdrop["level"])


def _sessions(frames: Sequence[_Frame]) -> list[list[_Frame]]:
    """Cut frames, sorted by time, at long breaks; those without a time come first and are one session."""
    sessions: list[list[_Frame]] = []
    last: _Frame | None = None
    for each in frames:
        same = last is not None and (
            (each.seconds is None and last.seconds is None)
            or (each.seconds is not None and last.seconds is not None and each.seconds - last.seconds <= BREAK_S)
        )
        if same:
            sessions[-1].append(each)
        else:
            sessions.append([each])
        last = each
    return sessions


def _lights(session: list[_Frame]) -> list[list[_Frame]]:
    """Split one session into the lights that three frames or more were taken in, by their first frame."""
    import numpy as np

    from safelight.pixels.measure.lamps import find_lights, nearest_light

    known = [each for each in session if each.paper is not None]
    papers = np.array([each.paper for each in known], np.float64).reshape(-1, 3)
    middles = find_lights(papers)
    if len(middles) < 2:
        return [session]
    light_of = dict(zip((each.path for each in known), nearest_light(papers, middles).tolist(), strict=True))
    neighbors = _Neighbors(known)
    lights: dict[int, list[_Frame]] = {}
    for each in session:
        at = each if each.paper is not None else neighbors.of(each)
        lights.setdefault(light_of[at.path], []).append(each)
    return sorted(lights.values(), key=lambda light: light[0].order)


class _Neighbors:
    """Frames with paper, by time and by name, to find the one taken nearest to a frame without."""

    def __init__(self, known: Sequence[_Frame]) -> None:
        self._by_time = sorted((each for each in known if each.seconds is not None), key=lambda each: each.order)
        self._by_time.sort(key=lambda each: each.seconds or 0.0)
        self._times = [each.seconds or 0.0 for each in self._by_time]
        self._by_name = sorted(known, key=lambda each: each.path)
        self._names = [each.path for each in self._by_name]

    def of(self, frame: _Frame) -> _Frame:
        """The frame that was taken nearest to this one, the earlier of equals; without times, by its name."""
        if frame.seconds is None or not self._times:
            at = bisect_left(self._names, frame.path)
            near = self._by_name[max(0, at - 1) : at + 1]
            return min(near, key=lambda each: (abs(_rank(each.path, frame.path)), each.order))
        at, when = bisect_left(self._times, frame.seconds), frame.seconds
        places = [each for each in (at, bisect_left(self._times, self._times[at - 1]) if at else -1) if each >= 0]
        near = [self._by_time[each] for each in places if each < len(self._times)]
        return min(near, key=lambda each: (abs((each.seconds or 0.0) - when), each.order))


def _rank(one: str, other: str) -> float:
    """How far two names are apart in the order of names, roughly: by their first differing character."""
    for number, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return (ord(a) - ord(b)) / 256.0**number
    return 0.0
