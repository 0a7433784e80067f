"""The numbers as lines of data, as text for a terminal, and as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from safelight.reports.kpi import SPREAD_ALARM, Kpi
from safelight.reports.rates import TASKS
from safelight.reports.table import safe_cell
from safelight.reports.trends import Change, Share
from safelight.routing.record import FIRST_PASS_TARGET, REWORK_ALARM

ZONES = (1, 2, 3, 4)  # of the reliability map: how complex and risky the hardest task of a file is
STALLED_H = 9.0  # a working day without a word is told
COLUMNS = (
    "category", "files", "final", "turnaround_median_h", "turnaround_p90_h", "days_to_live", "first_pass_yield",
    "first_pass_low", "first_pass_high", "decided", "revision_rate", "escapes", "overridden", "review_min", "labor_min",
    "rework_min", "redo_min", "cost_per_final", "within_sla", "waiting", "oldest_h", "saved_net_h", "first_cause",
    "median_h", "currency", *(f"first_look_zone_{zone}" for zone in ZONES), "revision_trend",
    *(f"saved_{task}_h" for task in TASKS), "overdue", "cost_by_hand", "turnaround_spread", "left_unseen",
    *(f"first_look_change_zone_{zone}" for zone in ZONES), "first_look_change", "first_look_change_low",
    "first_look_change_high", "revision_change", "stalled_h", "window_early", "window_middle", "window_late",
    "window_days",
)  # fmt: skip


def kpi_line(kpi: Kpi) -> dict[str, Any]:
    """Return a category's numbers as JSON data; keys are only ever added."""
    shares = {name: _share(getattr(kpi, name)) for name in ("first_pass", "revised", "within_sla")}
    plain = {
        name: getattr(kpi, name)
        for name in (
            "category", "files", "final", "days_to_live", "unseen", "escapes", "overridden", "review_min", "labor_min",
            "rework_min", "redo_min", "cost", "cost_by_hand", "waiting", "overdue", "oldest_h", "median_h", "stalled_h",
            "currency",
        )
    }  # fmt: skip
    return {
        **plain,
        **shares,
        "turnaround_h": list(kpi.turnaround_h) if kpi.turnaround_h else None,
        "first_look": {str(zone): _share(each) for zone, each in kpi.first_look.items()},
        "first_look_weeks": {
            str(zone): [[week, _share(each)] for week, each in weeks] for zone, weeks in kpi.first_look_weeks.items()
        },
        "first_look_change": {str(zone): _change(each) for zone, each in kpi.first_look_change.items()},
        "revised_change": _change(kpi.revised_change),
        "window": vars(kpi.window) | {"told": kpi.window.told()},
        "redone": list(kpi.redone),
        "trend": [list(each) for each in kpi.trend],
        "saved_h": dict(kpi.saved_h),
        "causes": [list(each) for each in kpi.causes],
        "reaches_target": kpi.reaches_target,
        "alarm": kpi.alarms,
    }


def kpi_text(kpis: Sequence[Kpi], currency: str = "") -> str:
    """Return the numbers in words, a paragraph a category."""
    return "\n\n".join(_paragraph(each, currency) for each in kpis) or "nothing to count yet"


def kpi_csv(kpis: Iterable[Kpi]) -> str:
    r"""Return one row a category as CSV (RFC 4180).

    Examples
    --------
    >>> kpi_csv([]).split(",")[0]
    'category'
    """
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in kpis:
        writer.writerow([safe_cell(str(cell)) for cell in _row(each)])
    return made.getvalue()


def _row(kpi: Kpi) -> list[object]:
    low, high = kpi.first_pass.interval
    median, ninth = kpi.turnaround_h or ("", "")
    return [
        kpi.category, kpi.files, kpi.final, median, ninth, _or_blank(kpi.days_to_live), _or_blank(kpi.first_pass.value),
        f"{low:.4f}", f"{high:.4f}", kpi.first_pass.tries, _or_blank(kpi.revised.value), kpi.escapes, kpi.overridden,
        kpi.review_min, kpi.labor_min, kpi.rework_min, kpi.redo_min, _or_blank(kpi.cost),
        _or_blank(kpi.within_sla.value), kpi.waiting, kpi.oldest_h, kpi.saved_h.get("net", ""),
        kpi.causes[0][0] if kpi.causes else "", kpi.median_h, kpi.currency,
        *(_or_blank(kpi.first_look[zone].value if zone in kpi.first_look else None) for zone in ZONES),
        trend_text(kpi), *(kpi.saved_h.get(task, "") for task in TASKS), kpi.overdue,
        _or_blank(kpi.cost_by_hand), _or_blank(kpi.spread), kpi.unseen,
        *(_word(kpi.first_look_change.get(zone)) for zone in ZONES), *_changed(kpi.first_look_change.get(0)),
        kpi.revised_change.word, kpi.stalled_h, kpi.window.early, kpi.window.middle, kpi.window.late, kpi.window.days,
    ]  # fmt: skip


def _paragraph(kpi: Kpi, currency: str) -> str:
    late = f", {kpi.overdue} beyond their lane's hours" if kpi.overdue else ""
    waits = f"{kpi.waiting} wait (oldest {kpi.oldest_h:g} h{late})"
    lines = [f"{kpi.category}: {kpi.files} files, {kpi.final} delivered, {waits}"]
    goal = "" if kpi.reaches_target is None else "reached" if kpi.reaches_target else "not reached"
    lines.append(f"  first-pass yield {kpi.first_pass.told()}" + (f"; {FIRST_PASS_TARGET:.0%} {goal}" if goal else ""))
    alarm = f"; beyond {REWORK_ALARM:.0%}: look upstream" if kpi.alarms else ""
    lines.append(f"  sent back {kpi.revised.told()}{alarm}")
    if kpi.first_look:
        lines.append(f"  approved at the first look: {first_look_text(kpi)}")
        lines.append(f"    {first_look_change_text(kpi)}")
    if len(kpi.trend) > 1:
        lines.append(f"  sent back by week: {trend_text(kpi)}; {kpi.revised_change.told()}")
    if kpi.waiting:
        lines.append(f"  {window_text(kpi)}")
    lines += [f"  {number} for {code}: look at {why}" for code, number, why in kpi.causes[:3] if why]
    if kpi.turnaround_h:
        lines.append(
            f"  turnaround {kpi.turnaround_h[0]:g} h (ninth decile {kpi.turnaround_h[1]:g} h), "
            f"{kpi.days_to_live:g} days from shoot to live{_loose(kpi)}"
        )
    lines.append(
        f"  people {kpi.review_min + kpi.labor_min:.1f} min ({kpi.rework_min:.1f} of them rework, "
        f"{kpi.redo_min:.1f} redo of what left unseen); within SLA {kpi.within_sla.told()}"
    )
    if kpi.cost is not None:
        before = "" if kpi.cost_by_hand is None else f"; by hand it was {kpi.cost_by_hand:.2f}"
        lines.append(f"  {kpi.cost:.2f} {currency or 'of your currency'} a final asset{before}")
    if kpi.saved_h:
        lines.append(f"  {kpi.saved_h['net']:g} h saved against your own baseline, redo taken off")
    if kpi.escapes or kpi.overridden:
        many = "escape" if kpi.escapes == 1 else "escapes"
        found = f"{kpi.escapes} {many} that clients found among {kpi.unseen} that left unseen"
        lines.append(f"  {found}; {kpi.overridden} delivered with a verdict overridden")
    return "\n".join(lines)


def _loose(kpi: Kpi) -> str:
    wide = kpi.spread is not None and kpi.spread > SPREAD_ALARM
    return (
        f"; slow files take {kpi.spread:.1f} times as long as most: look whether routing is too loose" if wide else ""
    )


def first_look_text(kpi: Kpi) -> str:
    """Return the QC pass rate at the first look by complexity, which is the zone of a file's hardest task."""
    told = [f"zone {zone} {each.value:.0%} of {each.tries}" for zone, each in kpi.first_look.items() if each.tries]
    return ", ".join(told)


def first_look_change_text(kpi: Kpi) -> str:
    """Return whether the pass rate at the first look rises, of all and by complexity where there are several (R196)."""
    changes = kpi.first_look_change
    zones = [f"zone {zone} {each.told()}" for zone, each in changes.items() if zone]
    if len(zones) == 1:
        return zones[0]
    return "; ".join(([f"all {changes[0].told()}"] if 0 in changes else []) + zones)


def window_text(kpi: Kpi) -> str:
    """Return when what waits will have been approved, and whether it stands still (R199)."""
    if kpi.waiting and kpi.stalled_h >= STALLED_H:
        return f"{kpi.window.told()}; nobody has said a word for {kpi.stalled_h:.0f} business hours"
    return kpi.window.told()


def trend_text(kpi: Kpi) -> str:
    """Return the revision rate week by week: ``2026-W47 12 %, 2026-W48 9 %``."""
    return ", ".join(f"{week} {share:.0%}" for week, share in kpi.trend)


def _share(share: Share) -> dict[str, Any]:
    low, high = share.interval
    counts = {"share": share.value, "hits": share.hits, "tries": share.tries}
    return counts | {"low": round(low, 4), "high": round(high, 4)}


def _change(change: Change) -> dict[str, Any]:
    low, high = change.interval
    said = {"early": _share(change.early), "late": _share(change.late), "low": round(low, 4), "high": round(high, 4)}
    return {"word": change.word, "told": change.told()} | said


def _word(change: Change | None) -> str:
    return "" if change is None else change.word


def _changed(change: Change | None) -> tuple[object, object, object]:
    if change is None:
        return "", "", ""
    low, high = change.interval
    return change.word, round(low, 4), round(high, 4)


def _or_blank(value: float | None) -> object:
    return "" if value is None else round(value, 4)
