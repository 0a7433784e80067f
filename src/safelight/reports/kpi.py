"""The numbers that steer a floor, by category always: one clean line must not hide another (R192 to R203)."""

from __future__ import annotations

import statistics
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from safelight.core.batch import RELEASE, RETURN, BatchState, FileState
from safelight.core.places import places_taken, with_history
from safelight.reports.forecast import Span, Window, window_of
from safelight.reports.minutes import Spent
from safelight.reports.trends import Change, Event, Share, by_week, change_of
from safelight.routing.calendar import Calendar
from safelight.routing.lanes import lane_of
from safelight.routing.reasons import return_reasons
from safelight.routing.record import FIRST_PASS_TARGET, REWORK_ALARM

ALL = "all"
SPREAD_ALARM = 3.0  # beyond it, turnaround varies so much that routing lets too much wait (R192)
OF_FRAMES = ("culling", "tagging")  # by hand they are done on every frame that comes in, whatever becomes of it


@dataclass(frozen=True)
class Rates:
    """What a studio says of its money and of how it worked before.

    Parameters
    ----------
    review_h, labor_h : float
        Cost of an hour of looking and of working.
    currency : str
    baseline_min : mapping of task to float
        Minutes that the same took by hand: ``culling`` and ``tagging`` of a frame that came in, ``retouch`` of a file
        that went on and, where there is video, ``logging`` and ``rough_cut`` of it; measured by the studio before it
        scaled up (R200).
    """

    review_h: float = 0.0
    labor_h: float = 0.0
    currency: str = ""
    baseline_min: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Kpi:
    """The numbers of one category.

    Parameters
    ----------
    category : str
    files, final : int
        That go on, and that were delivered.
    turnaround_h : (median, ninth decile) or None
        From the shoot's close, the last frame taken in before the file left, to its delivery; far apart means routing
        too loose.
    days_to_live : float or None
        Median days from capture (intake where the camera gave no date) to delivery.
    first_pass : Share
        Decided files approved with no revise; the target is 85 %.
    first_look : mapping of zone to Share
        Approved at the first look, by the zone of their hardest task.
    first_look_weeks : mapping of zone to tuple of (week, Share)
        The same by the ISO week of that look (R196).
    first_look_change : mapping of zone to Change
        Whether it rises: the later half against the earlier one; under 0 for all zones together.
    revised : Share
        Files that came back after QC.
    trend : tuple of (week, share)
        Of revised among decided, by ISO week.
    revised_change : Change
        Whether that share rises.
    unseen : int
        Files that left without a look of their own.
    escapes : int
        Those of them that a client sent back. What is shot again counts on in what takes its place.
    overridden : int
        Delivered with a verdict overridden: counted apart.
    review_min, labor_min, rework_min : float
    redo_min : float
        Rework on files that left unseen and came back: what skipping the review cost (R201).
    redone : tuple of str
        Paths of those files.
    cost : float or None
        Of a final asset, at the studio's rates; people's time on all files of the category, rejected and superseded
        ones too. None without rates or final assets.
    cost_by_hand : float or None
        What the baseline says that one cost before (R202); None without baseline, rates or final assets.
    within_sla : Share
        Approved within their lane's business hours, of all that were approved or wait beyond them.
    waiting, overdue : int
        `overdue` of them wait longer than their lane allows.
    oldest_h, median_h : float
        Age of what waits, in business hours.
    stalled_h : float
        Business hours for which something has waited and nobody has said a word in this category.
    window : Window
        When what waits now will have been approved (R199).
    saved_h : mapping of task to float
        Against the studio's own baseline; under ``"net"`` their sum less all minutes of people, redo being among them.
    causes : tuple of (reason, number, upstream)
        Why files came back, the most frequent first: causes, not people.
    currency : str
        Of the cost.
    """

    category: str
    files: int
    final: int
    turnaround_h: tuple[float, float] | None
    days_to_live: float | None
    first_pass: Share
    first_look: Mapping[int, Share]
    first_look_weeks: Mapping[int, tuple[tuple[str, Share], ...]]
    first_look_change: Mapping[int, Change]
    revised: Share
    trend: tuple[tuple[str, float], ...]
    revised_change: Change
    unseen: int
    escapes: int
    overridden: int
    review_min: float
    labor_min: float
    rework_min: float
    redo_min: float
    redone: tuple[str, ...]
    cost: float | None
    cost_by_hand: float | None
    within_sla: Share
    waiting: int
    overdue: int
    oldest_h: float
    median_h: float
    stalled_h: float
    window: Window
    saved_h: Mapping[str, float]
    causes: tuple[tuple[str, int, str], ...]
    currency: str = ""

    @property
    def reaches_target(self) -> bool | None:
        """Whether the first-pass yield reaches 85 %; None with nothing decided."""
        value = self.first_pass.value
        return None if value is None else value >= FIRST_PASS_TARGET

    @property
    def spread(self) -> float | None:
        """How many times the median the slowest tenth's turnaround is; None with nothing delivered."""
        median, ninth = self.turnaround_h or (0.0, 0.0)
        return round(ninth / median, 2) if median > 0 else None

    @property
    def alarms(self) -> bool:
        """Whether rework passes 15 %."""
        return (self.revised.value or 0.0) > REWORK_ALARM


@dataclass(frozen=True)
class _Held:
    """A file that goes on, when its shoot was closed for it, and the business hours that its lane gives it.

    What was said and delivered of the captures in whose place it was shot is its past; `stood` are their assets.
    """

    file: FileState
    closed: str
    sla_h: float
    stood: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Category:
    """What a category is counted from: files that go on, and all frames that came in, each content once."""

    own: list[_Held] = field(default_factory=list)
    frames: dict[str, FileState] = field(default_factory=dict)


# What `measure` reads of a file's short state, and of each body in it; the words on a file are read whole.
_COUNTED: Mapping[str, tuple[str, ...]] = {
    "measured": ("capture",),
    "sorted": ("category", "class"),
    "routed": ("zone", "route"),
    "approved": ("at",),
    "superseded": ("by", "by_asset"),
}
_WHOLE = (
    "path", "asset", "refused", "seen_at", "version", "versions", "routed_at", "decisions", "past_decisions",
    "overrides",
)  # fmt: skip
_LEFT = ("deliveries", "past_deliveries")


def counted(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a file's short state as JSON data (`safelight.core.standing.to_data`) is counted.

    Examples
    --------
    >>> counted({"path": "a.jpg", "made": {"blobs": {}}, "routed": {"route": "auto", "zone": 1, "uses": []}})
    {'path': 'a.jpg', 'routed': {'zone': 1, 'route': 'auto'}}
    """
    found = {name: data[name] for name in _WHOLE if name in data}
    found |= {
        name: {key: data[name][key] for key in keys if key in data[name]}
        for name, keys in _COUNTED.items()
        if name in data
    }
    return found | {name: [{"at": each["at"]} for each in data[name]] for name in _LEFT if name in data}


def measure(
    batches: Iterable[BatchState],
    minutes: Mapping[str, Spent],
    now: str,
    calendar: Calendar,
    rates: Rates | None = None,
    lanes: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Kpi]:
    """Return the numbers of each category, and of all together last.

    Parameters
    ----------
    batches : iterable of BatchState
    minutes : mapping of asset to Spent
        From `minutes_by_asset`.
    now : str
        ISO 8601 with a zone.
    calendar : Calendar
    rates : Rates, optional
    lanes : mapping of batch to mapping of category to lane, optional
        What a batch's guide names; the category's own lane elsewhere.
    """
    held: dict[str, _Category] = defaultdict(_Category)
    for batch in batches:
        seen = sorted(each.seen_at for each in batch.files.values() if each.seen_at)
        named = (lanes or {}).get(batch.name, {})
        stood = places_taken(batch.files.values())
        for file in _once(batch.files.values()):
            name = str(file.sorted.get("category") or "unknown")
            held[name].frames.setdefault(file.asset, file)
            if file.goes_on:
                lane, before = lane_of(name, named.get(name, "")), stood.get(file.asset, ())
                whole = with_history(file, before)
                assets = tuple(each.asset for each in before)
                held[name].own.append(_Held(whole, _closed(seen, _left_at(whole)), lane.sla_h, assets))
    all_of = _Category(
        [each for own in held.values() for each in own.own],
        {asset: each for own in held.values() for asset, each in own.frames.items()},
    )
    groups = [*sorted(held.items()), *([(ALL, all_of)] if len(held) != 1 else [])]
    return [_kpi(name, own, minutes, now, calendar, rates or Rates()) for name, own in groups]


def _once(files: Iterable[FileState]) -> list[FileState]:
    """Return what came in and can be read, each content once: what goes on before what was left out."""
    kept = sorted((each for each in files if each.sorted and not each.refused), key=lambda each: each.goes_on)
    return list({each.asset: each for each in kept}.values())


def _closed(seen: Sequence[str], left: str) -> str:
    """Return when a shoot was closed for a file: its last frame that was taken in before the file left."""
    before = bisect_right(seen, left) if left else len(seen)
    return seen[before - 1] if before else ""


def _kpi(
    category: str,
    held: _Category,
    minutes: Mapping[str, Spent],
    now: str,
    calendar: Calendar,
    rates: Rates,
) -> Kpi:
    own = [each.file for each in held.own]
    decided = [each for each in own if _words(each)]
    back = [each for each in decided if _came_back(each)]
    final = [each for each in own if each.deliveries or each.past_deliveries]
    spent = [minutes.get(each, Spent()) for each in held.frames]
    review, labor = sum(each.review for each in spent), sum(each.labor for each in spent)
    escaped = [each for each in held.own if _unseen(each.file) & _returned(each.file)]
    redo = sum(_redo(each, minutes) for each in escaped)
    ages = [(calendar.hours_between(e.file.waits_since, now), e.sla_h) for e in held.own if _waits(e.file)]
    overdue = sum(age > allowed for age, allowed in ages)
    looks, revisions = _looks(decided), [(_words(e)[0].at, _came_back(e)) for e in decided]
    money = review / 60 * rates.review_h + labor / 60 * rates.labor_h
    by_hand = {
        task: each * (len(held.frames) if task in OF_FRAMES else len(own)) / 60
        for task, each in rates.baseline_min.items()
    }
    return Kpi(
        category=category,
        files=len(own),
        final=len(final),
        turnaround_h=_turnaround([(each.closed, _left_at(each.file)) for each in held.own if _left_at(each.file)]),
        days_to_live=_days_to_live(final),
        first_pass=Share(len(decided) - len(back), len(decided)),
        first_look={zone: Share(sum(hit for _, hit in own), len(own)) for zone, own in looks.items() if zone},
        first_look_weeks={zone: by_week(own) for zone, own in looks.items() if zone},
        first_look_change={zone: change_of(own) for zone, own in looks.items()},
        revised=Share(len(back), len(decided)),
        trend=tuple((week, round(each.value or 0.0, 4)) for week, each in by_week(revisions)),
        revised_change=change_of(revisions),
        unseen=sum(bool(_unseen(each)) for each in final),
        escapes=len(escaped),
        overridden=sum(bool(each.overrides) for each in final),
        review_min=round(review, 2),
        labor_min=round(labor, 2),
        rework_min=round(sum(each.rework for each in spent), 2),
        redo_min=round(redo, 2),
        redone=tuple(each.file.path for each in escaped),
        cost=round(money / len(final), 4) if final and (rates.review_h or rates.labor_h) else None,
        cost_by_hand=_cost_by_hand(sum(by_hand.values()), len(final), rates),
        within_sla=_within_sla(held.own, overdue, calendar),
        waiting=len(ages),
        overdue=overdue,
        oldest_h=round(max((age for age, _ in ages), default=0.0), 2),
        median_h=round(statistics.median(age for age, _ in ages), 2) if ages else 0.0,
        stalled_h=_stalled(own, now, calendar),
        window=window_of([_span(each) for each in own if each.routed_at], now, calendar),
        saved_h=_saved(by_hand if own else {}, review + labor),
        currency=rates.currency,
        causes=_causes(back),
    )


def _cost_by_hand(hours: float, final: int, rates: Rates) -> float | None:
    """Return what a final asset cost when all of it was work by hand, at the rate of work."""
    return round(hours * rates.labor_h / final, 4) if final and hours and rates.labor_h else None


def _words(file: FileState) -> list:  # type: ignore[type-arg]
    """Return what people said of a file who looked at it, oldest first; a release's unseen members say nothing."""
    return [each for each in (*file.past_decisions, *file.decisions) if each.how != RELEASE]


def _came_back(file: FileState) -> bool:
    return any(word.decided != "approve" for word in _words(file))


def _waits(file: FileState) -> bool:
    return file.standing in ("waiting", "sent_back") and bool(file.waits_since)


def _unseen(file: FileState) -> set[str]:
    """Return the versions of a file that were let leave and that nobody had looked at for themselves or in a sample."""
    if not (file.deliveries or file.past_deliveries):
        return set()
    return {each.version for each in (*file.past_decisions, *file.decisions) if each.how == RELEASE}


def _redo(held: _Held, minutes: Mapping[str, Spent]) -> float:
    """Return the minutes of work again on an escape: all that was spent on what was shot in its place is."""
    own = minutes.get(held.file.asset, Spent())
    if not held.stood:
        return own.rework
    return sum(minutes.get(each, Spent()).rework for each in held.stood) + own.total


def _returned(file: FileState) -> set[str]:
    """Return the versions of a file that a client sent back."""
    return {each.version for each in (*file.past_decisions, *file.decisions) if each.how == RETURN}


def _left_at(file: FileState) -> str:
    """Return when a file first left, "" if it did not."""
    return min((str(each["at"]) for each in (*file.past_deliveries, *file.deliveries)), default="")


def _turnaround(spans: Sequence[tuple[str, str]]) -> tuple[float, float] | None:
    hours = sorted((_moment(left) - _moment(closed)) / timedelta(hours=1) for closed, left in spans if closed)
    if not hours:
        return None
    ninth = hours[min(len(hours) - 1, int(0.9 * len(hours)))]
    return round(statistics.median(hours), 2), round(ninth, 2)


def _days_to_live(final: Iterable[FileState]) -> float | None:
    days = []
    for each in final:
        taken = str((each.measured.get("capture") or {}).get("taken_at") or "")
        start = f"{taken}+00:00" if taken and "+" not in taken and not taken.endswith("Z") else taken
        days.append((_moment(_left_at(each)) - _moment(start or each.seen_at)) / timedelta(days=1))
    return round(statistics.median(days), 3) if days else None


def _looks(decided: Iterable[FileState]) -> dict[int, list[Event]]:
    """Return the first looks by zone, and all of them under 0: when, and whether it was an approval."""
    found: dict[int, list[Event]] = defaultdict(list)
    for each in decided:
        zone, first = int(each.routed.get("zone") or 0), _words(each)[0]
        for key in dict.fromkeys((zone, 0)):
            found[key].append((first.at, first.decided == "approve"))
    return dict(sorted(found.items()))


def _span(file: FileState) -> Span:
    """Return since when a file waited, until when, and when versions of it were approved, unseen members too."""
    passed: dict[str, str] = {}
    for each in (*file.past_decisions, *file.decisions):
        if each.decided == "approve":
            passed[each.version] = max(each.at, passed.get(each.version, ""))
    until = "" if _waits(file) else max(passed.values(), default=file.routed_at)
    if until and file.approved:
        until = str(file.approved["at"])
    return Span(file.seen_at or file.routed_at, until, tuple(sorted(passed.values())))


def _stalled(files: Sequence[FileState], now: str, calendar: Calendar) -> float:
    """Return the business hours since the last word on any of these files while one waits; 0 where none does."""
    waits = [each.waits_since for each in files if _waits(each)]
    if not waits:
        return 0.0
    said = [word.at for each in files for word in (*each.past_decisions, *each.decisions)]
    return round(calendar.hours_between(max([min(waits), *said]), now), 2)


def _within_sla(files: Iterable[_Held], overdue: int, calendar: Calendar) -> Share:
    """Return how many were approved within their lane's business hours since they were first routed.

    What waits beyond them has broken its promise too, whatever becomes of it.
    """
    hits, tries = 0, overdue
    for each in files:
        file = each.file
        if not file.approved or not file.routed_at:
            continue
        tries += 1
        own = [word.at for word in _words(file) if word.version in file.versions]  # the set's time is no lane's
        first = min([file.routed_at, *own])
        hits += calendar.hours_between(first, str(file.approved["at"])) <= each.sla_h
    return Share(hits, tries)


def _saved(by_hand: Mapping[str, float], minutes: float) -> Mapping[str, float]:
    """Return hours saved against the baseline; nothing is claimed without one."""
    if not by_hand:
        return {}
    saved = {task: round(hours, 2) for task, hours in by_hand.items()}
    return saved | {"net": round(sum(by_hand.values()) - minutes / 60, 2)}


def _causes(back: Iterable[FileState]) -> tuple[tuple[str, int, str], ...]:
    known = return_reasons()
    codes = Counter(code for each in back for code in {c for word in _words(each) for c in word.reasons})
    return tuple((code, n, known[code].upstream if code in known else "") for code, n in codes.most_common())


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
