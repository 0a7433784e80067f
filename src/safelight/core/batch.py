"""A batch as the ledger tells it: one pure fold over its facts, for queues, releases and reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from safelight.core.canonical import key_of
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
DECIDED = "decision.made"  # version: decided, reason, reasons, how, return; personal: name, to
OVERRIDDEN = "verdict.overridden"  # version: check, verdict, measures, reason; personal: name
MARKED = "version.marked"  # version: state (draft, experiment), reason; personal: name
SUPERSEDED = "file.superseded"  # asset: path, by, by_asset, reason
WAIVED = "product.waived"  # batch: sku, color, view, channel, reason; personal: name
RELEASED = "batch.released"  # batch: sample, members; personal: name
APPROVED = "version.approved"  # version: master, how; personal: name
DELIVERED = "file.delivered"  # version: channel, name, sha256, bytes, rules
OVERRULED = "file.overruled"  # asset: path, field, from, to, machine, confidence, reason, via; personal: name
SIDECAR_SYNCED = "sidecar.synced"  # asset: path, sidecar, did, base, added, sha256; personal: name where a person did
SIDECAR_FAILED = "sidecar.failed"  # asset: path, sidecar, sentence
DELIVERY_REFUSED = "delivery.refused"  # version: channel, sentence
DELIVERY_CLOSED = "delivery.closed"  # batch: number; a numbered hand-over of changed files came to its end
UNDONE = "decision.undone"  # version: decision (the number of its fact); personal: name
LOOKED = "file.looked"  # asset: path, version, room (review, amend), seconds that its screen was in use; personal: name
FETCHED = "file.fetched"  # asset or version: what, batch, file, size or bytes; it moves nothing, so of no batch
NO_NEWS = LOOKED, FETCHED  # what one looked at or took out is nobody else's
ASSIGNED = "work.assigned"  # asset: path, to (an account, "" for nobody); personal: to_name


# How a person came to decide: on the file itself, in a release's sample, for a release's members, as the client.
OWN, SAMPLE, RELEASE, RETURN = "own", "sample", "release", "return"
EDGE_CHECK = "halo"  # the check whose failure is a failure of the edge (R4)


@dataclass(frozen=True)
class DecisionTaken:
    """What a named person said of a version, how they came to it, and where it went back to.

    `reasons` are codes of `safelight.routing.reasons`; `returned` holds ``queue``, ``step`` and ``to`` of what was sent
    back.
    """

    version: str
    decided: str
    by: str
    reason: str
    how: str
    at: str
    reasons: tuple[str, ...] = ()
    returned: Mapping[str, str] = field(default_factory=dict)
    seq: int = 0


@dataclass(frozen=True)
class OverrideTaken:
    """A lead's word on one verdict of one version: which check, which verdict of it, why, and what was measured."""

    check: str
    verdict: str
    reason: str
    by: str
    at: str
    measures: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class FileState:
    """One file of a batch: what is known, what was made of it, and where it stands.

    Bodies of facts are kept as they are written; empty mappings where there is none yet. `versions` are all versions it
    ever had, oldest first; `edge_failed` those of them whose edge failed at a gate; `superseded` says what was shot in
    its place; `assigned` is the account that it was given to.
    """

    path: str
    asset: str = ""
    refused: str = ""
    seen: Mapping[str, Any] = field(default_factory=dict)
    seen_at: str = ""
    measured: Mapping[str, Any] = field(default_factory=dict)
    sorted: Mapping[str, Any] = field(default_factory=dict)
    amended: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    version: str = ""
    made: Mapping[str, Any] = field(default_factory=dict)
    made_at: str = ""
    judged: Mapping[str, Any] = field(default_factory=dict)
    routed: Mapping[str, Any] = field(default_factory=dict)
    routed_at: str = ""
    decisions: tuple[DecisionTaken, ...] = ()
    past_decisions: tuple[DecisionTaken, ...] = ()
    overrides: tuple[OverrideTaken, ...] = ()
    marked: Mapping[str, Any] = field(default_factory=dict)
    approved: Mapping[str, Any] = field(default_factory=dict)
    deliveries: tuple[Mapping[str, Any], ...] = ()
    past_deliveries: tuple[Mapping[str, Any], ...] = ()
    delivery_refusals: tuple[Mapping[str, Any], ...] = ()
    versions: tuple[str, ...] = ()
    edge_failed: tuple[str, ...] = ()
    superseded: Mapping[str, Any] = field(default_factory=dict)
    assigned: str = ""

    @property
    def failed_checks(self) -> tuple[str, ...]:
        """The checks that fail on this version, overridden or not: an override leaves the verdict as it is."""
        return tuple(each["check"] for each in self.judged.get("verdicts") or () if each["word"] == "fail")

    @property
    def open_failures(self) -> tuple[str, ...]:
        """The failed checks that no override of this very verdict covers."""
        covered = {(each.check, each.verdict) for each in self.overrides}
        return tuple(
            each["check"]
            for each in self.judged.get("verdicts") or ()
            if each["word"] == "fail" and (each["check"], verdict_key(each)) not in covered
        )

    @property
    def passes_gate_1(self) -> bool:
        """True if every check ran and none failed."""
        return bool(self.judged.get("verdicts")) and not self.failed_checks

    @property
    def scaffold(self) -> tuple[str, ...]:
        """The steps that made a draft which no person has finished yet: such a version never passes (R102)."""
        return tuple(self.made.get("scaffold", ()))

    @property
    def state(self) -> str:
        """What the version is: ``draft``, ``experiment`` or ``approved`` (R130, R131)."""
        if self.approved:
            return "approved"
        return str(self.marked.get("state") or self.made.get("state", "draft"))

    @property
    def goes_on(self) -> bool:
        """False for what culling left out, be it a copy of a file that was picked and shares its version."""
        return self.sorted.get("class") not in ("reject", "alternate") and not self.superseded

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

    @property
    def lying(self) -> tuple[str, ...]:
        """Where its delivered files lie, below the delivery's folder: the last one of each channel."""
        last = {each["channel"]: each for each in self.deliveries}
        return tuple(f"{each.get('place') or each['channel']}/{each['name']}" for each in last.values())

    @property
    def waits_since(self) -> str:
        """Since when it waits for people: its last rejection, else its routing; "" where it does not."""
        back = [each.at for each in self.decisions if each.decided != "approve"]
        return back[-1] if back else self.routed_at

    @property
    def queue(self) -> str:
        """The queue it waits in: where its last rejection sent it, else where it was routed."""
        for each in reversed(self.decisions):
            if each.decided != "approve":
                return each.returned.get("queue", "") or str(self.routed.get("queue", ""))
        return str(self.routed.get("queue", ""))


@dataclass(frozen=True)
class BatchState:
    """A batch at one moment: its opening, its files by path, its releases and waivers, and its last fact."""

    name: str
    opened: Mapping[str, Any]
    opened_at: str
    files: Mapping[str, FileState]
    releases: tuple[Fact, ...]
    last_at: str
    waivers: tuple[Fact, ...] = ()
    last_seq: int = 0

    def file_named(self, name: str) -> FileState | None:
        """Return the file with this path, or the only one with this base name."""
        if name in self.files:
            return self.files[name]
        same = [each for path, each in self.files.items() if path.rsplit("/", 1)[-1] == name]
        return same[0] if len(same) == 1 else None


def verdict_key(verdict: Mapping[str, Any]) -> str:
    """Return what identifies a verdict: its check, that check's version, and each measure with its limit and word.

    Examples
    --------
    >>> rim = {"name": "rim", "value": 3.0, "limit": 2.0, "word": "fail"}
    >>> one = {"check": "halo", "word": "fail", "measures": [rim]}
    >>> verdict_key(one) == verdict_key(one | {"evidence": []}), verdict_key(one) == verdict_key(one | {"word": "warn"})
    (True, False)
    """
    measures = [
        [each["name"], each["value"], each.get("limit"), each["word"]] for each in verdict.get("measures") or ()
    ]
    return key_of("verdict", verdict["check"], verdict.get("version", 0), verdict["word"], measures)[:16]


def read_batch(name: str, facts: Iterable[Fact]) -> BatchState:
    """Fold the facts of one batch, oldest first, into its present state; see `safelight.core.fold.BatchFold`.

    A later fact about the same thing supersedes an earlier one; decisions and
    deliveries add up. When a file gets another version, its earlier decisions
    become past ones: an approval is of pixels, never of a name.
    """
    from safelight.core.fold import BatchFold

    fold = BatchFold(name)
    fold.add(facts)
    return fold.state()
