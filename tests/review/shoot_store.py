"""A store that knows a folder of sorted files, without a pixel having been looked at."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from safelight.core import batch as told
from safelight.core.facts import NewFact
from safelight.review.overrule import record_overrulings
from safelight.review.sidecars import read_sidecars, show_sidecars, write_sidecars
from safelight.store import Store
from safelight.workflows.sidecar_rules import SidecarRules

RULES = SidecarRules(("View|front", "Category|packshot", "red"))


class Shoot:
    """Files in a folder, and what the ledger says of them."""

    def __init__(self, folder: Path, rules: SidecarRules = RULES, root: Path | None = None):
        self.root = root or folder / "shoot"
        self.root.mkdir(exist_ok=root is not None)
        self.store = Store.create(folder / "store")
        self.rules = rules
        opening = {"folder": str(self.root), "guide": "house", "guide_key": "k"}
        self.store.ledger.append([NewFact(told.OPENED, "shoot", opening, batch="shoot")])

    def file(self, name, cull="pick", taken="2026-03-01T10:00:00", model="Test One", **more):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = os.fsencode(f"{name} {more.pop('content', '')}")
        path.write_bytes(data)
        asset = hashlib.sha256(data).hexdigest()
        kind = "raw" if path.suffix.lower() in (".cr2", ".dng") else "jpeg"
        capture = {"taken_at": taken, "model": model, "make": "Test"}
        body = {"path": name, "sku": "", "view": "front", "color": "", "category": "packshot", "stakes": "standard"}
        body |= {"class": cull, "reasons": ["sharp"], "group": "", "lighting": "", **more}
        self.store.ledger.append(
            [
                NewFact(told.SEEN, asset, {"path": name, "size": len(data), "mtime_ns": 1}, batch="shoot"),
                NewFact(told.MEASURED, asset, {"path": name, "format": kind, "capture": capture}, batch="shoot"),
                NewFact(told.SORTED, asset, body, batch="shoot"),
            ]
        )
        return asset

    def state(self):
        return told.read_batch("shoot", self.store.ledger.facts(batch="shoot"))

    def write(self, **more):
        return {each["sidecar"]: each for each in write_sidecars(self.store, self.state(), self.rules, **more)}

    def read(self, name="Ines", **more):
        return {each["sidecar"]: each for each in read_sidecars(self.store, self.state(), self.rules, name, **more)}

    def status(self):
        return {each["sidecar"]: each for each in show_sidecars(self.store, self.state(), self.rules)}

    def overrule(self, *files, word, name="Ines", reason="I see it"):
        return record_overrulings(self.store, self.state(), files, word, name, reason)

    def put(self, name, data):
        (self.root / name).write_bytes(data)

    def get(self, name):
        return (self.root / name).read_bytes()
