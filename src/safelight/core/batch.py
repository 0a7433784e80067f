"""A batch as the ledger tells it: one pure fold over its facts, for queues, releases and reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from safelight.core.facts import Fact

# The kinds of facts that a batch is told in, and what each is about.
OPENED = "batch.opened"  # batch: folder, guide, guide_key
SEEN = "file.seen"  # asset: path, size, mtime_ns
REFUSED = "file.refused"  # path: path, sentence
MEASURED = "file.measured"  # asset: path, format, width, height, bits, profile, capture, thumbnail, focus, metering
SORTED = "file.sorted"  # asset: path, sku, view, category, stakes, class, reasons, group, lighting
AMENDED = "edit.amended"  # asset: path, step, version, params, artifacts, key, reason; no params: taken back
MADE = "version.made"  # version: asset, edit, blobs, render_key, state
JUDGED = "version.judged"  # version: verdicts
ROUTED = "version.routed"  # version: route, queue, zone, reasons, confidence, calibrated
DECIDED = "decision.made"  # version: decided, reason, notes, how; personal: name
RELEASED = "batch.released"  # batch: sample, members; personal: name
APPROVED = "version.approved"  # version: master, how; personal: name
DELIVERED = "file.delivered"  # version: channel, name, sha256, bytes, rules
OVERRULED = "file.overruled"  # asset: path, field, from, to, machine, confidence, reason, via; personal: name
SIDECAR_SYNCED = "sidecar.synced"  # asset: path, sidecar, did, base, added, sha256; personal: name where a person did
SIDECAR_FAILED = "sidecar.failed"  # asset: path, sidecar, sentence
DELIVERY_REFUSED = "delivery.refused"  # version: channel, sentence


@dataclass(frozen=True)
class DecisionTaken:
    """What a named person said of a version, and whether for itself or in a release's sample."""

    version: str
    decided: str
    by: str
    reason: str
    how: str
    at: str


@dataclass(frozen=True)
class FileState:
    """One file of a batch: what is known, what was made of it, and where it stands.

    Bodies of facts are kept as they are written; empty mappings where there is none yet.
    """

    path: str
    asset: str = ""
    refused: str = ""
    seen: Mapping[str, Any] = field(default_factory=dict)
    measured: Mapping[str, Any] = field(default_factory=dict)
    sorted: Mapping[str, Any] = field(default_factory=dict)
    amended: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    version: str = ""
    made: Mapping[str, Any] = field(default_factory=dict)
    judged: Mapping[str, Any] = field(default_factory=dict)
    routed: Mapping[str, Any] = field(default_factory=dict)
    decisions: tuple[DecisionTaken, ...] = ()
    past_decisions: tuple[DecisionTaken, ...] = ()
    approved: Mapping[str, Any] = field(default_factory=dict)
    deliveries: tuple[Mapping[str, Any], ...] = ()
    delivery_refusals: tuple[Mapping[str, Any], ...] = ()

    @property
    def passes_gate_1(self) -> bool:
        """True if every check ran and none failed."""
        verdicts = self.judged.get("verdicts") or ()
        return bool(verdicts) and all(each["word"] != "fail" for each in verdicts)

    @property
    def goes_on(self) -> bool:
        """False for what culling left out, be it a copy of a file that was picked and shares its version."""
        return self.sorted.get("class") not in ("reject", "alternate")

    @property
    def standing(self) -> str:
        """One word: refused, left_out, working, sent_back, waiting, approved or delivered."""
        if self.refused:
            return "refused"
        if not self.goes_on:
            return "left_out"
        if self.deliveries:
            return "delivered"
        if self.approved:
            return "approved"
        if not self.routed:
            return "working"
        if any(each.decided != "approve" for each in self.decisions):
            return "sent_back"
        return "waiting"


@dataclass(frozen=True)
class BatchState:
    """A batch at one moment: its opening, its files by path, and its releases."""

    name: str
    opened: Mapping[str, Any]
    opened_at: str
    files: Mapping[str, FileState]
    releases: tuple[Fact, ...]
    last_at: str

    def file_named(self, name: str) -> FileState | None:
        """Return the file with this path, or the only one with this base name."""
        if name in self.files:
            return self.files[name]
        same = [each for path, each in self.files.items() if path.rsplit("/", 1)[-1] == name]
        return same[0] if len(same) == 1 else None


def read_batch(name: str, facts: Iterable[Fact]) -> BatchState:
    """Fold the facts of one batch, oldest first, into its present state.

    A later fact about the same thing supersedes an earlier one; decisions and
    deliveries add up. When a file gets another version, its earlier decisions
    become past ones: an approval is of pixels, never of a name.
    """
    files: dict[str, FileState] = {}
    paths: dict[str, list[str]] = {}  # asset -> paths
    holders: dict[str, str] = {}  # version -> asset
    opened: Mapping[str, Any] = {}
    opened_at = last_at = ""
    releases: list[Fact] = []
    for fact in facts:
        last_at = fact.at
        if fact.kind == OPENED:
            opened, opened_at = fact.body, opened_at or fact.at
        elif fact.kind == RELEASED:
            releases.append(fact)
        elif fact.kind in (SEEN, REFUSED):
            path = fact.body["path"]
            old = files.get(path, FileState(path))
            files[path] = _met(old, fact)
            if fact.kind == SEEN and path not in paths.setdefault(fact.subject, []):
                paths[fact.subject].append(path)
        elif "path" in fact.body and fact.kind in (MEASURED, SORTED, AMENDED):
            path = fact.body["path"]
            if path in files and files[path].asset == fact.subject:
                files[path] = _known(files[path], fact)
        else:
            if fact.kind == MADE:
                holders[fact.subject] = fact.body["asset"]
            for path in paths.get(holders.get(fact.subject, ""), []):
                files[path] = _versioned(files[path], fact)
    return BatchState(name, opened, opened_at, files, tuple(releases), last_at)


def _met(old: FileState, fact: Fact) -> FileState:
    """A file was seen or refused: other content under the same path starts anew."""
    if fact.kind == REFUSED:
        return FileState(old.path, refused=fact.body["sentence"], seen=fact.body)
    if old.asset == fact.subject:
        return replace(old, seen=fact.body, refused="")
    return FileState(old.path, asset=fact.subject, seen=fact.body)


def _known(old: FileState, fact: Fact) -> FileState:
    if fact.kind == MEASURED:
        return replace(old, measured=fact.body)
    if fact.kind == AMENDED:
        return replace(old, amended=_amended(old.amended, fact))
    return replace(old, sorted=fact.body)


def _amended(old: Mapping[str, Mapping[str, Any]], fact: Fact) -> Mapping[str, Mapping[str, Any]]:
    """A person's latest word on each step; one without parameters takes it back."""
    others = {name: body for name, body in old.items() if name != fact.body["step"]}
    if "params" not in fact.body:
        return others
    return {**others, fact.body["step"]: dict(fact.body) | {"by": fact.personal.get("name", "erased"), "at": fact.at}}


def _versioned(old: FileState, fact: Fact) -> FileState:
    if fact.kind == MADE:
        if old.version == fact.subject:
            return replace(old, made=fact.body)
        return FileState(
            old.path,
            old.asset,
            seen=old.seen,
            measured=old.measured,
            sorted=old.sorted,
            amended=old.amended,
            version=fact.subject,
            made=fact.body,
            past_decisions=old.past_decisions + old.decisions,
        )
    if old.version != fact.subject:
        return old
    if fact.kind == JUDGED:
        return replace(old, judged=fact.body)
    if fact.kind == ROUTED:
        return replace(old, routed=fact.body)
    if fact.kind == DECIDED:
        taken = DecisionTaken(
            fact.subject,
            fact.body["decided"],
            fact.personal.get("name", "erased"),
            fact.body.get("reason", ""),
            fact.body.get("how", "own"),
            fact.at,
        )
        return replace(old, decisions=(*old.decisions, taken))
    if fact.kind == APPROVED:
        return replace(old, approved=dict(fact.body) | {"by": fact.personal.get("name", "erased"), "at": fact.at})
    if fact.kind == DELIVERED:
        return replace(old, deliveries=(*old.deliveries, dict(fact.body) | {"at": fact.at}))
    if fact.kind == DELIVERY_REFUSED:
        return replace(old, delivery_refusals=(*old.delivery_refusals, fact.body))
    return old
