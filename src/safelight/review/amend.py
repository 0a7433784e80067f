"""Amend an edit by hand: a person's numbers in the place of a step's own, kept until they are taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from safelight.core import batch as told
from safelight.core.batch import BatchState, FileState
from safelight.core.edit import Artifact, Edit, EditStep
from safelight.core.facts import Actor, NewFact
from safelight.errors import GateClosedError, UnknownNameError, UsageError
from safelight.plugins import step_named, step_names
from safelight.review.decide import find_file
from safelight.workflows.guide import ON_REQUEST

if TYPE_CHECKING:
    from safelight.store import Store

RETOUCHER = Actor("person", "retoucher")
CUTOUT, MATTE = "cutout", "matte"


def amend(
    batch: BatchState,
    file: FileState,
    step: str,
    values: Mapping[str, Any],
    name: str,
    reason: str,
    artifacts: Mapping[str, Artifact] | None = None,
) -> list[NewFact]:
    """Return the fact of one amendment; nothing is written here.

    Parameters
    ----------
    batch, file : BatchState, FileState
        As the ledger tells them now.
    step : str
        A step of the file's edit, or one that works on request alone: grade, grain, lens, vignetting.
    values : mapping of parameter to value
        What becomes other; the rest stays as the edit has it. Empty takes an earlier amendment back.
    name : str
        The person's name.
    reason : str
        Why: it is what the step's next version learns from.
    artifacts : mapping of role to Artifact, optional
        What follows from the new parameters (a repair's sources), in the place of the edit's own.

    Raises
    ------
    UsageError
        For a missing name or reason, or taking back what was never amended.
    ParameterError
        For a parameter the step has not, or a value outside its range.
    UnknownNameError
        For a step that the edit has not and cannot be given.
    GateClosedError
        For a file without a version, or an approved one: its pixels are frozen.
    """
    if not name.strip():
        raise UsageError("an amendment needs the name of a person: add --as NAME")
    if not reason.strip():
        raise UsageError("an amendment needs a reason, which proposals learn from: add --reason TEXT")
    own = _step_of(file, step)
    body: dict[str, Any] = {"path": file.path, "step": step, "version": own.version, "reason": reason}
    if values:
        kept = own if artifacts is None else replace(own, artifacts=artifacts)
        body |= {
            "version": step_named(step).version,
            "params": amended_params(file, step, values),
            "artifacts": kept.to_data()["artifacts"],
            "key": file.made.get("keys", {}).get(step, ""),
        }
    elif step not in file.amended:
        raise UsageError(f"{step} of {file.path} was never amended: say what it becomes with --set name=value")
    return [NewFact(told.AMENDED, file.asset, body, RETOUCHER, batch.name, {"name": name})]


def amended_params(file: FileState, step: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return all parameters of a step as an amendment would leave them.

    Raises
    ------
    ParameterError, UnknownNameError, GateClosedError
        As `amend`.
    """
    own, declared = _step_of(file, step), step_named(step)
    before = declared.upgraded(own.version, own.params)
    return dict(declared.params.accept({**before, **declared.params.accept(values)}, fill=True))


def _step_of(file: FileState, step: str) -> EditStep:
    if not file.version:
        raise GateClosedError(f"{file.path} has no edit to amend; it is {file.standing}")
    if file.approved:
        raise GateClosedError(
            f"{file.path} was approved by {file.approved['by']}, which freezes its pixels; it can't be amended"
        )
    edit = Edit.from_data(file.made["edit"])
    own = edit.step(step)
    if own is not None:
        return own
    if step in file.amended:  # said, and not painted yet
        said = file.amended[step]
        artifacts = {role: Artifact(*each) for role, each in said["artifacts"].items()}
        return EditStep(step, said["version"], said["params"], RETOUCHER, artifacts, amended=True)
    declared = step_named(step) if step in step_names() else None
    if declared is not None and (step in ON_REQUEST or declared.for_raw):
        return EditStep(step, declared.version, declared.params.defaults(), Actor("step", step, str(declared.version)))
    known = ", ".join(each.step for each in edit.steps)
    given = (*ON_REQUEST, *(each for each in step_names() if step_named(each).for_raw))
    more = ", ".join(each for each in given if edit.step(each) is None)
    raise UnknownNameError(f"the edit of {file.path} has no step {step!r}; it has: {known}; it can be given: {more}")


def matte_of(file: FileState) -> EditStep:
    """Return the cut-out of a file's edit as it stands: a person's latest word, else the version's own.

    Raises
    ------
    UnknownNameError, GateClosedError
        As `amend`; also for an edit that left the picture whole.
    """
    own = _step_of(file, CUTOUT)
    latest = file.amended.get(CUTOUT)
    artifacts = own.artifacts if latest is None else {r: Artifact(*a) for r, a in latest["artifacts"].items()}
    if MATTE not in artifacts:
        raise UnknownNameError(
            f"{file.path} was left whole: it has no matte to draw on; amend cutout with backdrop=any"
        )
    params = own.params if latest is None else latest["params"]
    return replace(own, artifacts=artifacts, params=params)


def record_matte(
    store: Store, batch: BatchState, file: str, matte: bytes, strokes: int, name: str, reason: str
) -> dict[str, Any]:
    """Record a matte that a person drew, as an amendment of the same edit; the one before stays in the store.

    Raises
    ------
    UsageError, UnknownNameError, GateClosedError
        As `amend`; then nothing was recorded.
    """
    if not name.strip() or not reason.strip():
        raise UsageError("a drawn matte needs the name of a person and a reason, which proposals learn from")
    found = find_file(batch, file)
    own = matte_of(found)
    drawn = Artifact(MATTE, store.blobs.put(matte), "image/png")
    body = {
        "path": found.path,
        "step": CUTOUT,
        "version": own.version,
        "reason": reason,
        "params": dict(own.params),
        "artifacts": replace(own, artifacts={**own.artifacts, MATTE: drawn}).to_data()["artifacts"],
        "key": found.made.get("keys", {}).get(CUTOUT, ""),
        "strokes": strokes,
    }
    store.ledger.append([NewFact(told.AMENDED, found.asset, body, RETOUCHER, batch.name, {"name": name})])
    said = f"matte drawn in {strokes} strokes, says {name}; run the shoot again to paint it"
    return {"file": found.path, "step": CUTOUT, "by": name, "matte": drawn.sha256, "said": said}


def record_amendment(
    store: Store,
    batch: BatchState,
    file: str,
    step: str,
    values: Mapping[str, Any],
    name: str,
    reason: str,
    artifacts: Mapping[str, Artifact] | None = None,
) -> dict[str, Any]:
    """Record an amendment and return the line that says so.

    Raises
    ------
    UsageError, ParameterError, UnknownNameError, GateClosedError
        As `amend`; then nothing was recorded.
    """
    found = find_file(batch, file)
    before = _step_of(found, step)
    facts = amend(batch, found, step, values, name, reason, artifacts)
    store.ledger.append(facts)
    body = facts[0].body
    changes = [
        f"{key} {before.params.get(key)} becomes {value}"
        for key, value in body.get("params", {}).items()
        if before.params.get(key) != value
    ]
    if not values:
        said = f"{step} is the machine's again, says {name}"
    else:
        said = f"{step}: {', '.join(changes) or 'kept as it is'}, says {name}"
    return {"file": found.path, "step": step, "by": name, "said": f"{said}; run the shoot again to paint it"}
