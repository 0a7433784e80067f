"""Seeds a store with 100,000 assets and a million facts, as runs and people would tell them, without a pixel."""

from __future__ import annotations

import hashlib
import random
import time
from pathlib import Path

from safelight.core import batch as told
from safelight.core.facts import Actor, NewFact
from safelight.store import Store

BATCH_FILES = 1000
QUEUES = ("edge_repair", "color", "detail", "review", "skin", "retouch", "crop", "background")
CATEGORIES = ("packshot", "apparel", "jewelry", "flat_lay", "on_model")
REASONS = [
    {
        "code": "calibrate",
        "text": "cutout works on background_removal, which is set to calibrate",
        "doubt": False,
        "values": {},
    },
    {
        "code": "sampled",
        "text": "exposure: sampled, because 0 decisions recorded, 30 are needed",
        "doubt": False,
        "values": {},
    },
    {"code": "edge", "text": "the edge is unsure over 2.1 % of its length", "doubt": True, "values": {"share": 2.1}},
]
MEASURES = [
    {"name": "rim", "value": 1.2, "unit": "levels", "limit": 2.0, "direction": "at_most", "word": "pass", "why": ""}
]
EVIDENCE = [
    {"measure": "rim", "box": [0.1, 0.2, 0.3, 0.4], "value": 1.2, "text": "left edge", "heat": None, "crop": None}
]
CHECKS = ("halo", "background_white", "margins", "sharpness", "clipping", "banding", "gamut", "color_profile")
STEPS = ("white_balance", "exposure", "develop", "cutout", "crop_to_spec", "background", "sharpen_output")


def seed(root: Path, assets: int) -> None:
    """Tell a store of `assets` files in batches of a thousand, ten facts each."""
    chance = random.Random(7)
    with Store.create(root) as store:
        master = store.blobs.put(b"a master that nobody opens")
        begun = time.process_time()
        for first in range(0, assets, BATCH_FILES):
            _seed_batch(store, f"shoot-{first // BATCH_FILES:04}", min(BATCH_FILES, assets - first), master, chance)
            spent = time.process_time() - begun
            print(f"{first + BATCH_FILES} assets, {store.ledger.head().seq} facts, {spent:.0f} CPU s", flush=True)


def _seed_batch(store: Store, name: str, count: int, master: str, chance: random.Random) -> None:
    client = f"Client {int(name[-4:]) % 20:02}"
    opening = {"folder": f"/shoots/{name}", "guide": "house", "guide_key": "k", "guide_path": "", "client": client}
    store.ledger.append([NewFact(told.OPENED, name, opening, batch=name)])
    for start in range(0, count, 100):
        facts: list[NewFact] = []
        for n in range(start, min(start + 100, count)):
            facts += _story(name, n, master, chance)
        store.ledger.append(facts)


def _story(batch: str, n: int, master: str, chance: random.Random) -> list[NewFact]:
    asset = hashlib.sha256(f"{batch} {n}".encode()).hexdigest()
    version, path = asset[:16], f"SKU{n // 4:04}/IMG_{n:05}.jpg"
    sku, view = f"SKU{n // 4:04}", ("front", "back", "side", "detail")[n % 4]
    stakes = chance.choices(("standard", "high", "low"), (8, 1, 1))[0]
    capture = {"make": "Test", "model": "One", "lens": "50", "taken_at": f"2026-03-01T10:{n % 60:02}:00", "iso": 100.0}
    measured = {"path": path, "format": "jpeg", "width": 6000, "height": 4000, "bits": 8, "profile": "sRGB"}
    measured |= {"capture": capture, "thumbnail": "", "notes": [], "reasons": {}, "work": "k"}
    sort = {"path": path, "sku": sku, "view": view, "color": "blue", "category": chance.choice(CATEGORIES)}
    sort |= {"stakes": stakes, "class": "pick", "reasons": ["nothing speaks against it"], "group": "", "lighting": "a"}
    steps = [
        {
            "step": each,
            "version": 1,
            "params": {"amount": 0.5, "radius_px": 1.2, "strength": 0.3},
            "artifacts": {},
            "confidence": [0.8, False],
            "reasons": REASONS[:2],
            "by": ["step", each, "1"],
            "amended": False,
            "stale": False,
        }
        for each in STEPS
    ]
    made = {
        "asset": asset,
        "edit": {"schema": 1, "original": asset, "steps": steps},
        "edit_key": "e",
        "render_key": "r",
    }
    made |= {"blobs": {"master": master, "proof": master, "thumbnail": master}, "width": 6000, "height": 4000}
    made |= {"geometry": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "optics": None, "state": "draft", "made_by": "machine"}
    verdicts = [
        {"check": each, "version": 1, "word": "pass", "measures": MEASURES, "evidence": EVIDENCE} for each in CHECKS
    ]
    route = chance.choices(("review", "spot_check", "specialist"), (7, 2, 1))[0]
    routed = {"route": route, "queue": chance.choice(QUEUES), "zone": 2, "reasons": REASONS, "confidence": 0.8}
    routed |= {"category": sort["category"], "tasks": ["cutout"], "calibrated": False}
    told_of = [
        (told.SEEN, asset, {"path": path, "size": 9_000_000, "mtime_ns": n}),
        (told.SEEN, asset, {"path": path, "size": 9_000_000, "mtime_ns": n + 1}),
        (told.MEASURED, asset, measured),
        (told.SORTED, asset, sort),
        (told.SORTED, asset, {**sort, "color": "red"}),
        (told.MADE, version, made),
        (told.JUDGED, version, {"verdicts": verdicts}),
        (told.ROUTED, version, routed),
    ]
    facts = [NewFact(kind, subject, body, batch=batch) for kind, subject, body in told_of]
    if n % 4 < 3:  # three in four are decided and delivered
        person, name = Actor("person", "reviewer"), {"name": f"Person {n % 9}"}
        body = {"decided": "approve", "reason": "", "how": "own", "reasons": []}
        facts.append(NewFact(told.DECIDED, version, body, person, batch, name))
        body = {"master": master, "how": "own", "edit": "e", "overrides": []}
        facts.append(NewFact(told.APPROVED, version, body, person, batch, name))
        body = {"channel": "web", "name": f"{sku}_{view}.jpg", "sha256": "0" * 64, "bytes": 1000, "rules": "1"}
        facts += [NewFact(told.DELIVERED, version, body, batch=batch)] * 1
    return facts
