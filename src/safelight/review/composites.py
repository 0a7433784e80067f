"""Drafts made of several pictures: the facts by which they enter an edit, and the mark that holds them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from safelight.core import batch as told
from safelight.core.batch import BatchState, FileState
from safelight.core.edit import Artifact, Edit, EditStep
from safelight.core.facts import NewFact
from safelight.core.layout import Layout
from safelight.errors import GateClosedError, UsageError
from safelight.plugins import step_named
from safelight.review.amend import CUTOUT, MATTE, RETOUCHER, matte_of

GHOST = "ghost_mannequin"
_OWN = "own_"  # artifacts of a draft: the cut-out that it took the place of
LAYOUT, CROP, GROUND, SHADOW = "layout", "crop_to_spec", "background", "shadow"
# What a joint may measure before a person is told to look there first: % of the opening, %, ΔE00, % of the longer side.
FAIR: Mapping[str, float] = {"neck_step": 4.0, "gap": 2.0, "shade": 8.0, "shoulder": 1.0}
_SAID = {
    "neck_step": ("the outline steps by {:.1f} % of the opening where the collars meet", "neck"),
    "gap": ("nothing lies behind {:.1f} % of the opening", "seam"),
    "shade": ("both collars differ by ΔE00 {:.1f} where they meet", "shading"),
    "shoulder": ("the shoulders' outlines lie {:.2f} % of the frame apart", "shoulder"),
}
# What a layout may measure before a person is told to look there first; and the words.
_PLACED: Mapping[str, tuple[str, float, str]] = {
    "overlap": ("overlap", 15.0, "others cover {:.1f} % of one piece"),
    "outside": ("sheet", 0.1, "{:.1f} % of one piece lies beyond the sheet"),
    "seam": ("seams", 5.0, "{:.1f} % of the seams between pieces is lighter or darker than both sides"),
    "light": ("shadows", 45.0, "the captures' own shadows fall {:.0f}° apart"),
    "enlarged": ("size", 100.0, "the most enlarged piece is shown at {:.0f} % of its capture's pixels"),
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
    _require_name(name)
    step, cut = step_named(GHOST), _own_cutout(outer)
    about = {"path": outer.path, "reason": reason}
    draft = about | {
        "step": GHOST,
        "version": step.version,
        "params": step.params.accept({"inner": inner.path, "depth": depth}, fill=True),
        "artifacts": {"base": ["base", found["base"], "image/tiff"]} | _kept_beside(cut),
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


def _require_name(name: str) -> None:
    if not name.strip():
        raise UsageError("a draft needs the name of a person who asked for it: add --as NAME")


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


def require_sheet(sheet: FileState, pieces: Iterable[FileState], layout: Layout) -> None:
    """Refuse what no layout can be made of.

    Raises
    ------
    GateClosedError
        If a file has no version yet, or the sheet's pixels are frozen.
    UsageError
        If the sheet's edit has no frame or ground that the layout sets.
    """
    for file in (sheet, *pieces):
        if not file.version:
            raise GateClosedError(f"{file.path} has no version to place; it is {file.standing}")
    if sheet.approved:
        raise GateClosedError(
            f"{sheet.path} was approved by {sheet.approved['by']}, which freezes its pixels; name another file as the "
            "sheet, or send it back first"
        )
    edit = edit_of(sheet)
    for step, wanted, key in ((CROP, layout.aspect != "original", "aspect"), (GROUND, bool(layout.ground), "ground")):
        if wanted and edit.step(step) is None:
            raise UsageError(f"{sheet.path}: its workflow has no step {step}, so the layout's {key} can't be kept")


def laid_out(
    batch: BatchState, sheet: FileState, found: Mapping[str, Any], layout: Layout, name: str, reason: str
) -> list[NewFact]:
    """Return the facts of a draft layout: its picture, cut-out, shadow, frame and ground, in the sheet's edit.

    Parameters
    ----------
    found : mapping
        From `safelight.runs.layout.make_layout`.

    Raises
    ------
    UsageError
        Without a name.
    """
    _require_name(name)
    edit, own = edit_of(sheet), _own_cutout(sheet)
    shadow: dict[str, Any] = {"density": ["mask", found["density"], "image/png"]} if found["density"] else {}
    said: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = [
        (LAYOUT, {"plan": found["plan"]}, {"base": ["base", found["base"], "image/tiff"]} | _kept_beside(own)),
        (CUTOUT, dict(own.params), {MATTE: ["matte", found["matte"], "image/png"]}),
        (SHADOW, {"kind": "placed" if shadow else "none"}, shadow),
    ]
    if edit.step(CROP) is not None:
        said.append((CROP, {"box": found["box"], "pad": False}, {}))
    if layout.ground:
        said.append((GROUND, {"color": layout.ground}, {}))
    bodies = []
    for step_name, params, artifacts in said:
        step, keys = step_named(step_name), sheet.made.get("keys", {})
        body = {
            "path": sheet.path,
            "reason": reason,
            "step": step_name,
            "version": step.version,
            "params": step.params.accept(params, fill=True),
            "artifacts": artifacts,
            "key": found["upstream"] if step_name == LAYOUT else keys.get(step_name, ""),
        }
        more = {"placed": dict(found["placed"])} if step_name == LAYOUT else {}
        bodies.append(body | more)
    return [NewFact(told.AMENDED, sheet.asset, each, RETOUCHER, batch.name, {"name": name}) for each in bodies]


def own_edit_of(file: FileState) -> Edit:
    """Return a file's edit with its own cut-out, where a draft of several pictures has put another in its place."""
    edit = edit_of(file)
    return edit.with_step(_own_cutout(file)) if _own_artifacts(file) else edit


def _own_cutout(file: FileState) -> EditStep:
    step, own = matte_of(file), _own_artifacts(file)
    return replace(step, artifacts=own) if own else step


def _own_artifacts(file: FileState) -> dict[str, Artifact]:
    """What a draft keeps of the cut-out that it took the place of; nothing where the file holds no draft."""
    drafts = [file.amended[each]["artifacts"] for each in (LAYOUT, GHOST) if each in file.amended]
    kept = drafts[0] if drafts else {}
    return {role.removeprefix(_OWN): Artifact(*each) for role, each in kept.items() if role.startswith(_OWN)}


def _kept_beside(own: EditStep) -> dict[str, list[str]]:
    return {f"{_OWN}{role}": [each.kind, each.sha256, each.media_type] for role, each in own.artifacts.items()}


def placed_lines(placed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what was measured of a layout, a line each with its words; what could not be measured is left out.

    Examples
    --------
    >>> told = {"margin": 5.0, "room": 4.0, "overlap": 20.0, "outside": 0.0, "seam": 0.0, "enlarged": 80, "light": None}
    >>> [(each["joint"], each["verdict"]) for each in placed_lines(told)]
    [('margin', 'warn'), ('overlap', 'warn'), ('sheet', 'pass'), ('seams', 'pass'), ('size', 'pass')]
    """
    short = placed["room"] < placed["margin"] - 0.5
    margin = {
        "joint": "margin",
        "value": placed["room"],
        "limit": placed["margin"],
        "verdict": "warn" if short else "pass",
        "said": f"the emptiest edge is {placed['room']:.1f} % of the sheet's shorter side, "
        f"{placed['margin']:.1f} % is wanted",
    }
    rest = [
        {
            "joint": joint,
            "value": placed[key],
            "limit": limit,
            "verdict": "pass" if placed[key] <= limit else "warn",
            "said": words.format(placed[key]),
        }
        for key, (joint, limit, words) in _PLACED.items()
        if placed[key] is not None
    ]
    return [margin, *rest]


def edit_of(file: FileState) -> Edit:
    """Return the edit of a file's version as it stands."""
    return Edit.from_data(file.made["edit"])
