"""A batch report as plain text for the terminal, and as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Iterable, Sequence

from safelight.reports import sentences, words
from safelight.reports.counts import count, count_by_category, queues_of
from safelight.reports.model import STANDINGS, BatchReport, FileReport

_SHOWN = 10
_LONGEST = 96
# A spreadsheet runs a cell that begins with one of these (OWASP, CSV injection).
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

COLUMNS = (
    "file",
    "sku",
    "view",
    "category",
    "standing",
    "class",
    "group",
    "route",
    "queue",
    "because",
    "confidence",
    "calibrated",
    "failed",
    "near",
    "delivered",
    "decision",
    "by",
    "seconds",
)


def summary(report: BatchReport, page: str = "") -> str:
    r"""Say what was delivered, what waits for whom and why, what was refused, and where to look.

    Parameters
    ----------
    report : BatchReport
    page : str
        Where the page lies, named in the last line; "" for none.

    Returns
    -------
    str
        Plain text without control characters, at most about 100 columns, ending with a line break.
        At most ten files a list; the page has all.

    Examples
    --------
    >>> print(summary(BatchReport("shoot", "acme", "", ()), "out/shoot/report.html"), end="")
    shoot: 0 files. 0 delivered, 0 wait for people.
    Look: out/shoot/report.html
    """
    files = report.files
    parts: list[list[str]] = [
        textwrap.wrap(words.plain(sentences.headline(report.name, count("all", files))), _LONGEST)
    ]
    if files:
        parts += [_counts(files), *_delivered(files), *_waiting(files), *_refused(files)]
    lines = [line for part in parts for line in [*part, ""]]
    if sentences.pace(report):
        lines.append(_line(f"Time: {sentences.pace(report)}"))
    if page:
        lines.append(f"Look: {words.plain(page)}")
    return "\n".join(lines if files else [each for each in lines if each]).rstrip("\n") + "\n"


def write_csv(report: BatchReport) -> str:
    r"""Return one row a file as CSV (RFC 4180), with a header of `COLUMNS`.

    Cells that a spreadsheet would run as a formula begin with an apostrophe.

    Examples
    --------
    >>> files = (FileReport("=cmd()", "waiting"),)
    >>> from safelight.reports.model import ProductReport
    >>> write_csv(BatchReport("b", "", "", (ProductReport("", "", files),))).splitlines()[1][:8]
    "'=cmd(),"
    """
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for file in report.files:
        writer.writerow([safe_cell(each) for each in _cells(file)])
    return made.getvalue()


def safe_cell(text: str) -> str:
    """Return `text` such that a spreadsheet shows it and does not run it; controls are spelled out.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell("@x"), safe_cell("0.62")
    ("'=1+1", "'@x", '0.62')
    """
    shown = words.plain(text)
    return f"'{shown}" if text.startswith(_FORMULAS) or shown.lstrip().startswith(_FORMULAS) else shown


def _cells(file: FileReport) -> list[str]:
    last = file.decisions[-1] if file.decisions else None
    return [
        file.name,
        file.sku,
        file.view,
        file.category,
        file.standing,
        file.cull_class,
        file.group,
        file.route,
        file.queue,
        file.because,
        "" if file.confidence is None else f"{file.confidence:.3f}",
        "" if file.confidence is None else ("yes" if file.calibrated else "no"),
        " ".join(each.check for each in file.checks if each.word == "fail"),
        " ".join(each.check for each in file.checks if each.word == "warn"),
        " ".join(f"{each.channel}/{each.name}" for each in file.deliveries if not each.refused),
        last.decided if last else "",
        last.by if last else "",
        f"{sum(file.seconds.values()):.2f}" if file.seconds else "",
    ]


def _counts(files: Sequence[FileReport]) -> list[str]:
    """Lay out the counts by category, the sum last."""
    rows = [*count_by_category(files), count("all", files)]
    shown = [each for each in STANDINGS if rows[-1].standings[each]]
    heads = ["category", "files", *(words.STANDING_WORDS[each].lower() for each in shown)]
    table = [
        heads,
        *([_cut(row.category, 24), str(row.files), *(str(row.standings[s]) for s in shown)] for row in rows),
    ]
    widths = [max(len(line[place]) for line in table) for place in range(len(heads))]
    return [_line("  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])])) for line in table]


def _delivered(files: Iterable[FileReport]) -> Iterable[list[str]]:
    channels: dict[str, list[str]] = {}
    refused = []
    for file in files:
        for each in file.deliveries:
            if each.refused:
                refused.append(f"  {_name(file)}  {each.channel}: {each.refused}")
            else:
                channels.setdefault(each.channel, []).append(each.name)
    if channels:
        told = (f"  {channel}: {words.many(len(names), 'file')}" for channel, names in sorted(channels.items()))
        yield ["Delivered", *map(_line, told)]
    if refused:
        yield ["Not delivered", *_short(refused)]


def _waiting(files: Iterable[FileReport]) -> Iterable[list[str]]:
    for queue in queues_of(files):
        name = f", {words.spoken(queue.queue).lower()}" if queue.queue not in ("", queue.route) else ""
        waits = f"{words.many(len(queue.files), 'file')} {'waits' if len(queue.files) == 1 else 'wait'}"
        yield [_line(f"{words.route(queue.route)}{name}: {waits}, the least sure first"), *_short(_rows(queue.files))]


def _refused(files: Iterable[FileReport]) -> Iterable[list[str]]:
    told = [f"  {_name(each)}  {each.because}" for each in files if each.standing == "refused"]
    if told:
        yield [f"Refused: {words.many(len(told), 'file')}, untouched where they lie", *_short(told)]


def _rows(files: Iterable[FileReport]) -> list[str]:
    why = "no reason was given"
    return [f"  {_name(each)}  {words.sure(each.confidence):>9}  {each.because or why}" for each in files]


def _name(file: FileReport) -> str:
    return _cut(file.name, 28).ljust(28)


def _short(lines: list[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return [*map(_line, lines[:_SHOWN]), *([f"  and {more:,} more"] if more > 0 else [])]


def _cut(text: str, longest: int) -> str:
    shown = words.plain(text)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def _line(text: str) -> str:
    return _cut(text, _LONGEST).rstrip()
