"""One failed file shows which others share its cause (R163)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from safelight.core.batch import BatchState, FileState
from safelight.core.canonical import to_json
from safelight.review.returns import task_of
from safelight.routing.reasons import ReturnReason, return_reasons


@dataclass(frozen=True)
class Sharing:
    """A file that may fail for the same cause, what the two share, and where it stands."""

    file: str
    why: str
    standing: str


def sharing(batch: BatchState, file: FileState) -> list[Sharing]:
    """Return which other files share the cause of a file's failure, those that left or may leave first.

    Parameters
    ----------
    batch : BatchState
    file : FileState
        One that failed a check or was sent back.

    Returns
    -------
    list of Sharing
        By what the marked reasons name as shared (the light, the step as it was set, the camera, the product, a
        check that is near its limit too); empty for a file that nothing is wrong with.
    """
    reasons = _reasons_of(file)
    checks = {*file.failed_checks, *(c.removeprefix("check:") for r in reasons for c in r.shares if ":" in c)}
    found: dict[str, list[str]] = {}
    for other in batch.files.values():
        if other.path == file.path or other.asset == file.asset or not other.goes_on or not other.version:
            continue
        told = list(dict.fromkeys(_shared(file, other, reasons, checks)))
        if told:
            found[other.path] = told
    order = ("delivered", "approved", "waiting", "sent_back", "working")
    made = [Sharing(path, "; ".join(told), batch.files[path].standing) for path, told in found.items()]
    return sorted(made, key=lambda each: (order.index(each.standing), each.file))


def _reasons_of(file: FileState) -> list[ReturnReason]:
    known = return_reasons()
    sent = [each for each in file.decisions if each.decided != "approve"]
    return [known[code] for code in dict.fromkeys(code for each in sent for code in each.reasons) if code in known]


def _shared(file: FileState, other: FileState, reasons: list[ReturnReason], checks: set[str]) -> Iterator[str]:
    for verdict in other.judged.get("verdicts") or ():
        if verdict["check"] in checks and verdict["word"] != "pass":
            near = "fails too" if verdict["word"] == "fail" else "is near its limit too"
            yield f"check {verdict['check']} {near}"
    for reason in reasons:
        for what in reason.shares:
            told = _SHARES[what](file, other, reason) if what in _SHARES else ""
            if told:
                yield told


def _light(file: FileState, other: FileState, reason: ReturnReason) -> str:
    light = file.sorted.get("lighting", "")
    return f"in the same light, {light}" if light and other.sorted.get("lighting") == light else ""


def _camera(file: FileState, other: FileState, reason: ReturnReason) -> str:
    def name(state: FileState) -> str:
        capture: Mapping[str, Any] = state.measured.get("capture") or {}
        return f"{capture.get('make', '')} {capture.get('model', '')}".strip()

    return f"from the same camera, {name(file)}" if name(file) and name(file) == name(other) else ""


def _step(file: FileState, other: FileState, reason: ReturnReason) -> str:
    own, theirs = _set(file, reason.task), _set(other, reason.task)
    return f"by {own[0]} set alike" if own and own == theirs else ""


def _product(file: FileState, other: FileState, reason: ReturnReason) -> str:
    sku = file.sorted.get("sku", "")
    return f"of the same article, {sku}" if sku and other.sorted.get("sku") == sku else ""


def _group(file: FileState, other: FileState, reason: ReturnReason) -> str:
    group = file.sorted.get("group", "")
    return f"of the same group, {group}" if group and other.sorted.get("group") == group else ""


def _set(file: FileState, task: str) -> tuple[str, str] | None:
    """Return the step of a task and what it was set to; None without one."""
    for each in file.made.get("edit", {}).get("steps", ()):
        if task and task_of(each["step"]) == task:
            return each["step"], to_json([each["version"], each["params"]])
    return None


_SHARES: Mapping[str, Callable[[FileState, FileState, ReturnReason], str]] = {
    "light": _light,
    "camera": _camera,
    "step": _step,
    "product": _product,
    "group": _group,
}
