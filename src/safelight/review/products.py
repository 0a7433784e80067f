"""Decide on products: all views or some, an alternate in the place of a pick, and leaving without a view."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.core.batch import OVERRULED, SORTED, WAIVED, BatchState, FileState
from safelight.core.facts import Actor, NewFact
from safelight.core.overruling import PLACE
from safelight.errors import GateClosedError, UnknownNameError, UsageError
from safelight.media.names import display_name
from safelight.review.decide import decide, find_file
from safelight.review.overrule import REVIEWER, overrule
from safelight.workflows.product_board import ProductState, product_key

LEAD = Actor("person", "lead")


def decide_product(
    batch: BatchState,
    product: ProductState,
    decided: str,
    name: str,
    reason: str = "",
    marks: Sequence[str] = (),
    views: Sequence[str] = (),
    audit_share: float = 0.0,
) -> list[tuple[FileState, list[NewFact]]]:
    """Return the facts of one decision on a product: all its views, or `views` alone.

    Approving takes what waits; what is approved or delivered already stays as it is. All or nothing: the first view
    that can't be decided so refuses the whole.

    Raises
    ------
    UnknownNameError
        For a view that the product has no frame of.
    GateClosedError
        If nothing waits, a view has several frames, or as `decide`.
    """
    there = {slot.view for slot in product.slots if slot.frames}
    for each in views:
        if each not in there:
            raise UnknownNameError(f"{product.key} has no frame of view {each!r}; it has: {', '.join(sorted(there))}")
    slots = [slot for slot in product.slots if not views or slot.view in views]
    for slot in slots:
        if decided == "approve" and len(slot.frames) > 1:
            names = ", ".join(display_name(each.path) for each in slot.frames)
            said = f"{product.key} has {len(slot.frames)} frames of {slot.name}: {names}"
            raise GateClosedError(f"{said}; swap one in or reject the others")
    open_files = [each for slot in slots for each in slot.frames if each.standing in ("waiting", "sent_back")]
    files = {each.version: each for each in open_files}
    if not files:
        raise GateClosedError(f"nothing of {product.key} waits for a decision; it is {product.standing}")
    return [
        (each, decide(batch, each, decided, name, reason, marks=marks, audit_share=audit_share))
        for each in files.values()
    ]


def swap(batch: BatchState, old: str, new: str, name: str, reason: str) -> list[NewFact]:
    """Return the facts of taking an alternate in the place of a pick: same product, same view.

    Parameters
    ----------
    batch : BatchState
    old, new : str
        The file that goes on now, and the one that shall.
    name, reason : str

    Raises
    ------
    UsageError
        If the two are of different products or views, or the new one goes on already.
    GateClosedError
        If one of them is approved or can't be read.
    """
    out, into = find_file(batch, old), find_file(batch, new)
    if into.goes_on:
        raise UsageError(f"{into.path} goes on already: reject {out.path} instead")
    if not out.goes_on:
        raise UsageError(f"{out.path} was left out already: overrule {into.path} to pick instead")
    if product_key(out) != product_key(into) or out.sorted.get("color", "") != into.sorted.get("color", ""):
        raise UsageError(f"{into.path} is of {product_key(into)}, not of {product_key(out)}: only its own frames swap")
    said = reason.strip() or f"swapped in for {display_name(out.path)}"
    facts = overrule(batch, [into], "pick", name, said) + overrule(batch, [out], "alternate", name, said)
    view = out.sorted.get("view", "")
    if view and into.sorted.get("view", "") != view:  # the slot keeps its view, in the runs to come as well
        facts = [_with_view(each, view) if each.subject == into.asset else each for each in facts]
        facts.append(_shows_view(batch, into, view, name, said))
    return facts


def waive(
    batch: BatchState, product: ProductState, view: str, name: str, reason: str, channel: str = ""
) -> list[NewFact]:
    """Return the fact that a product may leave without a view, for one channel or all.

    Raises
    ------
    UsageError
        For a missing name or reason.
    UnknownNameError
        For a view that is not missing.
    """
    if not name.strip():
        raise UsageError("a waiver needs the name of a lead: add --as NAME")
    if not reason.strip():
        raise UsageError("a waiver needs a reason, which the delivery's list shows: add --reason TEXT")
    if view not in (*product.missing, *product.extra):
        off = ", ".join((*product.missing, *product.extra)) or "nothing"
        raise UnknownNameError(f"{product.key} neither misses nor has {view!r} beyond what was asked; it has: {off}")
    body = {"product": product.key, "view": view, "channel": channel, "reason": reason.strip()}
    return [NewFact(WAIVED, batch.name, body, LEAD, batch.name, {"name": name})]


def _shows_view(batch: BatchState, file: FileState, view: str, name: str, reason: str) -> NewFact:
    was = {each: str(file.sorted.get(each, "")) for each in PLACE}
    body = {"path": file.path, "field": "place", "from": was, "to": was | {"view": view}, "reason": reason}
    return NewFact(OVERRULED, file.asset, body | {"via": "command"}, REVIEWER, batch.name, {"name": name})


def _with_view(fact: NewFact, view: str) -> NewFact:
    if fact.kind != SORTED:
        return fact
    return NewFact(fact.kind, fact.subject, dict(fact.body) | {"view": view}, fact.actor, fact.batch, fact.personal)
