"""What a report says in sentences; the page and the terminal say the same."""

from __future__ import annotations

from datetime import datetime

from safelight.reports import words
from safelight.reports.counts import CategoryCount, pictures_per_hour
from safelight.reports.model import BatchReport, DeliveryLine, FileReport, MeasureLine


def state_word(line: MeasureLine) -> str:
    """Return what a measure's state is called."""
    return words.state(line.word, known=line.value is not None, direction=line.direction)


def gate_told(file: FileReport) -> str:
    """Return how many checks pass, are near a limit, fail."""
    told = {"pass": "pass", "warn": "near", "fail": "fail"}
    counts = {word: sum(each.word == word for each in file.checks) for word in told}
    return ", ".join(f"{counts[word]} {said}" for word, said in told.items() if counts[word])


def sure_told(file: FileReport) -> str:
    """Return what the confidence means, and whether it is calibrated."""
    if file.confidence is None:
        return "" if file.standing == "left_out" else "No step gave a confidence."
    said = "Chance that a reviewer approves it unchanged"
    return f"{said}." if file.calibrated else f"{said}; not calibrated yet."


def rules_told(line: DeliveryLine) -> str:
    """Return how a delivered file keeps its channel's rules, or why it was not delivered."""
    if line.refused:
        return f"not delivered: {line.refused}"
    off = [each for each in line.rules if each.word != "pass"]
    rules = words.many(len(line.rules), "rule")
    if not off:
        return f"{rules} kept" if line.rules else ""
    return f"{len(off)} of {rules} not kept: {', '.join(words.spoken(each.rule).lower() for each in off)}"


def routes_told(row: CategoryCount) -> str:
    """Return for whom files wait, the strictest first."""
    told = [
        f"{number} {words.ROUTE_WORDS[route].split(',')[0].lower()}" for route, number in row.routes.items() if number
    ]
    return ", ".join(reversed(told)) or "nobody"


def headline(name: str, total: CategoryCount) -> str:
    """Return where all files stand in one sentence; never without its parts."""
    standings = total.standings
    waits = standings["waiting"] + standings["sent_back"]
    parts = [f"{standings['delivered']} delivered"]
    parts += [f"{standings['approved']} approved"] if standings["approved"] else []
    parts += [f"{waits} {'waits' if waits == 1 else 'wait'} for people"]
    parts += [f"{standings['left_out']} left out at culling"] if standings["left_out"] else []
    parts += [f"{standings['refused']} refused"] if standings["refused"] else []
    parts += [f"{standings['working']} in work"] if standings["working"] else []
    return f"{name}: {words.many(total.files, 'file')}. {', '.join(parts)}."


def next_line(total: CategoryCount) -> str:
    """Return what people are asked for next."""
    routes = total.routes
    asked = routes["hold"] + routes["specialist"] + routes["review"]
    sampled = routes["auto"] + routes["spot_check"]
    said = []
    if asked:
        own = "asks for a look of its own" if asked == 1 else "ask for a look of their own"
        said.append(f"{words.many(asked, 'file')} {own}.")
    if sampled:
        said.append(f"{words.many(sampled, 'file')} can leave once a named person has decided the release's sample.")
    return " ".join(said)


def pace(report: BatchReport) -> str:
    """Return how long the run took and its throughput."""
    rate = pictures_per_hour(report)
    said = [] if report.wall_s is None else [f"run of {words.duration(report.wall_s)}"]
    said += [words.many(report.workers, "worker")] if report.workers else []
    said += [f"{rate:,.0f} pictures an hour"] if rate else []
    return ", ".join(said)


def date(when: str) -> str:
    """Return an ISO date as people read it; what is no date stays as it is."""
    try:
        return datetime.fromisoformat(when).strftime("%a %d %b %Y, %H:%M")
    except ValueError:
        return when
