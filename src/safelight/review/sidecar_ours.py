"""What the ledger says of a file, in the words of a sidecar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from safelight.core.batch import SIDECAR_FAILED, SIDECAR_SYNCED, FileState
from safelight.core.facts import Fact
from safelight.core.overruling import MACHINE, Overruling, effective_class
from safelight.media.sidecar import BAGS, Fields
from safelight.review.sidecar_merge import MERGED, Base, Ours
from safelight.workflows.sidecar_rules import PICKS, SidecarRules

Place = tuple[str, str]  # asset, sidecar's path


def ours_of(file: FileState, words: Mapping[str, Overruling], rules: SidecarRules) -> tuple[Ours, tuple[str, ...]]:
    """Return what stands in the ledger of a sorted file, and the words that the controlled list does not hold.

    Parameters
    ----------
    file : FileState
    words : mapping of field to Overruling
        The latest on this file. A rating or flag that a person set counts until a person says another class.
    rules : SidecarRules

    Notes
    -----
    Keywords are the category, view and color that sorting found, as far as the guide lists them, without those that
    somebody took out of a sidecar.
    """
    cull = effective_class(file.sorted["class"], words)
    said = words.get("class")
    by_class = said is not None and said.new != MACHINE
    values: dict[str, Any] = {"rating": rules.ratings[cull], "pick": PICKS[cull], "label": rules.labels.get(cull)}
    by_person = {"rating", "pick", *(["label"] if cull in rules.labels else [])} if by_class else set()
    for name in MERGED:
        word = words.get(name)
        if word is not None and (said is None or word.seq > said.seq):
            values[name] = word.new
            by_person.add(name)
    asked = [file.sorted.get(name, "") for name in ("category", "view", "color")]
    flat, tree, unlisted = rules.keywords_for(each for each in asked if each != "unknown")
    values |= {"keywords": flat, "tree": tree}
    for name in BAGS:
        if name in words:
            values[name] -= frozenset(words[name].new)
    return Ours(cull, Fields(**values, cull=cull, original=file.asset), frozenset(by_person)), unlisted


def bases_of(facts: Iterable[Fact]) -> dict[Place, Base]:
    """Return what each sidecar and the ledger last agreed on."""
    return {
        (each.subject, each.body["sidecar"]): Base.from_data(each.body)
        for each in facts
        if each.kind == SIDECAR_SYNCED and "fields" in each.body
    }


def bound_by_name(facts: Iterable[Fact]) -> frozenset[Place]:
    """Return the sidecars that a person said are about that original, though nothing inside says so."""
    return frozenset(
        (each.subject, each.body["sidecar"])
        for each in facts
        if each.kind == SIDECAR_SYNCED and each.body["did"] == "bound"
    )


def failures_of(facts: Iterable[Fact]) -> dict[Place, str]:
    """Return why sidecars are not written yet; what was written since is no failure."""
    failed: dict[Place, str] = {}
    for each in facts:
        if each.kind == SIDECAR_FAILED:
            failed[each.subject, each.body["sidecar"]] = each.body["sentence"]
        elif each.kind == SIDECAR_SYNCED and each.body["did"] == "written":
            failed.pop((each.subject, each.body["sidecar"]), None)
    return failed
