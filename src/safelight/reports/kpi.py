"""The numbers that steer a floor, by category always: one clean line must not hide another (R192 to R203)."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from safelight.core.batch import RELEASE, RETURN, BatchState, FileState
from safelight.reports.calibration import wilson
from safelight.reports.minutes import Spent
from safelight.routing.calendar import Calendar
from safelight.routing.lanes import lane_of
from safelight.routing.reasons import return_reasons
from safelight.routing.record import FIRST_PASS_TARGET, REWORK_ALARM

ALL = "all"


@dataclass(frozen=True)
class Rates:
    """What a studio says of its money and of how it worked before.

    Parameters
    ----------
    review_h, labor_h : float
        Cost of an hour of looking and of working.
    currency : str
    baseline_min : mapping of task to float
        Minutes an asset that the same took by hand: ``culling``, ``tagging``, ``retouch`` and, where there is video,
        ``logging``, ``rough_cut``; measured by the studio before it scaled up (R200).
    """

    review_h: float = 0.0
    labor_h: float = 0.0
    currency: str = ""
    baseline_min: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Share:
    """Hits of tries with the 95 % interval of the share."""

    hits: int
    tries: int

    @property
    def value(self) -> float | None:
        """The share; None for no tries."""
        return self.hits / self.tries if self.tries else None

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval."""
        return wilson(self.hits, self.tries)

    def told(self) -> str:
        """Say it: ``82 % (41 of 50, 69 to 90 %)``."""
        if self.value is None:
            return "nothing yet"
        low, high = self.interval
        return f"{self.value:.0%} ({self.hits} of {self.tries}, {low:.0%} to {high:.0%})"


@dataclass(frozen=True)
class Kpi:
    """The numbers of one category.

    Parameters
    ----------
    category : str
    files, final : int
        That go on, and that were delivered.
    turnaround_h : (median, ninth decile) or None
        From the shoot's close, its last frame taken in, to the file's delivery; far apart means routing too loose.
    days_to_live : float or None
        Median days from capture (intake where the camera gave no date) to delivery.
    first_pass : Share
        Decided files approved with no revise; the target is 85 %.
    first_look : mapping of zone to Share
        Approved at the first look, by the zone of their hardest task.
    revised : Share
        Files that came back after QC.
    trend : tuple of (week, share)
        Of revised among decided, by ISO week.
    escapes : int
        Client returns of files that nobody had looked at.
    overridden : int
        Delivered with a verdict overridden: counted apart.
    review_min, labor_min, rework_min : float
    redo_min : float
        Minutes on files that left unseen and came back: counted against what was saved (R201).
    cost : float or None
        Of a final asset, at the studio's rates; None without rates or final assets.
    within_sla : Share
    waiting : int
    oldest_h, median_h : float
        Age of what waits, in business hours.
    saved_h : mapping of task to float
        Against the studio's own baseline, actual minutes and redo taken off the sum under ``"net"``.
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
    revised: Share
    trend: tuple[tuple[str, float], ...]
    escapes: int
    overridden: int
    review_min: float
    labor_min: float
    rework_min: float
    redo_min: float
    cost: float | None
    within_sla: Share
    waiting: int
    oldest_h: float
    median_h: float
    saved_h: Mapping[str, float]
    causes: tuple[tuple[str, int, str], ...]
    currency: str = ""

    @property
    def reaches_target(self) -> bool | None:
        """Whether the first-pass yield reaches 85 %; None with nothing decided."""
        value = self.first_pass.value
        return None if value is None else value >= FIRST_PASS_TARGET

    @property
    def alarms(self) -> bool:
        """Whether rework passes 15 %."""
        return (self.revised.value or 0.0) > REWORK_ALARM


def measure(
    batches: Iterable[BatchState],
    minutes: Mapping[str, Spent],
    now: str,
    calendar: Calendar,
    rates: Rates | None = None,
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
    """
    held: dict[str, list[tuple[FileState, str]]] = defaultdict(list)
    for batch in batches:
        closed = max((each.seen_at for each in batch.files.values()), default="")
        for file in _once(batch.files.values()):
            held[str(file.sorted.get("category") or "unknown")].append((file, closed))
    everything = [each for own in held.values() for each in own]
    groups = [*sorted(held.items()), *([(ALL, everything)] if len(held) != 1 else [])]
    return [_kpi(name, own, minutes, now, calendar, rates or Rates()) for name, own in groups]


def _once(files: Iterable[FileState]) -> list[FileState]:
    """Return what goes on, each content once."""
    return list({each.asset: each for each in files if each.goes_on and each.sorted and not each.refused}.values())


def _kpi(
    category: str,
    files: Sequence[tuple[FileState, str]],
    minutes: Mapping[str, Spent],
    now: str,
    calendar: Calendar,
    rates: Rates,
) -> Kpi:
    own = [file for file, _ in files]
    decided = [each for each in own if _words(each)]
    back = [each for each in decided if any(word.decided != "approve" for word in _words(each))]
    final = [each for each in own if each.deliveries or each.past_deliveries]
    spent = [minutes.get(each.asset, Spent()) for each in own]
    review, labor = sum(each.review for each in spent), sum(each.labor for each in spent)
    unseen = [each for each in own if _left_unseen(each) and _returned(each)]
    redo = sum(minutes.get(each.asset, Spent()).rework for each in unseen)
    ages = [calendar.hours_between(each.waits_since, now) for each in own if _waits(each)]
    money = review / 60 * rates.review_h + labor / 60 * rates.labor_h
    return Kpi(
        category=category,
        files=len(own),
        final=len(final),
        turnaround_h=_turnaround([(closed, _left_at(file)) for file, closed in files if _left_at(file)]),
        days_to_live=_days_to_live(final),
        first_pass=Share(len(decided) - len(back), len(decided)),
        first_look=_first_look(decided),
        revised=Share(len(back), len(decided)),
        trend=_trend(decided),
        escapes=len(unseen),
        overridden=sum(bool(each.overrides) for each in final),
        review_min=round(review, 2),
        labor_min=round(labor, 2),
        rework_min=round(sum(each.rework for each in spent), 2),
        redo_min=round(redo, 2),
        cost=round(money / len(final), 4) if final and (rates.review_h or rates.labor_h) else None,
        within_sla=_within_sla(own, calendar),
        waiting=len(ages),
        oldest_h=round(max(ages, default=0.0), 2),
        median_h=round(statistics.median(ages), 2) if ages else 0.0,
        saved_h=_saved(len(own), review + labor, redo, rates),
        currency=rates.currency,
        causes=_causes(back),
    )


def _words(file: FileState) -> list:  # type: ignore[type-arg]
    """Return what people said of a file who looked at it, oldest first; a release's unseen members say nothing."""
    return [each for each in (*file.past_decisions, *file.decisions) if each.how != RELEASE]


def _waits(file: FileState) -> bool:
    return file.standing in ("waiting", "sent_back") and bool(file.waits_since)


def _left_unseen(file: FileState) -> bool:
    """Whether a version left that nobody had looked at for itself or in a sample."""
    unseen = {each.version for each in (*file.past_decisions, *file.decisions) if each.how == RELEASE}
    return bool(unseen) and bool(file.deliveries or file.past_deliveries)


def _returned(file: FileState) -> bool:
    return any(each.how == RETURN for each in (*file.past_decisions, *file.decisions))


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


def _first_look(decided: Iterable[FileState]) -> Mapping[int, Share]:
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for each in decided:
        zone = int(each.routed.get("zone") or 0)
        counts[zone][1] += 1
        counts[zone][0] += _words(each)[0].decided == "approve"
    return {zone: Share(hits, tries) for zone, (hits, tries) in sorted(counts.items())}


def _trend(decided: Iterable[FileState]) -> tuple[tuple[str, float], ...]:
    weeks: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in decided:
        year, week, _ = _moment(_words(each)[0].at).isocalendar()
        own = weeks[f"{year}-W{week:02}"]
        own[1] += 1
        own[0] += any(word.decided != "approve" for word in _words(each))
    return tuple((week, round(hits / tries, 4)) for week, (hits, tries) in sorted(weeks.items()))


def _within_sla(files: Iterable[FileState], calendar: Calendar) -> Share:
    """Return how many approved files were approved within their lane's business hours since they were first routed."""
    hits = tries = 0
    for each in files:
        if not each.approved or not each.routed_at:
            continue
        tries += 1
        first = min([each.routed_at, *(word.at for word in _words(each))])
        lane = lane_of(str(each.sorted.get("category", "")))
        hits += calendar.hours_between(first, str(each.approved["at"])) <= lane.sla_h
    return Share(hits, tries)


def _saved(files: int, minutes: float, redo: float, rates: Rates) -> Mapping[str, float]:
    """Return hours saved against the baseline; nothing is claimed without one."""
    if not rates.baseline_min or not files:
        return {}
    saved = {task: round(files * each / 60, 2) for task, each in rates.baseline_min.items()}
    return saved | {"net": round(sum(saved.values()) - minutes / 60 - redo / 60, 2)}


def _causes(back: Iterable[FileState]) -> tuple[tuple[str, int, str], ...]:
    known = return_reasons()
    codes = Counter(code for each in back for code in {c for word in _words(each) for c in word.reasons})
    return tuple((code, n, known[code].upstream if code in known else "") for code, n in codes.most_common())


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
