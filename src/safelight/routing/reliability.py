"""The reliability map: each task on two axes, and the zone that follows from them."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast

from safelight.errors import DeclarationError, UnknownNameError

Level = Literal["low", "medium", "high"]
Stance = Literal["adopt", "calibrate", "resist"]
SmallMistake = Literal["unnoticed", "noticeable", "damaging"]
Zone = Literal[1, 2, 3, 4]

LEVELS: tuple[Level, ...] = ("low", "medium", "high")
STANCES: tuple[Stance, ...] = ("adopt", "calibrate", "resist")
MISTAKES: tuple[SmallMistake, ...] = ("unnoticed", "noticeable", "damaging")
EDGE_CLASSES = ("hard", "soft", "hair", "translucent", "open_weave", "reflective", "unknown")

ZONE_NAMES: Mapping[Zone, str] = MappingProxyType(
    {1: "safe for machines", 2: "hybrid", 3: "a person must", 4: "no-go without review"}
)


@dataclass(frozen=True)
class Move:
    """Another place on the axes for a task, under one edge class or category; None keeps what stands."""

    complexity: Level | None = None
    risk: Level | None = None


@dataclass(frozen=True)
class Task:
    """One row of the map: where a task stands and what the checklists ask of it.

    `edges` place the task by the subject's edge class (they replace its axes),
    `categories` by category (they only ever raise them).
    """

    name: str
    title: str
    domain: str
    complexity: Level
    risk: Level
    no_go: bool
    stance: Stance
    repetitive: bool
    small_mistake: SmallMistake
    brand_risk: bool
    manual_fallback: bool
    queue: str
    source: str
    edges: Mapping[str, Move] = field(default_factory=lambda: MappingProxyType({}))
    categories: Mapping[str, Move] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Placed:
    """Where a task stands for one file, and why in words."""

    task: str
    zone: Zone
    complexity: Level
    risk: Level
    stance: Stance
    why: str


@dataclass(frozen=True)
class Override:
    """What a studio or a guide moves: a task's axes or stance, for all files, an edge class, category or channel."""

    task: str
    complexity: Level | None = None
    risk: Level | None = None
    stance: Stance | None = None
    edge: str = ""
    category: str = ""
    channel: str = ""


@dataclass(frozen=True)
class ReliabilityMap:
    """All tasks, the least risk of each category, the queue of each failed check, and the limits of edge classes.

    Examples
    --------
    >>> known = reliability_map()
    >>> known.zone_of("background_removal", edge_class="hard"), known.zone_of("background_removal", edge_class="hair")
    (1, 3)
    >>> known.zone_of("generative_fill")
    4
    """

    tasks: Mapping[str, Task]
    least_risk: Mapping[str, Level]
    queues: Mapping[str, str]
    edge_limits: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def task(self, name: str) -> Task:
        """Return the task called `name`, or refuse with the list of those there are."""
        if name not in self.tasks:
            raise UnknownNameError(f"no task called {name!r} on the reliability map; it has: {', '.join(self.tasks)}")
        return self.tasks[name]

    def zone_of(self, task: str, category: str = "unknown", edge_class: str = "") -> Zone:
        """Return a task's zone for one category and edge class; 4 for a task that is not on the map."""
        return self.placed(task, category, edge_class).zone

    def placed(self, task: str, category: str = "unknown", edge_class: str = "") -> Placed:
        """Return where a task stands for a file.

        Parameters
        ----------
        task : str
            A row of the map. One that is not on it is zone 4: nobody has judged it yet.
        category : str
            Raises the axes, never lowers them.
        edge_class : str, one of `EDGE_CLASSES` or ""
            The class of the subject's edge; where the task names it, it sets the axes.

        Returns
        -------
        Placed
            Zone 1 where both axes are low, 2 where neither is high, 3 where one is, 4 for no-go tasks.
        """
        row = self.tasks.get(task)
        if row is None:
            why = f"{task} is not on the reliability map, so nothing is known of it"
            return Placed(task, 4, "high", "high", "resist", why)
        complexity, risk, why = row.complexity, row.risk, f"{row.title.lower()}: complexity {{}}, risk {{}}"
        if edge_class in row.edges:
            move = row.edges[edge_class]
            complexity, risk = move.complexity or complexity, move.risk or risk
            why += f" where the edge is {edge_class.replace('_', ' ')}"
        raised = row.categories.get(category, Move())
        complexity = _higher(complexity, raised.complexity)
        risk = _higher(_higher(risk, raised.risk), self.least_risk.get(category))
        zone = zone_at(complexity, risk, no_go=row.no_go)
        why = f"zone {zone} ({ZONE_NAMES[zone]}): {why.format(complexity, risk)} in category {category}"
        return Placed(task, zone, complexity, risk, row.stance, why)

    def queue_of_check(self, check: str) -> str:
        """Return the queue of a failed check; a check that is not listed has a queue of its own name."""
        return self.queues.get(check, check)

    def changed(self, overrides: Iterable[Override], channels: Collection[str] = ()) -> ReliabilityMap:
        """Return the map as a studio or a style guide moves it; the no-go mark of a task stays.

        Parameters
        ----------
        overrides : iterable of Override
            In order; later ones have the last word.
        channels : collection of str
            Where the files go: a move for a channel raises the axes of what goes there, and never lowers them.

        Raises
        ------
        UnknownNameError
            If an override names no task.
        """
        tasks = dict(self.tasks)
        for each in overrides:
            self.task(each.task)  # refuses a name that is not on the map
            row = tasks[each.task]
            move = Move(each.complexity, each.risk)
            if each.channel:
                if each.channel not in channels:
                    continue
                axes = _higher(row.complexity, each.complexity), _higher(row.risk, each.risk)
                row = replace(row, complexity=axes[0], risk=axes[1])
            elif each.edge:
                row = replace(row, edges=MappingProxyType({**row.edges, each.edge: move}))
            elif each.category:
                row = replace(row, categories=MappingProxyType({**row.categories, each.category: move}))
            else:
                row = replace(row, complexity=move.complexity or row.complexity, risk=move.risk or row.risk)
            tasks[each.task] = replace(row, stance=each.stance or row.stance, source=f"{row.source}; style guide")
        return replace(self, tasks=MappingProxyType(tasks))


def zone_at(complexity: Level, risk: Level, *, no_go: bool = False) -> Zone:
    """Return the zone at a place of the map.

    Examples
    --------
    >>> zone_at("low", "low"), zone_at("low", "medium"), zone_at("high", "low"), zone_at("low", "low", no_go=True)
    (1, 2, 3, 4)
    """
    if no_go:
        return 4
    if "high" in (complexity, risk):
        return 3
    return 1 if (complexity, risk) == ("low", "low") else 2


@cache
def reliability_map() -> ReliabilityMap:
    """Return the built-in map, read once from ``reliability.toml``."""
    path = Path(__file__).with_name("reliability.toml")
    return read_map(tomllib.loads(path.read_text(encoding="utf-8")), path.name)


def read_map(data: Mapping[str, Any], file: str) -> ReliabilityMap:
    """Read a reliability map from TOML values.

    Raises
    ------
    DeclarationError
        Naming the file, the key, its value and what it takes.
    """
    tasks = {name: _read_task(name, dict(row), file) for name, row in data["task"].items()}
    least = {
        name: _word(row["least_risk"], LEVELS, f"{file}: category.{name}.least_risk")
        for name, row in data.get("category", {}).items()
    }
    return ReliabilityMap(
        MappingProxyType(tasks),
        MappingProxyType(cast("dict[str, Level]", least)),
        MappingProxyType(dict(data.get("queue", {}))),
        MappingProxyType({key: float(value) for key, value in data.get("edge", {}).items()}),
    )


def _read_task(name: str, row: dict[str, Any], file: str) -> Task:
    where = f"{file}: task.{name}"
    for key, words in (("complexity", LEVELS), ("risk", LEVELS), ("stance", STANCES), ("small_mistake", MISTAKES)):
        _word(row.get(key), words, f"{where}.{key}")
    edges, categories = row.pop("edge", {}), row.pop("category", {})
    for each in edges:
        _word(each, EDGE_CLASSES, f"{where}.edge")
    try:
        return Task(
            name=name,
            no_go=row.pop("no_go", False),
            edges=MappingProxyType({each: _move(move, f"{where}.edge.{each}") for each, move in edges.items()}),
            categories=MappingProxyType({c: _move(move, f"{where}.category.{c}") for c, move in categories.items()}),
            **row,
        )
    except TypeError as error:
        raise DeclarationError(f"{where} does not hold: {error}") from None


def _move(data: Mapping[str, str], where: str) -> Move:
    for key, value in data.items():
        _word(key, ("complexity", "risk"), where)
        _word(value, LEVELS, f"{where}.{key}")
    return Move(**data)  # type: ignore[arg-type]


def _word(value: object, words: tuple[str, ...], where: str) -> str:
    if value not in words:
        raise DeclarationError(f"{where} is {value!r}; it takes one of {', '.join(words)}")
    return str(value)


def _higher(one: Level, other: Level | None) -> Level:
    return one if other is None else max(one, other, key=LEVELS.index)
