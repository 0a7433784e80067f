"""A batch report as one HTML page: nothing beside it, nothing fetched, every string shown as text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from safelight.reports import sentences, words
from safelight.reports.counts import (
    count,
    count_by_category,
    groups_of,
    queues_of,
    stage_times,
)
from safelight.reports.kpi_table import first_look_change_text, first_look_text, trend_text, window_text
from safelight.reports.model import (
    STANDINGS,
    BatchReport,
    CheckLine,
    DeliveryLine,
    FileReport,
    Thumbnail,
)

_TEMPLATES = Path(__file__).parent / "templates"
# What a picture's bytes must begin with to be shown; anything else is refused.
_SIGNATURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
_LONGEST_TEXT = 400  # a camera may write megabytes into a field
_SAME_PLACE = 0.7  # of their union, from where two boxes show the same
_SEVERITY = {"fail": 0, "warn": 1, "pass": 2}
_STANDING_ICONS = {
    "delivered": "pass",
    "approved": "pass",
    "waiting": "clock",
    "sent_back": "back",
    "working": "none",
    "left_out": "alternate",
    "refused": "fail",
}
_ROUTE_ICONS = {"hold": "hold", "specialist": "person", "review": "clock", "spot_check": "clock", "auto": "pass"}


@dataclass(frozen=True)
class Mark:
    """One numbered place on a picture, and all that was found there."""

    box: tuple[float, float, float, float]
    texts: tuple[str, ...]
    checks: tuple[str, ...]
    heat: bytes
    crop: Thumbnail | None


def write_page(report: BatchReport) -> str:
    """Return the report as one self-contained HTML page.

    Parameters
    ----------
    report : BatchReport
        Strings may hold anything a file name or a camera wrote: they are escaped, and
        controls, right-to-left overrides and broken UTF-8 are spelled out.

    Returns
    -------
    str
        HTML 5 that can be encoded as UTF-8. Pictures are data URIs; styles and script are inline. A content
        security policy forbids every request and every script but the page's own, by its hash.

    Raises
    ------
    ValueError
        If a picture is neither JPEG, PNG nor WebP.

    Examples
    --------
    >>> page = write_page(BatchReport("shoot", "acme", "2026-11-19T14:32:08Z", ()))
    >>> page.startswith("<!doctype html>")
    True
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    css, js, icons = ((_TEMPLATES / name).read_text("utf-8") for name in ("report.css", "report.js", "icons.html"))
    given = _facts_of(report) | _tools_of(report)
    page: str = environment.get_template("page.html").render(
        given | {"css": Markup(css), "js": Markup(js), "icons": Markup(icons), "policy": _policy(js)}
    )
    return page.lstrip()


def _finalized(value: object) -> object:
    """Spell out what could hide in a string and cut what is no text for people; our own markup passes."""
    if hasattr(value, "__html__") or not isinstance(value, str):
        return value
    shown = words.plain(value[:_LONGEST_TEXT])
    return shown if len(value) <= _LONGEST_TEXT else f"{shown}… ({len(value):,} characters)"


def _policy(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _facts_of(report: BatchReport) -> dict[str, Any]:
    """Return what the page tells: counts, queues, channels, times."""
    files = report.files
    total = count("All", files)
    times = sorted(stage_times(report), key=lambda each: -each.seconds)
    return {
        "report": report,
        "files": files,
        "total": total,
        "counts": list(count_by_category(files)),
        "columns": [(each, words.STANDING_WORDS[each]) for each in STANDINGS if total.standings[each]],
        "queues": queues_of(files),
        "refused": [each for each in files if each.standing == "refused"],
        "channels": _channels(files),
        "groups": groups_of(files),
        "times": times,
        "longest_time": max((each.seconds for each in times), default=0) or 1.0,
        "pace": sentences.pace(report),
        "when": sentences.date(report.when),
        "headline": sentences.headline(report.name, total),
        "next_line": sentences.next_line(total),
        "nothing_delivered": "Nothing has left yet."
        if not total.standings["approved"]
        else "Nothing has left yet; what is approved goes out with the next delivery.",
    }


def _tools_of(report: BatchReport) -> dict[str, Any]:
    """Return the functions that the templates call."""
    order = {id(each): place for place, each in enumerate(report.files, start=1)}
    tools: dict[str, Callable[..., Any]] = {
        "index": lambda file: order[id(file)],
        "uri": _data_uri,
        "percent": lambda share: f"{100 * share:.2f}%",
        "ratio": lambda thumb: f"{thumb.width / thumb.height:.5f}",
        "mark": _mark,
        "alt": _alt,
        "panes": _panes,
        "same_view": _same_view,
        "marks_of": _marks_of,
        "file_named": {each.name: each for each in reversed(report.files)}.get,
        "place": _place,
        "by_severity": _by_severity,
        "broken": lambda line: any(each.word != "pass" for each in line.rules),
        "rules_told": sentences.rules_told,
        "gate_told": sentences.gate_told,
        "check_word": lambda check: words.state(check.word, known=_is_known(check)),
        "state_word": sentences.state_word,
        "sure_told": sentences.sure_told,
        "where_told": lambda file: ", ".join(
            each for each in (file.sku, file.view, words.spoken(file.category)) if each
        ),
        "routes_told": sentences.routes_told,
        "route_told": _route_told,
        "route_icon": lambda route: _ROUTE_ICONS.get(route, "clock"),
        "spoken": words.spoken,
        "first_look_text": first_look_text,
        "first_look_change_text": first_look_change_text,
        "window_text": window_text,
        "trend_text": trend_text,
        "sentence": words.sentence,
        "measured": words.measured,
        "limit": words.limit,
        "duration": words.duration,
        "many": words.many,
        "sure": words.sure,
    }
    return tools | {"route_words": words.ROUTE_WORDS, "cull_words": words.CULL_WORDS}


def _data_uri(data: bytes) -> Markup:
    """Return picture bytes as a data URI whose type is what the bytes are."""
    kind = next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), "")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        kind = "image/webp"
    if not kind:
        raise ValueError(f"a picture of the report begins with {data[:8]!r}; it takes JPEG, PNG or WebP")
    # Base64 needs no escaping, and escaping megabytes of it takes seconds.
    return Markup(f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}")


def _place(box: tuple[float, float, float, float]) -> str:
    x0, y0, x1, y1 = box
    return f"left:{100 * x0:.3f}%;top:{100 * y0:.3f}%;width:{100 * (x1 - x0):.3f}%;height:{100 * (y1 - y0):.3f}%"


def _mark(file: FileReport) -> dict[str, str]:
    """Return the sign and the word of where a file stands; what waits says for whom."""
    word, icon = words.STANDING_WORDS[file.standing], _STANDING_ICONS[file.standing]
    if file.standing == "waiting" and file.route:
        word = words.route(file.route)
        icon = _ROUTE_ICONS.get(file.route, "clock")
    if file.standing == "left_out":
        word = words.CULL_WORDS.get(file.cull_class, word)
        icon = "reject" if file.cull_class == "reject" else "alternate"
    return {"icon": icon, "word": word}


def _route_told(file: FileReport) -> str:
    """Return the route and its queue, where the state beside it does not say so already."""
    said = [] if _mark(file)["word"] == words.route(file.route) else [words.route(file.route)]
    return ", ".join([*said, *([f"queue {words.spoken(file.queue).lower()}"] if file.queue else [])])


def _alt(file: FileReport) -> str:
    """Name a picture by its file and its states."""
    said = [file.name, _mark(file)["word"]]
    if file.cull_class and file.standing != "left_out":
        said.append(words.CULL_WORDS.get(file.cull_class, file.cull_class))
    if file.confidence is not None:
        said.append(f"confidence {file.confidence:.2f}")
    return ", ".join(said)


def _marks_of(file: FileReport) -> list[Mark]:
    """Return the places to look at, the worst check's first; boxes that lie on each other are one place."""
    marks: list[Mark] = []
    for check in _by_severity(file.checks):
        for each in check.evidence:
            place = next((n for n, old in enumerate(marks) if _overlap(old.box, each.box) > _SAME_PLACE), len(marks))
            if place == len(marks):
                marks.append(Mark(each.box, (), (), each.heat, each.crop))
            old, text = marks[place], each.text or words.spoken(each.measure)
            marks[place] = replace(
                old,
                texts=tuple(dict.fromkeys((*old.texts, text))),
                checks=tuple(dict.fromkeys((*old.checks, check.check))),
                heat=old.heat or each.heat,
                crop=old.crop or each.crop,
            )
    return marks


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the shared area of two boxes as a share of both together."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    areas = sum((each[2] - each[0]) * (each[3] - each[1]) for each in (one, other))
    return wide * high / (areas - wide * high)


def _panes(file: FileReport) -> list[tuple[str, str, Thumbnail]]:
    both = (("before", "Before", file.before), ("after", "After", file.after))
    return [(role, word, thumb) for role, word, thumb in both if thumb is not None]


def _same_view(file: FileReport) -> bool:
    """Tell whether before and after show the same frame, so that a box of one lies right on the other."""
    if file.before is None or file.after is None:
        return False
    before, after = (each.width / each.height for each in (file.before, file.after))
    return abs(before / after - 1) < 0.01


def _by_severity(checks: tuple[CheckLine, ...]) -> list[CheckLine]:
    return sorted(checks, key=lambda each: _SEVERITY[each.word])


def _is_known(check: CheckLine) -> bool:
    """Tell whether a warning comes from a value, and not from one that could not be measured."""
    off = [each for each in check.measures if each.word != "pass"]
    return not off or any(each.value is not None for each in off)


def _channels(files: tuple[FileReport, ...]) -> Mapping[str, list[tuple[FileReport, DeliveryLine]]]:
    found: dict[str, list[tuple[FileReport, DeliveryLine]]] = {}
    for file in files:
        for line in file.deliveries:
            found.setdefault(line.channel, []).append((file, line))
    for lines in found.values():
        lines.sort(key=lambda pair: (not pair[1].refused, all(each.word == "pass" for each in pair[1].rules)))
    return dict(sorted(found.items()))
