"""What the clocks of a shoot look like: jumps of one camera, offsets between two. Only reported, never corrected."""

from __future__ import annotations

import itertools
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from safelight.core.batch import FileState
from safelight.media.names import display_name
from safelight.workflows.slates import Frame, file_number, in_order

LEAST_BACK = timedelta(seconds=2)  # a burst's files may carry the same second in another order
LEAST_ARTICLES = 3  # shot by both cameras, before an offset is said
LEAST_OFFSET_S = 60.0


@dataclass(frozen=True)
class ClockNote:
    """Something about a clock: one sentence, and the files whose time it puts in doubt."""

    text: str
    paths: tuple[str, ...] = ()


def clock_notes(files: Iterable[FileState]) -> tuple[ClockNote, ...]:
    """Return what can be seen of the clocks.

    Parameters
    ----------
    files : iterable of FileState

    Returns
    -------
    tuple of ClockNote
        A clock that jumps back while the file numbers go on; two cameras whose times of the same articles lie apart
        by a steady offset. Files without times or numbers say nothing.
    """
    held = [each for each in files if each.measured and not each.refused]
    return (*_jumps(held), *_offsets(held))


def moment_of(file: FileState) -> datetime | None:
    """Return when a file was taken, by its camera's clock; None for no time or an impossible one."""
    text = file.measured.get("capture", {}).get("taken_at", "")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=None)


def camera_of(file: FileState) -> str:
    """Return the camera by make and model, the make once, safe to show; "" where the file does not say."""
    capture = file.measured.get("capture", {})
    make, model = capture.get("make", ""), capture.get("model", "")
    if model.casefold().startswith(make.casefold()):
        make = ""
    named = " ".join(each for each in (make, model) if each)
    return display_name(named) if named else ""


def _jumps(files: Sequence[FileState]) -> Iterable[ClockNote]:
    sequences: dict[tuple[str, str], dict[str, FileState]] = defaultdict(dict)
    for each in files:
        if file_number(each.path) is not None and moment_of(each) is not None:
            sequences[str(PurePosixPath(each.path).parent), camera_of(each)][each.path] = each
    for (_, camera), own in sorted(sequences.items()):
        ordered = [own[each.path] for each in in_order(Frame(path) for path in own)]
        for before, after in itertools.pairwise(ordered):
            was, then = moment_of(before), moment_of(after)
            if was is not None and then is not None and was - then > LEAST_BACK:
                text = (
                    f"the clock of {camera or 'a camera'} went back {_told(was - then)} between "
                    f"{display_name(before.path)} and {display_name(after.path)}"
                )
                yield ClockNote(text, (before.path, after.path))


def _offsets(files: Sequence[FileState]) -> Iterable[ClockNote]:
    times: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for each in files:
        moment, sku = moment_of(each), each.sorted.get("sku", "")
        if moment is not None and sku and camera_of(each):
            times[camera_of(each)][sku].append((moment - datetime(2000, 1, 1)).total_seconds())
    cameras = sorted(times)
    for at, one in enumerate(cameras):
        for other in cameras[at + 1 :]:
            both = sorted(set(times[one]) & set(times[other]))
            if len(both) < LEAST_ARTICLES:
                continue
            apart = [statistics.median(times[other][sku]) - statistics.median(times[one][sku]) for sku in both]
            offset = statistics.median(apart)
            spread = statistics.median([abs(each - offset) for each in apart])
            # An offset is one only if the articles agree on it better than it is large.
            if abs(offset) >= LEAST_OFFSET_S and spread < abs(offset) / 3:
                ahead, behind = (other, one) if offset > 0 else (one, other)
                yield ClockNote(
                    f"the clock of {ahead} is about {_told(timedelta(seconds=abs(offset)))} ahead of {behind}'s, by "
                    f"{len(both)} articles that both shot (give or take {_told(timedelta(seconds=spread))}); "
                    "times are left as they are"
                )


def _told(span: timedelta) -> str:
    seconds = span.total_seconds()
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
