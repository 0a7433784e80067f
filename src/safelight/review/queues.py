"""Queues: what waits, by product, with its lane, its age in business hours, when it is due, and what comes first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from safelight.core.batch import RETURN, FileState
from safelight.routing.calendar import Calendar
from safelight.routing.lanes import LaneRule, lane_of, revenue_of
from safelight.workflows.product_board import ProductState

WAITING = ("waiting", "sent_back")
_SAID: Mapping[str, str] = {
    "client_return": "a client sent it back",
    "view_hero": "hero picture",
    "view_main": "main picture",
    "stakes_high": "high stakes",
    "category_jewelry": "jewelry",
    "category_on_model": "skin",
    "category_cosmetics": "cosmetics",
    "queue_skin": "skin",
    "queue_detail": "fine texture",
    "view_detail": "close-up",
}


@dataclass(frozen=True)
class QueueItem:
    """A product, or a file of no product, that waits for people.

    Parameters
    ----------
    batch, product, sku, category : str
    lane : str
        A kind of `safelight.routing.lanes`.
    queue, route, step, person : str
        Where it waits, and whose step it came back from.
    stakes : str
    files : tuple of str
        Paths of the frames that wait.
    reasons : tuple of str
        Marked reasons of what was sent back.
    round : int
        The pass of revise that it is in; 1 is the first.
    since, due : str
        ISO 8601: since when it waits, and when its lane wants it approved.
    age_h, left_h : float
        Business hours waited and left; negative once it is overdue.
    weight : float
        What moves revenue weighs more.
    why : tuple of str
        What makes it come first, in words.
    problems : tuple of str
        Views that are missing or doubled.
    """

    batch: str
    product: str
    sku: str
    category: str
    lane: str
    queue: str
    route: str
    step: str
    person: str
    stakes: str
    files: tuple[str, ...]
    reasons: tuple[str, ...]
    round: int
    since: str
    due: str
    age_h: float
    left_h: float
    weight: float
    why: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def overdue(self) -> bool:
        """True once its lane's business hours are over."""
        return self.left_h < 0


def queue_items(
    batch: str,
    products: Iterable[ProductState],
    now: str,
    calendar: Calendar,
    lanes: Mapping[str, str] | None = None,
) -> list[QueueItem]:
    """Return what waits of a batch's products, a line for each product and queue, what comes first first.

    Parameters
    ----------
    batch : str
    products : iterable of ProductState
    now : str
        ISO 8601 with a zone.
    calendar : Calendar
    lanes : mapping of category to lane, optional
        What the guide says; else a category's own.
    """
    made = []
    for product in products:
        lane = lane_of(product.category, (lanes or {}).get(product.category, ""))
        by_queue: dict[str, list[FileState]] = {}
        for file in product.files:
            if file.standing in WAITING:
                by_queue.setdefault(_queue_of(file), []).append(file)
        let = {view for view, _ in product.waived}
        if not by_queue and product.sku and (product.doubled or set(product.missing) - let):
            by_queue["exceptions"] = []
        made += [_item(batch, product, queue, files, lane, now, calendar) for queue, files in by_queue.items()]
    return sorted(made, key=order)


def order(item: QueueItem) -> tuple[bool, float, float, str, str]:
    """Return what a queue is sorted by: overdue first, then what moves revenue, then what is due first."""
    return (not item.overdue, -item.weight, item.left_h, item.product, item.queue)


def rounds(file: FileState) -> int:
    """Return which round a file is in: one more than the versions of it that were sent back.

    Examples
    --------
    >>> rounds(FileState("a.jpg"))
    1
    """
    back = {each.version for each in (*file.past_decisions, *file.decisions) if each.decided in ("revise", "reject")}
    return 1 + len(back - {file.version})


def weight_of(files: Sequence[FileState], queue: str, lane: LaneRule) -> tuple[float, tuple[str, ...]]:
    """Return how much files weigh in a queue, the heaviest mark of each kind counted once, and why in words."""
    marks = {f"queue_{queue}"}
    for each in files:
        marks |= {f"view_{each.sorted.get('view', '')}", f"category_{each.sorted.get('category', '')}"}
        marks |= {"stakes_high"} if each.sorted.get("stakes") == "high" else set()
        marks |= {"client_return"} if any(d.how == RETURN for d in (*each.past_decisions, *each.decisions)) else set()
    extra, found = revenue_of(sorted(marks))
    return lane.weight + extra, tuple(dict.fromkeys(_SAID[each] for each in found if each in _SAID))


def _queue_of(file: FileState) -> str:
    """Return the queue of a file; what is spared its own look waits for the release of its batch."""
    if file.standing == "waiting" and file.routed.get("route") in ("auto", "spot_check"):
        return "release"
    return file.queue or "review"


def _item(
    batch: str,
    product: ProductState,
    queue: str,
    files: Sequence[FileState],
    lane: LaneRule,
    now: str,
    calendar: Calendar,
) -> QueueItem:
    since = min((each.waits_since for each in files if each.waits_since), default=now)
    age = calendar.hours_between(since, now)
    weight, why = weight_of(files, queue, lane)
    backs = [each for file in files for each in file.decisions if each.decided != "approve"]
    back = backs[-1] if backs else None
    problems = [f"no {each}" for each in product.missing] + [f"several of {each}" for each in product.doubled]
    overdue = [f"overdue by {age - lane.sla_h:.0f} h"] if age > lane.sla_h else []
    routes = [str(each.routed.get("route", "")) for each in files]
    strict = ("auto", "spot_check", "review", "specialist", "hold", "")
    return QueueItem(
        batch=batch,
        product=product.key,
        sku=product.sku,
        category=product.category,
        lane=lane.kind,
        queue=queue,
        route=max(routes, key=strict.index, default=""),
        step=back.returned.get("step", "") if back else "",
        person=back.returned.get("to", "") if back else "",
        stakes=product.stakes,
        files=tuple(each.path for each in files),
        reasons=tuple(dict.fromkeys(code for each in backs for code in each.reasons)),
        round=max((rounds(each) for each in files), default=1),
        since=since,
        due=calendar.after(since, lane.sla_h),
        age_h=round(age, 2),
        left_h=round(lane.sla_h - age, 2),
        weight=weight,
        why=(*overdue, *why),
        problems=tuple(problems),
    )
