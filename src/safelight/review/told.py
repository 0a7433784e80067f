"""Where files stand, in the words and shapes that a screen shows: plain JSON data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from safelight.core import batch as facts_of
from safelight.core.batch import DecisionTaken, FileState
from safelight.core.edit import Edit, describe_difference
from safelight.core.facts import Fact
from safelight.core.standing import OPEN
from safelight.media.names import display_name
from safelight.review.decide import approvers, reviewers_needed, why_closed
from safelight.routing.calendar import Calendar
from safelight.routing.lanes import lane_of, lane_rules
from safelight.store.floor import BoardRow, StandingRow

Names = Mapping[str, str]


def file_line(row: StandingRow, names: Names) -> dict[str, Any]:
    """Return a file as a list shows it."""
    file, routed, sort = row.state, row.state.routed, row.state.sorted
    why = [each["text"] for each in routed.get("reasons", ())]
    why = why or ([file.refused] if file.refused else list(sort.get("reasons", ())))
    claim = row.claim
    return {
        "id": row.id,
        "etag": str(row.seq),
        "batch": row.batch,
        "project": row.project,
        "file": file.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        "name": display_name(file.path.rsplit("/", 1)[-1]),
        "asset": file.asset,
        "version": file.version,
        "standing": file.standing,
        "since": row.since,
        "class": "unreadable" if file.refused else sort.get("class", ""),
        "machine_class": sort.get("machine_class") or sort.get("class", ""),
        "class_confidence": sort.get("confidence"),
        "class_reasons": [file.refused] if file.refused else list(sort.get("reasons", ())),
        "group": sort.get("group", ""),
        "sku": sort.get("sku", ""),
        "view": sort.get("view", ""),
        "color": sort.get("color", ""),
        "category": sort.get("category", ""),
        "stakes": sort.get("stakes", "standard"),
        "lighting": sort.get("lighting", ""),
        "route": routed.get("route", ""),
        "queue": row.queue,
        "zone": routed.get("zone"),
        "reasons": why,
        "confidence": routed.get("confidence"),
        "calibrated": bool(routed.get("calibrated", False)),
        "verdicts": {each["check"]: each["word"] for each in file.judged.get("verdicts", ())},
        "amended": sorted(file.amended),
        "decisions": [_decision(each) for each in file.decisions],
        "state": file.state,
        "open_failures": list(file.open_failures),
        "overrides": [
            {"check": each.check, "reason": each.reason, "by": each.by, "at": each.at} for each in file.overrides
        ],
        "closed": why_closed(file),
        "approvers": sorted(approvers(file)),
        "approvers_needed": reviewers_needed(file),
        "approved_by": file.approved.get("by", ""),
        "superseded_by": str(file.superseded.get("by", "")),
        "delivered": list(file.lying),
        "delivery_refusals": [f"{each['channel']}: {each['sentence']}" for each in file.delivery_refusals],
        "width": file.measured.get("width", 0),
        "height": file.measured.get("height", 0),
        "format": file.measured.get("format", ""),
        "taken_at": (file.measured.get("capture") or {}).get("taken_at", ""),
        "made": {"width": file.made.get("width", 0), "height": file.made.get("height", 0)} if file.made else None,
        "assigned": {"account": file.assigned, "name": names.get(file.assigned, "")} if file.assigned else None,
        "claim": None
        if claim is None
        else {"id": claim.id, "account": claim.account, "name": names.get(claim.account, ""), "until": claim.until},
    }


def verdict_lines(file: FileState) -> list[dict[str, Any]]:
    """Return each verdict with its measures and its evidence: boxes in 0..1 of the checked picture, blobs by name."""
    overridden = {
        (each.check, each.verdict): {"by": each.by, "reason": each.reason, "at": each.at} for each in file.overrides
    }
    return [
        {
            "check": each["check"],
            "word": each["word"],
            "measures": [
                {
                    "name": m["name"],
                    "value": m["value"],
                    "unit": m["unit"],
                    "limit": m["limit"],
                    "direction": m["direction"],
                    "word": m["word"],
                    "why": m["why"],
                }
                for m in each.get("measures", ())
            ],
            "override": overridden.get((each["check"], facts_of.verdict_key(each))),
            "evidence": [
                {
                    "measure": e["measure"],
                    "box": list(e["box"]),
                    "value": e["value"],
                    "text": e["text"],
                    "heat": e.get("heat") or "",
                    "crop": e.get("crop") or "",
                }
                for e in each.get("evidence", ())
            ],
        }
        for each in file.judged.get("verdicts", ())
    ]


def reason_lines(routed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return why a version is in its queue; doubts lower the confidence."""
    return [
        {"code": each.get("code", ""), "text": each["text"], "doubt": bool(each.get("doubt", False))}
        for each in routed.get("reasons", ())
    ]


def proposed_params(story: Iterable[Fact]) -> dict[str, dict[str, Any]]:
    """Return, by step, the parameters that the machine proposed last, before anybody changed them."""
    return {
        each["step"]: dict(each["params"])
        for fact in story
        if fact.kind == facts_of.MADE
        for each in fact.body["edit"]["steps"]
        if not each["amended"]
    }


def edit_lines(
    made: Mapping[str, Any], proposed: Mapping[str, Mapping[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """Return the steps of a version's edit: parameters, artifacts, confidence, reasons, and who set them."""
    proposed = proposed or {}
    if not made:
        return []
    return [
        {
            "step": each["step"],
            "version": each["version"],
            "params": dict(each["params"]),
            "proposed": dict(proposed.get(each["step"], each["params"])),
            "artifacts": {
                role: {"kind": art[0], "sha256": art[1], "media_type": art[2]}
                for role, art in each["artifacts"].items()
            },
            "confidence": None if each["confidence"] is None else each["confidence"][0],
            "calibrated": bool(each["confidence"] and each["confidence"][1]),
            "reasons": [{"code": r["code"], "text": r["text"], "doubt": r["doubt"]} for r in each["reasons"]],
            "by": each["by"][1],
            "amended": each["amended"],
            "stale": each["stale"],
        }
        for each in made["edit"]["steps"]
    ]


def version_lines(story: Iterable[Fact]) -> list[dict[str, Any]]:
    """Return every version of a file, oldest first, each with what it changed in words and what was said of it."""
    lines: dict[str, dict[str, Any]] = {}
    before: Edit | None = None
    for fact in story:
        if fact.kind == facts_of.MADE:
            edit = Edit.from_data(fact.body["edit"])
            words = describe_difference(before, edit) if before is not None else []
            again = lines.pop(fact.subject, None)  # somebody went back to it: what was said of it before stays
            lines[fact.subject] = {
                "version": fact.subject,
                "at": fact.at,
                "made_by": fact.body.get("made_by", "machine"),
                "state": fact.body.get("state", "draft"),
                "differences": words,
                "first": before is None,
                "width": fact.body.get("width", 0),
                "height": fact.body.get("height", 0),
                "decisions": again["decisions"] if again else [],
                "approved_by": "",
                "delivered": again["delivered"] if again else [],
                "back_by": fact.personal.get("name", "erased") if "restored_from" in fact.body else "",
                "back_why": fact.body.get("reason", "") if "restored_from" in fact.body else "",
            }
            before = edit
        elif fact.subject in lines:
            _say(lines[fact.subject], fact)
    return list(lines.values())


def place_line(fact: Fact, file: str, file_id: str) -> dict[str, str]:
    """Return that a capture took another's place, told from the side of whoever asks about `file`."""
    who = fact.personal.get("name", "erased") if fact.actor.kind == "person" else ""
    return {"id": file_id, "file": file, "reason": str(fact.body["reason"]), "by": who, "at": fact.at}


def _say(line: dict[str, Any], fact: Fact) -> None:
    name = fact.personal.get("name", "erased")
    if fact.kind == facts_of.DECIDED:
        body = fact.body
        back = dict(body.get("return") or {}) | ({"to": fact.personal["to"]} if "to" in fact.personal else {})
        taken = DecisionTaken(
            fact.subject,
            body["decided"],
            name,
            body.get("reason", ""),
            body["how"],
            fact.at,
            tuple(body.get("reasons", ())),
            back,
            fact.seq,
        )
        line["decisions"].append(_decision(taken))
    elif fact.kind == facts_of.UNDONE:
        line["decisions"] = [each for each in line["decisions"] if each["seq"] != fact.body["decision"]]
        line["approved_by"], line["state"] = "", "draft"
    elif fact.kind == facts_of.APPROVED:
        line["approved_by"], line["state"] = name, "approved"
    elif fact.kind == facts_of.DELIVERED:
        line["delivered"].append(f"{fact.body['channel']}/{fact.body['name']}")


def _decision(each: DecisionTaken) -> dict[str, Any]:
    return {
        "seq": each.seq,
        "version": each.version,
        "decided": each.decided,
        "by": each.by,
        "reason": each.reason,
        "how": each.how,
        "at": each.at,
        "reasons": list(each.reasons),
        "queue": each.returned.get("queue", ""),
        "step": each.returned.get("step", ""),
        "to": each.returned.get("to", ""),
    }


def lanes(
    board: Sequence[BoardRow],
    holders: Sequence[tuple[str, str, str, int]],
    names: Names,
    kinds: Mapping[str, Mapping[str, str]],
    calendar: Calendar,
    now: str,
) -> list[Any]:
    """Return the board's queues: how much waits in each, of what lane, category and stakes, since when, who is on it.

    Parameters
    ----------
    board : sequence of BoardRow
        Of `Floor.board`.
    holders : sequence of (queue, project, account, files)
        Of `Floor.holders`.
    names : mapping of account to name
    kinds : mapping of project to (category to lane)
        What guides say; else a category's own lane counts.
    calendar : Calendar
        In whose hours lanes promise.
    now : str
        ISO 8601.
    """
    words = ("high", "standard", "low")
    kind_of: dict[tuple[str, str], str] = {}
    found: dict[str, dict[str, Any]] = {}
    oldest: dict[str, dict[str, str]] = defaultdict(dict)
    for queue, category, project, since, stakes, standings in board:  # a row a queue and category: short
        kind = kind_of.get((project, category))
        if kind is None:
            kind = lane_of(category, kinds.get(project, {}).get(category, "")).kind
            kind_of[project, category] = kind
        lane = found.get(queue)
        if lane is None:
            lane = found[queue] = _empty_lane(queue)
        count = sum(stakes)
        lane["files"] += count
        if since and (not lane["oldest"] or since < lane["oldest"]):
            lane["oldest"] = since
        first = oldest[queue]
        first[kind] = min(first.get(kind, now), since or now)
        for told, names_of, counts in (
            (lane["stakes"], words, stakes),
            (lane["standings"], OPEN, standings),
            (lane["categories"], (category or "unknown",), (count,)),
            (lane["lanes"], (kind,), (count,)),
        ):
            for value, files in zip(names_of, counts, strict=True):
                if files:
                    told[value] = told.get(value, 0) + files
    for queue, _, account, files in holders:
        if queue in found:
            on = found[queue]["on"]
            on[account] = on.get(account, 0) + files
    for lane in found.values():
        lane.update(_due(oldest[lane["queue"]], calendar, now))
        lane["on"] = [
            {"account": account, "name": names.get(account, ""), "files": files}
            for account, files in lane["on"].items()
        ]
    return sorted(found.values(), key=lambda lane: (-lane["stakes"].get("high", 0), lane["oldest"], lane["queue"]))


def _empty_lane(queue: str) -> dict[str, Any]:
    counts: dict[str, Any] = {name: {} for name in ("stakes", "categories", "standings", "lanes", "on")}
    return {"queue": queue, "files": 0, "oldest": "", **counts}


def _due(oldest: Mapping[str, str], calendar: Calendar, now: str) -> dict[str, Any]:
    """Return when the first of a queue is due, and the business hours left, by the oldest of each lane in it."""
    rules = lane_rules()
    left = {kind: rules[kind].sla_h - calendar.hours_between(since, now) for kind, since in oldest.items()}
    first = min(left, key=lambda kind: left[kind])
    due = calendar.after(oldest[first], rules[first].sla_h)
    return {"due": due, "left_h": round(left[first], 2), "overdue": left[first] < 0}
