"""What a channel was handed as one zip that unpacks anywhere, and a delivery in a bucket; whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.facts import NewFact
from safelight.delivery.handover import number_of
from safelight.delivery.manifest import JSON_NAME, csv_of, promised_files
from safelight.delivery.place import replace_file

if TYPE_CHECKING:
    from safelight.delivery.bucket import Bucket
    from safelight.store import Store

SENT = "batch.sent"
# Zip keeps dates in local time and to two seconds: a fixed one, so that the same delivery is the same file.
_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX, _MODE = 3, 0o644 << 16


def write_zips(store: Store, folder: Path) -> list[Path]:
    """Write a zip for each channel and hand-over of a delivery, with its part of the manifest in it.

    A zip that is there and holds all that stands of its hand-over is left as it was sent.

    Parameters
    ----------
    store : Store
        The bytes come from here, held against the manifest's hashes.
    folder : Path
        Of the delivery, where its manifest lies.

    Returns
    -------
    list of Path
        ``CHANNEL.zip`` beside the channels' folders, ``CHANNEL-2.zip`` of what changed and was handed over again, and
        so on; the same delivery gives the same bytes.

    Raises
    ------
    BlobDamagedError
        If what was delivered is not in the store as it was.
    DeliveryTargetError
        If the folder does not take it; the zip that was there stays.
    """
    data = promised_files(folder / JSON_NAME)
    handed = sorted({(each["channel"], number_of(each["file"])) for each in data["files"]})
    return [_write_zip(store, folder, channel, number, data) for channel, number in handed]


def _write_zip(store: Store, folder: Path, channel: str, number: int, data: Mapping[str, Any]) -> Path:
    files = [each for each in data["files"] if (each["channel"], number_of(each["file"])) == (channel, number)]
    path = folder / f"{channel}{f'-{number}' if number > 1 else ''}.zip"
    if _holds(path, files):
        return path
    superseded = [each for each in data.get("superseded", ()) if each["channel"] == channel]
    mine = {**data, "files": files, "superseded": superseded}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:  # pictures are packed already
        for each in files:
            name = each["file"].rpartition("/")[2]
            packed.writestr(_entry(name), store.blobs.get(each["sha256"], verify=True))
        packed.writestr(_entry("manifest.json"), json.dumps(mine, indent=1, sort_keys=True).encode("ascii"))
        packed.writestr(_entry("manifest.csv"), csv_of(files, superseded))
    replace_file(path, out.getvalue())
    return path


def _holds(path: Path, files: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a zip is there that holds all of these files already."""
    try:
        with zipfile.ZipFile(path) as packed:
            there = json.loads(packed.read(JSON_NAME))["files"]
            known = {(each["file"], each["sha256"]) for each in there}
            return packed.testzip() is None and all((each["file"], each["sha256"]) in known for each in files)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return False


def _entry(name: str) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name, _DATE)
    found.create_system, found.external_attr = _UNIX, _MODE
    return found


def send_batch(store: Store, batch: str, folder: Path, bucket: Bucket) -> list[dict[str, Any]]:
    """Put a delivery into a bucket: every file, then its manifest; told in the ledger when all of it lies there.

    Parameters
    ----------
    store : Store
    batch : str
    folder : Path
        Of the delivery, where its manifest lies.
    bucket : Bucket

    Returns
    -------
    list of dict
        A line a file: ``file``, ``key``, ``sha256``, ``was_there``.

    Raises
    ------
    DeliveryTargetError
        If anything is not taken or reads back otherwise. What lies there already stays; run again to go on, and
        nothing is counted as sent before the manifest is there.
    """
    path = folder / JSON_NAME
    data = promised_files(path)
    lines = []
    for each in data["files"]:
        kept = bucket.put(f"{batch}/{each['file']}", store.blobs.get(each["sha256"], verify=True))
        lines.append({"file": each["file"], "key": kept.key, "sha256": kept.sha256, "was_there": kept.was_there})
    manifest = path.read_bytes()
    digest = hashlib.sha256(manifest).hexdigest()
    # A key is never written twice: each state of the manifest has one of its own.
    kept = bucket.put(f"{batch}/manifest-{digest[:16]}.json", manifest)
    body = {"to": bucket.address, "manifest": digest, "key": kept.key, "files": len(lines)}
    told = [each.body for each in store.ledger.facts(kind=SENT, subject=batch)]
    if body not in told:
        store.ledger.append([NewFact(SENT, batch, body, batch=batch)])
    return [*lines, {"file": JSON_NAME, "key": kept.key, "sha256": digest, "was_there": kept.was_there}]
