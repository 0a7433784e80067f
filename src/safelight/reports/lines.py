"""A batch as lines of data, one a file: what ``--json`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from safelight.core.batch import BatchState, FileState
from safelight.media.names import display_name


def run_lines(state: BatchState, proofs: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return where each file of a batch stands, by path.

    Keys: ``file`` (path in the shoot), ``name`` (printable), ``standing``, ``class``, ``category``, ``sku``, ``view``,
    ``group``, ``route``, ``queue``, ``reasons``, ``confidence``, ``calibrated``, ``verdicts``, ``proof``, ``version``,
    ``delivered``. Keys are only ever added.
    """
    return [_run_line(state, state.files[path], proofs.get(path, "")) for path in sorted(state.files)]


def cull_lines(state: BatchState) -> list[dict[str, Any]]:
    """Return the class of each file with its group and reasons, by path; unreadable ones too."""
    return [_cull_line(state, state.files[path]) for path in sorted(state.files)]


def _cull_line(state: BatchState, file: FileState) -> dict[str, Any]:
    return {
        "batch": state.name,
        "file": file.path,
        "name": display_name(file.path),
        "class": "unreadable" if file.refused else file.sorted.get("class", "cant_tell"),
        "group": file.sorted.get("group", ""),
        "reasons": [file.refused] if file.refused else list(file.sorted.get("reasons", ())),
        "category": file.sorted.get("category", ""),
        "sku": file.sorted.get("sku", ""),
        "view": file.sorted.get("view", ""),
        "asset": file.asset,
        "confidence": file.sorted.get("confidence"),
        "colorway": file.sorted.get("colorway", ""),
        "outside": [each["text"] for each in file.sorted.get("outside", ())],
    }


def _run_line(state: BatchState, file: FileState, proof: str) -> dict[str, Any]:
    routed = file.routed
    why = [each["text"] for each in routed.get("reasons", ())] or _cull_line(state, file)["reasons"]
    return _cull_line(state, file) | {
        "standing": file.standing,
        "version": file.version,
        "route": routed.get("route", ""),
        "queue": routed.get("queue", ""),
        "reasons": why,
        "confidence": routed.get("confidence"),
        "calibrated": routed.get("calibrated", False),
        "verdicts": {each["check"]: each["word"] for each in file.judged.get("verdicts", ())},
        "proof": f"proofs/{proof}" if proof else "",
        "delivered": list(file.lying),
    }
