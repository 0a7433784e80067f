"""What goes out to retoucher and vendor, and what comes back as a person's version: the facts of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from safelight.core import batch as told
from safelight.core.batch import BatchState, FileState
from safelight.core.canonical import key_of
from safelight.core.edit import Artifact, Edit, EditStep
from safelight.core.facts import Actor, Fact, NewFact
from safelight.errors import GateClosedError, UsageError
from safelight.plugins import step_named

SENT = "retouch.sent"  # asset: path, version, ticket, file, size, merged, matte, look...; personal: name
RETURNED = "retouch.returned"  # asset: path, ticket, file, standing, sentence, changed...; personal: name
RETOUCHER = Actor("person", "retoucher")
RETOUCH, SHADOW = "retouch", "shadow"
TICKET_DIGITS = 10
DONE = ("taken", "unchanged")


def ticket_of(batch: BatchState, file: FileState, nth: int) -> str:
    """Return the ticket of a file's `nth` going out of a batch as it stands: the same twice only for the same."""
    return key_of("ticket", batch.name, file.path, file.version, batch.last_seq, nth)[:TICKET_DIGITS]


def require_can_go_out(file: FileState) -> None:
    """Refuse what has nothing to send, or must not change any more.

    Raises
    ------
    GateClosedError
    """
    if not file.version:
        raise GateClosedError(f"{file.path} has no version to send out; it is {file.standing}")
    if file.approved:
        raise GateClosedError(
            f"{file.path} was approved by {file.approved['by']}, which freezes its pixels; send it back first"
        )


def sent(
    batch: BatchState, file: FileState, painted: Mapping[str, Any], terms: Mapping[str, str], name: str
) -> list[NewFact]:
    """Return the fact that a version went out.

    Parameters
    ----------
    painted : mapping
        What was written, see `runs.checkout.write_checkout`, with its ``ticket``.
    terms : mapping
        ``vendor``, ``due`` (ISO date) and ``brief``; empty for a retoucher of the house.

    Raises
    ------
    UsageError
        Without a name.
    """
    if not name.strip():
        raise UsageError("a checkout needs the name of a person: add --as NAME")
    body = {"path": file.path, "version": file.version, **painted, **terms}
    return [NewFact(SENT, file.asset, body, RETOUCHER, batch.name, {"name": name})]


def came_back(
    batch: BatchState,
    file: FileState,
    ticket: str,
    found: Mapping[str, Any],
    upstream: str,
    name: str,
    reason: str,
) -> list[NewFact]:
    """Return the facts of taking a retouch in: an amendment of the same edit, by a person.

    Parameters
    ----------
    ticket : str
    found : mapping
        What is known of the file: ``file``, ``sha256``, ``base`` and ``matte`` blobs, ``changed``, ``said``.
    upstream : str
        What identifies the picture that it was made on: where that becomes another, the retouch is marked stale.
    name, reason : str

    Returns
    -------
    list of NewFact
        The retouch; the cut-out, where the person's is another; and that it came back. The machine's version, its
        proposals and every earlier retouch stay as they are.

    Raises
    ------
    UsageError
        Without name or reason.
    GateClosedError
        For an approved file, or one whose original is another by now.
    """
    if not name.strip() or not reason.strip():
        raise UsageError("a checkin needs the name of a person and a reason: add --as NAME --reason TEXT")
    require_can_go_out(file)
    step = step_named(RETOUCH)
    facts = []
    if found["base"]:
        base = Artifact("base", found["base"], "image/tiff")
        body = {
            "path": file.path,
            "step": RETOUCH,
            "version": step.version,
            "params": step.params.accept({"ticket": ticket}, fill=True),
            "artifacts": {"base": [base.kind, base.sha256, base.media_type]},
            "key": upstream,
            "reason": reason,
        }
        facts.append(NewFact(told.AMENDED, file.asset, body, RETOUCHER, batch.name, {"name": name}))
    matted = _matte_step(file)
    if found["matte"] and matted is not None:
        facts.append(_cut(batch, file, matted, found["matte"], name, reason))
    if found.get("reflected"):
        facts.append(_unmirrored(batch, file, name, reason))
    standing = "taken" if found["base"] else "unchanged"
    facts.append(returned(batch, file, ticket, {**found, "standing": standing}, name))
    return facts


def returned(batch: BatchState, file: FileState, ticket: str, found: Mapping[str, Any], name: str) -> NewFact:
    """Return the fact that a file came back, and what became of it."""
    body = {"path": file.path, "ticket": ticket, **found}
    return NewFact(RETURNED, file.asset, body, RETOUCHER, batch.name, {"name": name})


def _cut(batch: BatchState, file: FileState, own: EditStep, matte: str, name: str, reason: str) -> NewFact:
    """The cut-out as the person left it, as an amendment of its step."""
    data = own.to_data()
    body = {
        "path": file.path,
        "step": own.step,
        "version": own.version,
        "params": data["params"],
        "artifacts": {**data["artifacts"], "matte": ["matte", matte, "image/png"]},
        "key": file.made.get("keys", {}).get(own.step, ""),
        "reason": reason,
    }
    return NewFact(told.AMENDED, file.asset, body, RETOUCHER, batch.name, {"name": name})


def _unmirrored(batch: BatchState, file: FileState, name: str, reason: str) -> NewFact:
    """The reflection is in the picture that came back: none is painted under it again."""
    step = step_named(SHADOW)
    own = Edit.from_data(file.made["edit"]).step(SHADOW)
    before = {} if own is None else step.upgraded(own.version, own.params)
    body = {
        "path": file.path,
        "step": SHADOW,
        "version": step.version,
        "params": step.params.accept({**before, "kind": "none"}, fill=True),
        "artifacts": {},
        "key": file.made.get("keys", {}).get(SHADOW, ""),
        "reason": reason,
    }
    return NewFact(told.AMENDED, file.asset, body, RETOUCHER, batch.name, {"name": name})


def _matte_step(file: FileState) -> EditStep | None:
    edit = Edit.from_data(file.made["edit"])
    return next((each for each in edit.steps if step_named(each.step).kind == "matte" and each.artifacts), None)


def still_out(facts: Iterable[Fact]) -> list[Fact]:
    """Return what went out and did not come back, oldest first, of the facts `SENT` and `RETURNED` of a batch."""
    out: dict[str, Fact] = {}
    for each in facts:
        ticket = str(each.body.get("ticket", ""))
        if each.kind == SENT:
            out[ticket] = each
        elif each.kind == RETURNED and each.body.get("standing") in DONE:
            out.pop(ticket, None)
    return list(out.values())


def is_known(facts: Iterable[Fact], sha256: str) -> bool:
    """Say whether a file of these bytes was taken in before."""
    return any(e.kind == RETURNED and e.body.get("sha256") == sha256 and e.body["standing"] in DONE for e in facts)


def out_line(fact: Fact, today: str) -> dict[str, Any]:
    """Return a file that is out as a line of data with its words; `today` is an ISO date."""
    body, due = fact.body, str(fact.body.get("due", ""))
    late = bool(due) and due < today
    to = f" to {body['vendor']}" if body.get("vendor") else ""
    when = f", due {due}{', late' if late else ''}" if due else ""
    said = f"{body['path']}: out{to} since {fact.at[:10]} as {body['file']}{when}"
    who = fact.personal.get("name", "erased")
    keys = ("path", "ticket", "file", "version", "vendor", "due", "brief")
    more = {"late": late, "kept": bool(body.get("kept")), "by": who, "at": fact.at, "said": said}
    return {key: body.get(key, "") for key in keys} | more


def note_for(file: FileState, notes: Sequence[str], brief: str) -> str:
    """Return what a retoucher should know of a file, as it is written into it: brief, why it waits, and remarks."""
    lines = [f"{file.path}, version {file.version}."]
    lines += [f"Brief: {brief.strip()}"] if brief.strip() else []
    lines += [f"{each.decided} by {each.by}: {each.reason}" for each in file.decisions if each.reason]
    lines += [f"- {reason['text']}" for reason in file.routed.get("reasons", ())]
    lines += [f"Note: {each}" for each in notes]
    lines.append("Keep size, frame and profile, leave the background as it is, and save flat or in layers.")
    return "\n".join(lines)
