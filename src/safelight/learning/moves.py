"""The studio's own moves on the reliability map: facts that a lead answers for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from safelight.core.facts import Actor, Fact, NewFact
from safelight.errors import UsageError
from safelight.routing.reliability import EDGE_CLASSES, LEVELS, STANCES, Override, ReliabilityMap

MOVED = "map.moved"  # task: complexity, risk, stance, edge, category, channel, reason; personal: name
LEAD = Actor("person", "lead")
_AXES: Mapping[str, tuple[str, ...]] = {"complexity": LEVELS, "risk": LEVELS, "stance": STANCES}


def move(
    known: ReliabilityMap,
    task: str,
    values: Mapping[str, str],
    name: str,
    reason: str,
    *,
    edge: str = "",
    category: str = "",
    channel: str = "",
) -> list[NewFact]:
    """Return the fact of one move: another place or stance of a task, everywhere or for one kind of file.

    Parameters
    ----------
    known : ReliabilityMap
    task : str
        A row of the map.
    values : mapping
        ``complexity`` and ``risk`` (low, medium, high), ``stance`` (adopt, calibrate, resist); none takes the moves of
        the task there back.
    name, reason : str
    edge, category, channel : str
        At most one of them: the kind of file. Moves by category or channel raise the axes and never lower them.

    Raises
    ------
    UsageError
        For a missing name or reason, an unknown key or word, or more than one kind of file.
    UnknownNameError
        For a task that is not on the map.
    """
    known.task(task)
    if not name.strip():
        raise UsageError("the reliability map is moved by a person: add --as NAME")
    if not reason.strip():
        raise UsageError("a move on the reliability map needs a reason: add --reason TEXT")
    for key, value in values.items():
        if key not in _AXES:
            raise UsageError(f"no setting called {key!r} of a task; there are: {', '.join(_AXES)}")
        if value not in _AXES[key]:
            raise UsageError(f"{key} of {task} is {value!r}; it takes one of {', '.join(_AXES[key])}")
    kinds = {"edge": edge, "category": category, "channel": channel}
    if sum(bool(each) for each in kinds.values()) > 1:
        raise UsageError("a move is for an edge class, a category or a channel: say one of them")
    if edge and edge not in EDGE_CLASSES:
        raise UsageError(f"no edge class called {edge!r}; there are: {', '.join(EDGE_CLASSES)}")
    if "stance" in values and any(kinds.values()):
        raise UsageError("a stance holds for a task everywhere; leave --edge, --category and --channel away")
    body = {**dict(values), **{key: each for key, each in kinds.items() if each}, "reason": reason.strip()}
    return [NewFact(MOVED, task, body, LEAD, "", {"name": name})]


def read_moves(facts: Iterable[Fact]) -> tuple[Override, ...]:
    """Return the moves in force: the latest of each task and kind of file; one without values takes it back."""
    latest: dict[tuple[str, str, str, str], Override] = {}
    for fact in facts:
        if fact.kind != MOVED:
            continue
        body = fact.body
        place = (fact.subject, body.get("edge", ""), body.get("category", ""), body.get("channel", ""))
        values = {key: body[key] for key in _AXES if key in body}
        if not values:
            latest.pop(place, None)
            continue
        latest[place] = Override(
            fact.subject,
            values.get("complexity"),
            values.get("risk"),
            values.get("stance"),
            edge=place[1],
            category=place[2],
            channel=place[3],
        )
    return tuple(latest.values())


def move_text(values: Mapping[str, str | None], where: str) -> str:
    """Say a move in words.

    Examples
    --------
    >>> move_text({"risk": "medium"}, "amazon-main"), move_text({}, "")
    ('risk medium for amazon-main', 'as it was')
    """
    said = ", ".join(f"{key} {value}" for key, value in values.items() if value) or "as it was"
    return said + (f" for {where}" if where else "")


def map_lines(known: ReliabilityMap, moves: Iterable[Override]) -> list[dict[str, object]]:
    """Return a line a task: its place, its stance, and what the studio moved."""
    moved: dict[str, list[str]] = {}
    for each in moves:
        axes = {key: getattr(each, key) for key in _AXES}
        moved.setdefault(each.task, []).append(move_text(axes, each.edge or each.category or each.channel))
    lines: list[dict[str, object]] = []
    for task in known.tasks.values():
        zone = known.zone_of(task.name)
        own = moved.get(task.name, [])
        text = f"{task.name}: zone {zone}, complexity {task.complexity}, risk {task.risk}, {task.stance}"
        lines.append(
            {
                "task": task.name,
                "title": task.title,
                "domain": task.domain,
                "zone": zone,
                "complexity": task.complexity,
                "risk": task.risk,
                "stance": task.stance,
                "no_go": task.no_go,
                "queue": task.queue,
                "moved": own,
                "text": text + (f"; moved: {'; '.join(own)}" if own else ""),
            }
        )
    return lines
