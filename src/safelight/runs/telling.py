"""What the ledger is told of a run: bodies of facts, from what workers found; no pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from safelight.core.canonical import key_of
from safelight.core.edit import Artifact, Edit, EditStep, Reason
from safelight.core.facts import Actor, Asset, Capture
from safelight.errors import MediaError, SafelightError
from safelight.media.names import display_name
from safelight.plugins import step_named
from safelight.routing.inputs import FLAGS, Flag
from safelight.store.originals import Reference

if TYPE_CHECKING:
    from safelight.runs.sort import Sorted

MIXED_LIGHT_DEG = 3.0  # beyond it, light of more than one color falls on the frame


def version_id(edit: Edit, render_key: str) -> str:
    """Return a version's id: what it was made of, so that making it twice makes one."""
    return key_of("version", edit.original, render_key)[:16]


def made_to_data(edit: Edit, render_key: str, painted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of ``version.made``; every version is a draft until a person approves it."""
    return {
        "asset": edit.original,
        "edit": edit.to_data(),
        "edit_key": edit.painted_key(),
        "render_key": render_key,
        "blobs": dict(painted["blobs"]),
        "width": painted["width"],
        "height": painted["height"],
        "geometry": painted["geometry"],
        "optics": painted.get("optics"),
        "state": "draft",
        "scaffold": list(scaffold_of(edit)),
        "made_by": "person" if any(each.amended for each in edit.steps) else "machine",
    }


def scaffold_of(edit: Edit) -> tuple[str, ...]:
    """Return the steps of an edit whose draft no person has finished yet (R102).

    What a draft step proposed is finished by amending it. A composite of several pictures is finished by a rebuild
    alone: a person's retouch that stands on it, and not on an older state of it.
    """
    rebuilt = any(_is_rebuild(each) for each in edit.steps)
    drafts = [each for each in edit.steps if step_named(each.step).draft]
    return tuple(
        each.step for each in drafts if not (rebuilt if step_named(each.step).kind == "base" else each.amended)
    )


def _is_rebuild(each: EditStep) -> bool:
    step = step_named(each.step)
    return step.kind == "base" and not step.draft and each.amended and not each.stale and bool(each.artifacts)


def amended_step(body: Mapping[str, Any]) -> EditStep:
    """Return a step as a person set it; who it was stands beside the ledger's fact."""
    reason = Reason("amended", f"set by a person: {body['reason']}", {})
    artifacts = {role: Artifact(*each) for role, each in body["artifacts"].items()}
    params = {name: tuple(value) if isinstance(value, list) else value for name, value in body["params"].items()}
    by = Actor("person", "retoucher")
    return EditStep(body["step"], body["version"], params, by, artifacts, None, (reason,), amended=True)


def flags_of(edit: Edit, frame: Sorted) -> frozenset[Flag]:
    """Return what stops automation: doubts that steps named, and what intake measured."""
    doubts = {reason.code for each in edit.steps for reason in each.reasons if reason.doubt}
    found: set[Flag] = {flag for flag in FLAGS if flag in doubts}
    if (frame.facts.get("metering", {}).get("mixed_light_deg") or 0.0) > MIXED_LIGHT_DEG:
        found.add("mixed_light")
    found |= {flag for flag in FLAGS if any(each["code"] == flag for each in frame.outside)}
    if any(each.stale for each in edit.steps):
        found.add("stale")
    return frozenset(found)


def asset_of(found: Mapping[str, Any], reference: Reference) -> Asset:
    """Return an asset from its first look."""
    return Asset(
        found["asset"],
        reference.path,
        reference.size,
        found["format"],
        found["width"],
        found["height"],
        found["bits"],
        found["profile"],
        Capture(**found["capture"]),
    )


def first_look_to_data(found: Mapping[str, Any], path: str, key: str) -> dict[str, Any]:
    """Return what the ledger says of a file's first look; long descriptors stay with the work."""
    short = {name: found[name] for name in ("format", "width", "height", "bits", "profile", "capture", "thumbnail")}
    reasons = {name: each["reasons"] for name, each in found["facts"].items()}
    return {"path": path, "work": key, "notes": found["notes"], "reasons": reasons} | short


def is_same_stat(seen: Mapping[str, Any], reference: Reference) -> bool:
    """Say whether a file has the size and time that it had."""
    return seen.get("size") == reference.size and seen.get("mtime_ns") == reference.mtime_ns


def reader_version() -> str:
    """Return what reads files here: what it refused may be read by another."""
    from safelight.media import READER_VERSION

    return str(READER_VERSION)


def refusal(error: SafelightError, path: str) -> dict[str, str]:
    """Return why a file is refused. What a reader refused waits for another reader; all else is tried again."""
    return {"sentence": _sentence(error, path), "reader": reader_version() if isinstance(error, MediaError) else ""}


def _sentence(error: SafelightError, path: str) -> str:
    """Return one clear sentence that names the file once."""
    text, name = str(error), display_name(path.rsplit("/", 1)[-1])
    return text if name in text else f"{name}: {text}"
