"""Drafts made of several pictures: the facts by which they enter an edit, and the mark that holds them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from safelight.core import batch as told
from safelight.core.batch import BatchState, FileState
from safelight.core.edit import Edit
from safelight.core.facts import NewFact
from safelight.errors import GateClosedError, UsageError
from safelight.plugins import step_named
from safelight.review.amend import CUTOUT, MATTE, RETOUCHER, matte_of

GHOST = "ghost_mannequin"
# What a joint may measure before a person is told to look there first: % of the opening, %, ΔE00, % of the longer side.
FAIR: Mapping[str, float] = {"neck_step": 4.0, "gap": 2.0, "shade": 8.0, "shoulder": 1.0}
_SAID = {
    "neck_step": ("the outline steps by {:.1f} % of the opening where the collars meet", "neck"),
    "gap": ("nothing lies behind {:.1f} % of the opening", "seam"),
    "shade": ("both collars differ by ΔE00 {:.1f} where they meet", "shading"),
    "shoulder": ("the shoulders' outlines lie {:.2f} % of the frame apart", "shoulder"),
}


def require_two_shots(outer: FileState, inner: FileState) -> None:
    """Refuse what no draft can be made of.

    Raises
    ------
    UsageError
        If both are the same file.
    GateClosedError
        If one has no version yet, or the outer's pixels are frozen.
    """
    if outer.path == inner.path:
        raise UsageError(f"{outer.path} is named twice: a ghost mannequin takes an outer shot and an inner one")
    for file in (outer, inner):
        if not file.version:
            raise GateClosedError(f"{file.path} has no version to join; it is {file.standing}")
    if outer.approved:
        raise GateClosedError(
            f"{outer.path} was approved by {outer.approved['by']}, which freezes its pixels; send it back first"
        )


def joined(
    batch: BatchState,
    outer: FileState,
    inner: FileState,
    found: Mapping[str, Any],
    depth: float,
    name: str,
    reason: str,
) -> list[NewFact]:
    """Return the facts of a draft made of two shots: its picture and its cut-out, in the outer's edit.

    Parameters
    ----------
    found : mapping
        From `safelight.runs.ghost.make_ghost`.

    Raises
    ------
    UsageError
        Without a name.
    """
    if not name.strip():
        raise UsageError("a draft needs the name of a person who asked for it: add --as NAME")
    step, cut = step_named(GHOST), matte_of(outer)
    about = {"path": outer.path, "reason": reason}
    draft = about | {
        "step": GHOST,
        "version": step.version,
        "params": step.params.accept({"inner": inner.path, "depth": depth}, fill=True),
        "artifacts": {"base": ["base", found["base"], "image/tiff"]},
        "key": found["upstream"],
        "joints": dict(found["joints"]),
    }
    kept = {role: [each.kind, each.sha256, each.media_type] for role, each in cut.artifacts.items()}
    # The edge's own colors are in the picture already.
    kept = {role: each for role, each in kept.items() if role != "foreground"}
    matte = about | {
        "step": CUTOUT,
        "version": cut.version,
        "params": dict(cut.params),
        "artifacts": kept | {MATTE: ["matte", found["matte"], "image/png"]},
        "key": outer.made.get("keys", {}).get(CUTOUT, ""),
    }
    return [NewFact(told.AMENDED, outer.asset, each, RETOUCHER, batch.name, {"name": name}) for each in (draft, matte)]


def joint_lines(joints: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return what was measured of a draft's joints, a line each with its words.

    Examples
    --------
    >>> [each["verdict"] for each in joint_lines({"neck_step": 1.0, "gap": 9.0, "shade": 2.0, "shoulder": 0.2})]
    ['pass', 'warn', 'pass', 'pass']
    """
    return [
        {
            "joint": _SAID[name][1],
            "value": joints[name],
            "limit": FAIR[name],
            "verdict": "pass" if joints[name] <= FAIR[name] else "warn",
            "said": _SAID[name][0].format(joints[name]),
        }
        for name in FAIR
    ]


def edit_of(file: FileState) -> Edit:
    """Return the edit of a file's version as it stands."""
    return Edit.from_data(file.made["edit"])
