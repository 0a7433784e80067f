"""What the policy is told of a file, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from safelight.core.check import Verdict
from safelight.core.edit import Confidence, Reason
from safelight.core.facts import CullClass, Route
from safelight.routing.checklist import Checklist, Outcomes, ask
from safelight.routing.escapes import Standing
from safelight.routing.reliability import Placed, ReliabilityMap, Zone

Stakes = Literal["standard", "high"]
LaneRoute = Literal["auto", "spot_check", "review"]
Flag = Literal["mixed_light", "reflective", "translucent", "touches_frame", "outside_group", "busy_background", "stale"]

STAKES: tuple[Stakes, ...] = get_args(Stakes)
LANE_ROUTES: tuple[LaneRoute, ...] = get_args(LaneRoute)
FLAGS: tuple[Flag, ...] = get_args(Flag)
NO_OUTCOMES = Outcomes()


@dataclass(frozen=True)
class Lane:
    """How far a style guide lets files go without a look of their own.

    `confidence` is what the least sure step must reach; it says nothing in a lane of route ``review``. `kind` is one
    of `safelight.routing.lanes`, or "" for the category's own.
    """

    name: str = "standard"
    route: LaneRoute = "review"
    confidence: float = 0.9
    kind: str = ""


@dataclass(frozen=True)
class Use:
    """A step as it was used on this file: its task's place on the map, how sure it is, what the checklists advise."""

    step: str
    placed: Placed
    queue: str = "review"
    confidence: Confidence | None = None
    checklist: Checklist | None = None
    draft: bool = False
    outcomes: Outcomes = NO_OUTCOMES


@dataclass(frozen=True)
class RouteInputs:
    """Everything the route depends on; quarantined and unreadable files never come here.

    Parameters
    ----------
    uses : tuple of Use
        The steps that made the version. Facts steps have none.
    verdicts : tuple of Verdict
        Gate 1, each check's judged measures.
    queues : pairs of (check, queue)
        Where each failed check sends the file; others go to a queue of the check's own name.
    category, stakes, cull
        ``cull`` None where nothing was culled.
    flags : frozenset of Flag
        What stops automation.
    measured : pairs of (flag, sentence)
        What intake measured that a flag rests on, for its reason.
    lane : Lane
        What the guide allows.
    edge_failures : int
        Versions of this file whose edge has failed, this one included.
    held, reviewed : str
        Why the workflow holds its files for people, or sends them to review; "" where it does not.
    stratum : Standing or None
        What the random audit says of files like this one; None where nothing was ever audited.
        It is judged at `asked`.
    threshold : float or None
        What a person accepted as the least confidence of this stratum; None leaves the lane's own.
    watched : str
        Why its category gets more manual control; "" where it does not.
    sent_back : str
        Why an earlier version of the file, sent back by a reviewer or a client, still asks for people; "" where none
        does.
    sent_back_to : str
        The queue that it goes to then.
    """

    uses: tuple[Use, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    queues: tuple[tuple[str, str], ...] = ()
    category: str = "unknown"
    stakes: Stakes = "standard"
    cull: CullClass | None = None
    flags: frozenset[Flag] = frozenset()
    measured: tuple[tuple[Flag, str], ...] = ()
    lane: Lane = Lane()
    edge_failures: int = 0
    held: str = ""
    reviewed: str = ""
    stratum: Standing | None = None
    threshold: float | None = None
    watched: str = ""
    sent_back: str = ""
    sent_back_to: str = "review"

    @property
    def asked(self) -> float:
        """The least confidence of files that are spared: what a person accepted for the stratum, else the lane's."""
        return self.lane.confidence if self.threshold is None else self.threshold


@dataclass(frozen=True)
class Routed:
    """Who must look, which queue the file waits in, and why: at least one reason, the strictest first.

    `confidence` is that of the least sure step, calibrated only if all of them are; None if none says. `asked` is the
    least that its lane or stratum asks of files that are spared.
    """

    route: Route
    queue: str
    reasons: tuple[Reason, ...]
    zone: Zone
    checklists: tuple[Checklist, ...]
    confidence: Confidence | None = None
    uses: tuple[Use, ...] = ()
    asked: float | None = None


def use_of(
    known: ReliabilityMap,
    step: str,
    task: str,
    *,
    category: str = "unknown",
    edge_class: str = "",
    confidence: Confidence | None = None,
    outcomes: Outcomes | None = None,
    draft: bool = False,
) -> Use:
    """Return a step's use with its place on the map and its checklists answered.

    Parameters
    ----------
    task : str
        The step's row of the map; one that is not on it is zone 4.
    outcomes : Outcomes, optional
        Recorded decisions of this task in this category.
    draft : bool
        True if the step marks its result as a draft that can never be delivered as it is.
    """
    row = known.tasks.get(task)
    placed = known.placed(task, category, edge_class)
    answers = ask(row, outcomes) if row is not None else None
    queue = row.queue if row is not None else "review"
    return Use(step, placed, queue, confidence, answers, draft, outcomes or NO_OUTCOMES)
