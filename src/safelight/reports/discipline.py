"""Source discipline: which part of a shoot is chaotic, in what way, and what that will cost people (R39)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from types import MappingProxyType

from safelight.core.batch import BatchState, FileState
from safelight.media.names import display_name
from safelight.reports.clocks import ClockNote, camera_of, clock_notes


@dataclass(frozen=True)
class Assumption:
    """What one fault costs a person, and what they do in that time."""

    minutes: float
    words: str
    because: str
    own: bool = False  # said by the style guide


# Ours, not measured in a studio: they say how parts compare, and what to put in place of them is known after a month.
ASSUMPTIONS: Mapping[str, Assumption] = MappingProxyType(
    {
        "unreadable": Assumption(3.0, "unreadable", "ask for the file again and take it in"),
        "unfit_name": Assumption(0.5, "without article", "look the article up and name the file"),
        "unknown_category": Assumption(0.25, "without category", "look and say what it is"),
        "no_time": Assumption(0.1, "without capture time", "put them in order by eye"),
        "no_camera": Assumption(0.5, "without camera data", "correct their light one by one instead of as a group"),
        "clock": Assumption(0.25, "by a clock that jumped", "put them in order by eye"),
        "mixed_light": Assumption(4.0, "in light of two colors", "correct the light by hand, with masks"),
        "split_light": Assumption(1.0, "of articles under several lights", "match the views by eye"),
        "busy_background": Assumption(2.0, "before a busy background", "mend the edge of the cut-out by hand"),
        "outside_group": Assumption(1.0, "outside their group", "look whether what suits the group suits them"),
        "same_bytes": Assumption(0.1, "copied from another file", "find out which one counts"),
        "surplus": Assumption(0.1, "further ones of a burst", "glance at the frames that were left out"),
        "rejected": Assumption(0.25, "rejected", "confirm it"),
        "cant_tell": Assumption(0.5, "undecided", "look at 100 % and decide"),
    }
)


def assumed(own: Mapping[str, float]) -> Mapping[str, Assumption]:
    """Return what faults cost, with a studio's own minutes in place of ours.

    Examples
    --------
    >>> assumed({"no_time": 2.0})["no_time"].minutes, assumed({})["no_time"].minutes
    (2.0, 0.1)
    """
    said = {name: replace(ASSUMPTIONS[name], minutes=minutes, own=True) for name, minutes in own.items()}
    return MappingProxyType({**ASSUMPTIONS, **said})


# What automation spares a packshot's retoucher; a part that costs more than this a frame is better shot again.
SPARED_MINUTES = 3.0
TIDY, CHAOTIC = 0.15, 0.5  # minutes a frame: up to the first a part is tidy, from the second on chaotic


@dataclass(frozen=True)
class Part:
    """One camera in one folder: its frames, its faults by kind with their count, and the minutes they will cost."""

    folder: str
    camera: str
    frames: int
    faults: Mapping[str, int]
    minutes: float

    @property
    def a_frame(self) -> float:
        """Minutes a frame."""
        return self.minutes / self.frames if self.frames else 0.0

    @property
    def word(self) -> str:
        """``"tidy"``, ``"untidy"`` or ``"chaotic"``."""
        return "tidy" if self.a_frame <= TIDY else "chaotic" if self.a_frame >= CHAOTIC else "untidy"

    @property
    def costs_more_than_it_saves(self) -> bool:
        """True if correcting it takes longer than automation spares."""
        return self.a_frame > SPARED_MINUTES


@dataclass(frozen=True)
class Discipline:
    """A shoot's parts, the dearest a frame first, its faults in all, and what its clocks look like.

    `outside` says of each frame in what it lies outside what automation was made for (R40).
    """

    parts: tuple[Part, ...]
    faults: Mapping[str, int]
    minutes: float
    frames: int
    clocks: tuple[ClockNote, ...] = ()
    assumptions: Mapping[str, Assumption] = field(default_factory=lambda: ASSUMPTIONS)
    outside: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What the page leads with."""
        if not self.frames:
            return "There is nothing to judge yet."
        chaotic = [each for each in self.parts if each.word == "chaotic"]
        cost = f"about {self.minutes:.0f} minutes of people's time" if self.minutes >= 1 else "hardly any time"
        where = f"; {len(chaotic)} of {len(self.parts)} parts chaotic" if chaotic else ""
        return f"What this source leaves to sort out costs {cost} for {self.frames} frames{where}."


def measure_discipline(state: BatchState, assumptions: Mapping[str, Assumption] = ASSUMPTIONS) -> Discipline:
    """Return how disciplined the source of a batch is.

    Parameters
    ----------
    state : BatchState
    assumptions : mapping of fault to Assumption
        A studio's own, where it knows better.

    Notes
    -----
    Only what intake measured counts; nothing is opened. A frame can have several faults. Frames of a burst count as
    surplus only beyond the one that was picked.
    """
    files = [state.files[path] for path in sorted(state.files)]
    notes = clock_notes(files)
    jumped = {path for each in notes for path in each.paths}
    split = _split_lights(files)
    grouped = _in_groups(files)
    held: dict[tuple[str, str], list[FileState]] = defaultdict(list)
    for each in files:
        held[str(PurePosixPath(each.path).parent), camera_of(each)].append(each)
    parts = [_part(folder, camera, own, assumptions, jumped, split, grouped) for (folder, camera), own in held.items()]
    parts.sort(key=lambda each: (-each.a_frame, each.folder, each.camera))
    total = Counter[str]()
    for part in parts:
        total.update(part.faults)
    minutes = sum(each.minutes for each in parts)
    faults, outside = dict(total.most_common()), tuple(text for each in files for text in outside_of(each))
    return Discipline(tuple(parts), faults, round(minutes, 2), len(files), notes, assumptions, outside)


def faults_of(file: FileState) -> set[str]:
    """Return the faults that one file shows by itself.

    Examples
    --------
    >>> sorted(faults_of(FileState("a.jpg", refused="a.jpg is empty")))
    ['unreadable']
    """
    if file.refused:
        return {"unreadable"}
    found = set()
    capture = file.measured.get("capture", {})
    if file.measured and not capture.get("taken_at"):
        found.add("no_time")
    if file.measured and not camera_of(file):
        found.add("no_camera")
    said = file.sorted
    if said and not said.get("sku"):
        found.add("unfit_name")
    if said and said.get("category", "unknown") in ("", "unknown"):
        found.add("unknown_category")
    if said.get("class") == "reject":
        found.add("rejected")
    if said.get("class") == "cant_tell":
        found.add("cant_tell")
    found |= {each["code"] for each in said.get("outside", ())}
    reasons = file.measured.get("reasons", {}).get("metering", ())
    if any(each["code"] == "mixed_light" for each in reasons):
        found.add("mixed_light")
    return found


def outside_of(file: FileState) -> list[str]:
    """Return sentences with the file's name: in what it lies outside what automation was made for.

    Examples
    --------
    >>> said = {"outside": [{"text": "a busy background: structure along 64% of the frame's rim, limit 15%"}]}
    >>> outside_of(FileState("day 1/a.jpg", sorted=said))
    ["a.jpg: a busy background: structure along 64% of the frame's rim, limit 15%"]
    """
    light = [each for each in file.measured.get("reasons", {}).get("metering", ()) if each["code"] == "mixed_light"]
    name = display_name(PurePosixPath(file.path).name)
    return [f"{name}: {each['text']}" for each in (*light, *file.sorted.get("outside", ()))]


def _part(
    folder: str,
    camera: str,
    files: list[FileState],
    assumptions: Mapping[str, Assumption],
    jumped: set[str],
    split: set[str],
    grouped: set[str],
) -> Part:
    counts = Counter[str]()
    for each in files:
        found = faults_of(each)
        if each.path in jumped:
            found.add("clock")
        if each.path in split:
            found.add("split_light")
        if each.sorted.get("class") == "alternate":
            found.add("surplus" if each.path in grouped else "same_bytes")
        counts.update(found)
    minutes = sum(assumptions[fault].minutes * number for fault, number in counts.items())
    shown = "" if folder == "." else display_name(folder)
    return Part(
        shown, display_name(camera) if camera else "", len(files), dict(counts.most_common()), round(minutes, 2)
    )


def _split_lights(files: Iterable[FileState]) -> set[str]:
    """Return the files of articles whose frames were not all shot under one light."""
    articles: dict[str, list[FileState]] = defaultdict(list)
    for each in files:
        if each.sorted.get("sku") and each.sorted.get("lighting"):
            articles[each.sorted["sku"]].append(each)
    several = [held for held in articles.values() if len({each.sorted["lighting"] for each in held}) > 1]
    return {each.path for held in several for each in held}


def _in_groups(files: Iterable[FileState]) -> set[str]:
    """Return the paths of alternates that lie in a group: the others are alternates for having the same bytes."""
    return {each.path for each in files if each.sorted.get("class") == "alternate" and each.sorted.get("group")}
