"""A batch told in facts, as the ledger would hand it over."""

from __future__ import annotations

from safelight.core import batch as told
from safelight.core.facts import SYSTEM, Fact


class Story:
    """Append facts as `NewFact`s or by hand; `batch()` folds them."""

    def __init__(self):
        self.facts = []
        self.add(told.OPENED, "spring", {"folder": "/shoots/spring", "guide": "house", "guide_key": "k"})

    def add(self, kind, subject, body, **personal):
        seq = len(self.facts) + 1
        at = f"2026-11-21T10:{seq // 60:02}:{seq % 60:02}Z"
        self.facts.append(Fact(seq, kind, subject, body, SYSTEM, "spring", personal, at, "", ""))

    def take(self, new):
        for each in new:
            self.add(each.kind, each.subject, each.body, **each.personal)

    def file(self, name, route="review", confidence=0.8, words=("pass",), stakes="standard", cull="pick"):
        asset = f"asset-{name}"
        self.add(told.SEEN, asset, {"path": name, "size": 1, "mtime_ns": 1})
        self.add(told.SORTED, asset, {"path": name, "class": cull, "stakes": stakes, "category": "packshot"})
        self.version(name, 1, route, confidence, words)

    def version(self, name, number, route="review", confidence=0.8, words=("pass",)):
        version = f"{name}-v{number}"
        made = {"asset": f"asset-{name}", "edit_key": f"edit-{number}", "blobs": {"master": f"master-{version}"}}
        self.add(told.MADE, version, made)
        verdicts = [{"check": f"check{n}", "word": word} for n, word in enumerate(words)]
        self.add(told.JUDGED, version, {"verdicts": verdicts})
        reasons = [{"text": "because"}]
        self.add(told.ROUTED, version, {"route": route, "confidence": confidence, "reasons": reasons})

    def batch(self):
        return told.read_batch("spring", self.facts)
