"""The manifest of a delivery: what was delivered, by whose release, and a way to check it is still so."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from safelight.delivery.place import hash_file, replace_file
from safelight.delivery.verify import RuleResult
from safelight.errors import UnreadableError

SCHEMA = 1
JSON_NAME, CSV_NAME = "manifest.json", "manifest.csv"
COLUMNS = (
    "file", "channel", "sha256", "bytes", "width", "height", "profile", "quality", "rules_passed", "rules_failed",
    "released_by", "released_at", "edit_key", "master_sha256", "original", "original_sha256", "pack", "pack_read",
    "overridden", "operation", "source_type", "signed_by", "disclosure", "delivery", "supersedes", "cost", "currency",
)  # fmt: skip
_TOLD = ("operation", "source_type", "signed_by", "disclosure")
_LATER = ("delivery", "supersedes", "cost", "currency")  # not in every manifest of schema 1
_STORED = tuple(
    each for each in COLUMNS if not each.startswith(("rules_", "overridden")) and each not in (*_TOLD, *_LATER)
)


@dataclass(frozen=True)
class Entry:
    """One delivered file.

    Parameters
    ----------
    file : str
        Its path below the delivery's folder: ``"amazon-main/A1_front.jpg"``.
    released_by, released_at : str
        Who released it and when, from the ledger: ISO 8601, UTC. Never the clock.
    edit_key, master_sha256, original_sha256 : str
        How it came to be: the edit that was painted, the frozen master, the untouched original.
    pack, pack_read : str
        The rule pack and the day it was read.
    overrides : tuple of mapping
        Verdicts of gate 1 that a lead overrode: check, reason, by whom, what was measured, who approved it so.
    provenance : mapping
        What was done and what the file says of it, as `dress.Dress.to_data` tells it.
    delivery : int
        The number of the hand-over that it left with.
    cost : mapping
        What people's work on its original cost: ``amount`` (None where it is not known, and ``why``), ``currency``,
        ``review_min``, ``labor_min``. One original's, however many channels it goes to.
    """

    file: str
    channel: str
    sha256: str
    bytes: int
    width: int
    height: int
    profile: str
    quality: int
    rules: tuple[RuleResult, ...]
    released_by: str
    released_at: str
    edit_key: str
    master_sha256: str
    original: str
    original_sha256: str
    pack: str
    pack_read: str
    values: Mapping[str, str | int] = field(default_factory=lambda: MappingProxyType({}))
    overrides: tuple[Mapping[str, Any], ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    delivery: int = 1
    cost: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def to_data(self) -> dict[str, Any]:
        """Return JSON data."""
        nested = ("rules", "values", "overrides", "provenance", "cost")
        data = {key: getattr(self, key) for key in self.__dataclass_fields__ if key not in nested}
        return data | {
            "overrides": [dict(each) for each in self.overrides],
            "provenance": dict(self.provenance),
            "cost": dict(self.cost),
            "values": dict(self.values),
            "rules": [each.to_data() for each in self.rules],
        }


@dataclass(frozen=True)
class ManifestCheck:
    """What a manifest says against what lies there: files as promised, missing, changed, and not promised.

    What was superseded may lie there or not; it is none of these.
    """

    good: tuple[str, ...]
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """True if every promised file is there, byte for byte; extra files do no harm."""
        return not self.missing and not self.changed


def write_manifest(
    folder: Path,
    entries: Sequence[Entry],
    about: Mapping[str, Any],
    superseded: Sequence[Mapping[str, Any]] = (),
) -> tuple[Path, Path]:
    """Write ``manifest.json`` and ``manifest.csv`` into the delivery's folder, the JSON last.

    Files of an earlier delivery into the same folder stay listed as they were, unless another took their place.

    Parameters
    ----------
    folder : Path
        The folder above the channels' folders.
    entries : sequence of Entry
        Every file of the delivery; written in the order of their paths, so that the same delivery gives the same bytes.
    about : mapping, JSON data
        Batch, client, guide and its hash, warnings.
    superseded : sequence of mapping, JSON data
        What was handed over and replaced since: ``file``, ``sha256``, ``superseded_by``, ``why``, ``delivered_at``.

    Returns
    -------
    (Path, Path)
        Of the JSON and the CSV.

    Raises
    ------
    UnreadableError
        If a manifest lies there that cannot be read: it is never lost by writing over it.
    DeliveryTargetError
        If the folder does not take it; the earlier one lies there then.
    """
    json_path, csv_path = folder / JSON_NAME, folder / CSV_NAME
    there = _read(json_path) if json_path.exists() else {"files": []}
    replaced = {str(each["file"]): each for each in (*there.get("superseded", ()), *superseded)}
    files = {each["file"]: each for each in (*there["files"], *(each.to_data() for each in entries))}
    ordered = [files[name] for name in sorted(files) if name not in replaced]
    data = {"schema": SCHEMA, **about, "files": ordered, "superseded": [replaced[name] for name in sorted(replaced)]}
    replace_file(csv_path, csv_of(ordered, data["superseded"]))
    replace_file(json_path, json.dumps(data, indent=1, sort_keys=True, ensure_ascii=True).encode("ascii") + b"\n")
    return json_path, csv_path


def check_manifest(path: Path) -> ManifestCheck:
    """Hash every file that a manifest names again and say what is as promised.

    Parameters
    ----------
    path : Path
        The manifest, or the folder that holds it.

    Raises
    ------
    UnreadableError
        If it is no manifest, or names a file outside its folder.
    """
    path = path / JSON_NAME if path.is_dir() else path
    promised = _promised(path)
    good, missing, changed = [], [], []
    for name, (sha256, size) in promised.items():
        file = path.parent / name
        if file.is_symlink() or not file.is_file():
            missing.append(name)
        elif file.stat().st_size != size or hash_file(file) != sha256:
            changed.append(name)
        else:
            good.append(name)
    there = {each.relative_to(path.parent).as_posix() for each in path.parent.rglob("*") if each.is_file()}
    replaced = {each["file"] for each in _read(path).get("superseded", ())}
    extra = sorted(there - promised.keys() - replaced - {path.name, CSV_NAME})
    return ManifestCheck(tuple(good), tuple(missing), tuple(changed), tuple(extra))


def csv_of(files: Sequence[Mapping[str, Any]], superseded: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """Return a manifest's files as a table that spreadsheets read: RFC 4180, UTF-8 with its mark."""
    before = {each["superseded_by"]: each["file"] for each in superseded}
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([csv_cell(each) for each in _row(file, before.get(file["file"], ""))] for file in files)
    return b"\xef\xbb\xbf" + table.getvalue().encode("utf-8", "backslashreplace")


def promised_files(path: Path) -> Mapping[str, Any]:
    """Return a manifest as data.

    Raises
    ------
    UnreadableError
        If it is no manifest, or names a file outside its folder.
    """
    return _read(path)


def csv_cell(value: object) -> str:
    """Return a cell that a spreadsheet shows and never runs.

    Examples
    --------
    >>> csv_cell("=HYPERLINK(1)"), csv_cell("A1"), csv_cell(12)
    ("'=HYPERLINK(1)", 'A1', '12')
    """
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def _row(file: Mapping[str, Any], supersedes: str) -> list[object]:
    failed = [each["rule"] for each in file["rules"] if each["word"] != "pass"]
    passed = sum(each["word"] == "pass" for each in file["rules"])
    overridden = " ".join(each["check"] for each in file.get("overrides", ()))
    told = file.get("provenance", {})
    signed = told.get("credentials", {})
    by = signed.get("signer", "") if signed.get("vouched", True) else f"{signed['signer']} (untrusted)"
    shown = {
        **file,
        "overridden": overridden,
        "rules_passed": passed,
        "rules_failed": " ".join(failed),
        "signed_by": by,
        "delivery": file.get("delivery", 1),
        "supersedes": supersedes,
    }
    cost = file.get("cost") or {}
    amount = cost.get("amount")
    shown |= {"cost": cost.get("why", "") if amount is None else amount, "currency": cost.get("currency", "")}
    shown |= {key: told.get(key, "") for key in _TOLD if key != "signed_by"}
    return [shown[column] for column in COLUMNS]


def _promised(path: Path) -> dict[str, tuple[str, int]]:
    """Return (hash, size) by file."""
    return {each["file"]: (each["sha256"], each["bytes"]) for each in _read(path)["files"]}


def _read(path: Path) -> Mapping[str, Any]:
    """Read a manifest as the foreign data that it is when it comes back."""
    try:
        data: dict[str, Any] = json.loads(path.read_bytes())
        schema, names = data["schema"], [each["file"] for each in data["files"]]
        complete = all(key in each for each in data["files"] for key in ("rules", *_STORED))
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableError(f"{path} is no manifest: {error!r}") from None
    if schema != SCHEMA:
        raise UnreadableError(f"{path} is a manifest of schema {schema!r}; this safelight reads {SCHEMA}: update it")
    if not complete:
        raise UnreadableError(f"{path} is no manifest: a file lacks one of {', '.join(_STORED)}")
    for name in names:
        pure = PurePosixPath(name) if isinstance(name, str) else PurePosixPath("/")
        if pure.is_absolute() or ".." in pure.parts or "\\" in str(name) or "\0" in str(name):
            raise UnreadableError(f"{path} names {name!r}, which lies outside its folder")
    return data
