"""A batch for an outside vendor: a folder with pictures, a manifest for machines and a brief for people."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safelight.core.canonical import to_json
from safelight.errors import UsageError
from safelight.runs.single import write_beside

MANIFEST, BRIEF = "manifest.json", "BRIEF.txt"
OURS = (MANIFEST, BRIEF)
SCHEMA = 1


def require_terms(vendor: str, due: str, brief: str) -> dict[str, str]:
    """Return the terms of a batch for a vendor; empty for a retoucher of the house.

    Raises
    ------
    UsageError
        For a vendor without a deadline or a brief, or a deadline that is no date.
    """
    if not vendor.strip():
        if due or brief:
            raise UsageError("--due and --brief are a vendor's: say who with --vendor NAME")
        return {}
    if not due or not brief.strip():
        raise UsageError("a vendor gets a deadline and a brief: add --due YYYY-MM-DD --brief TEXT")
    try:
        day = datetime.date.fromisoformat(due)
    except ValueError:
        raise UsageError(f"--due is {due!r}; it takes a date, like 2026-05-01") from None
    return {"vendor": vendor.strip(), "due": day.isoformat(), "brief": brief.strip()}


def write_package(
    folder: Path, batch: str, terms: Mapping[str, str], files: Sequence[Mapping[str, Any]], name: str
) -> None:
    """Write manifest and brief beside the pictures of a vendor's batch.

    Parameters
    ----------
    folder : Path
        Where the pictures lie.
    batch : str
    terms : mapping
        From `require_terms`.
    files : sequence of mapping
        For each: ``path``, ``file``, ``ticket``, ``sha256``, ``bytes``, ``width``, ``height``, ``bits``, ``space``,
        ``ground`` and ``note``.
    name : str
        Who sends it.
    """
    kept = ("file", "ticket", "sha256", "bytes", "width", "height", "bits", "space", "ground", "note")
    data = {
        "schema": SCHEMA,
        "batch": batch,
        **terms,
        "from": name,
        "files": [{key: each[key] for key in kept} for each in files],
    }
    write_beside(folder / MANIFEST, (to_json(data) + "\n").encode())
    write_beside(folder / BRIEF, _words(batch, terms, files, name).encode())


def _words(batch: str, terms: Mapping[str, str], files: Sequence[Mapping[str, Any]], name: str) -> str:
    head = [
        f"{len(files)} pictures of {batch} for {terms['vendor']}, due {terms['due']}, from {name}.",
        "",
        terms["brief"],
        "",
        "Send back each file under its name, at its size, in its profile, in RGB, uncropped and in place; layered PSD,",
        "flat PSD or TIFF. Leave the background layer as it is, or send the picture see-through.",
        "",
    ]
    parts = [f"{each['file']}\n{each['note']}\n" for each in files]
    return "\n".join([*head, *parts])
