"""Propose the edit that would make a file pass a channel, and show that it would, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from safelight.core.edit import Edit
from safelight.core.image import Image
from safelight.core.params import Value
from safelight.delivery.derive import Derived, Master, derive
from safelight.delivery.describe import describe_delivery, source_type_of
from safelight.delivery.packs import Pack, load_pack
from safelight.delivery.provenance import Provenance, provenance_of
from safelight.delivery.verify import RuleResult, judge_rules, refused_by, verify_file
from safelight.errors import GateClosedError, UsageError
from safelight.workflows.metadata_rules import MetadataRules
from safelight.workflows.sidecar_rules import SidecarRules

if TYPE_CHECKING:
    from safelight.media.decode import Decoded
    from safelight.media.metadata import Metadata

Wanted = Sequence[tuple[str, Mapping[str, Value]]]
# Proposes and paints steps: the edit, the picture (uint16, sRGB), its matte.
PaintSteps = Callable[["Decoded", Wanted], tuple[Edit, Image, NDArray[np.float32] | None]]

# What only another background cures, by the check that found it.
_BEHIND = "background_white"
_FRAMED = "margins"
_WHITE = "#ffffff"


def fix_file(picture: Path, channel: str, out: Path | None, paint: PaintSteps) -> dict[str, Any]:
    """Propose the edit that would make `picture` pass, judge its result, and write it if `out` is given.

    Parameters
    ----------
    picture : Path
        Any picture; it is only read.
    channel : str
        A rule pack.
    out : Path or None
        Where the file goes if it passes; it must not be there, and its ending is the channel's.
    paint : callable
        Proposes and paints steps.

    Returns
    -------
    dict
        ``passes`` (before), ``would_pass``, ``steps`` with parameters, confidence and reasons, ``changes`` of the
        file itself in words, ``before`` and ``after`` (a sentence for each `must` that does not hold), ``refused``,
        ``written``.

    Raises
    ------
    UsageError
        If `out` is taken or has another ending.
    MediaError
        If the picture cannot be read.
    """
    from safelight.media import file_facts
    from safelight.media.sandbox import Decoder

    pack = load_pack(channel)
    if out is not None:
        _require_place(out, pack)
    with Decoder() as decoder:
        decoded = decoder.decode(str(picture))
    facts = file_facts.read(picture.read_bytes(), picture.name)
    before = refused_by(_judge(decoded.image, facts, pack))
    told: dict[str, Any] = {
        "file": picture.name,
        "channel": channel,
        "passes": not before,
        "before": [each.told() for each in before],
    }
    if not before:
        return told | {"would_pass": True, "steps": [], "changes": [], "after": [], "refused": "", "written": ""}
    name = out.name if out is not None else f"{picture.stem}.{pack.output.ending}"
    edit, image, alpha = paint(decoded, steps_for(before, pack))
    said = provenance_of(edit, _step_named(), source_type_of(decoded.metadata))
    metadata = _described(decoded.metadata, said, decoded.sha256, edit)
    steps = [_step_line(each) for each in edit.to_data()["steps"]]
    try:
        made, after = _made(image, alpha, pack, name, metadata, said)
    except GateClosedError as error:
        return told | {
            "would_pass": False, "steps": steps, "changes": [], "after": [], "refused": str(error), "written": "",
        }  # fmt: skip
    wrong = refused_by(after)
    told |= {"would_pass": not wrong, "after": [each.told() for each in wrong], "refused": ""}
    written = ""
    if out is not None and not wrong:
        _write(out, made.data)
        written = str(out)
    return told | {"steps": steps, "changes": _changes(facts, made, pack), "written": written}


def steps_for(broken: Sequence[RuleResult], pack: Pack) -> Wanted:
    """Return the steps that could cure what is broken, with what the channel fixes of them.

    A background that is off is cut away and laid anew; a subject that fills its frame otherwise is framed anew. What is
    left (format, sides, bytes, profile, names) is made right by deriving the file.

    Examples
    --------
    >>> steps_for((), load_pack("amazon-main"))
    ()
    """
    checks = {each.check for each in broken}
    if not checks & {_BEHIND, _FRAMED}:
        return ()
    output = pack.output
    color = _WHITE if output.background == "keep" else output.background
    shape = "1:1" if output.aspect == "original" else output.aspect
    fill = 0.85 if output.fill is None else round(sum(output.fill) / 2, 3)
    return (
        ("cutout", {}),
        ("crop_to_spec", {"aspect": shape, "fill": fill}),
        ("background", {"color": color}),
    )


def _judge(image: Image, facts: Any, pack: Pack) -> tuple[RuleResult, ...]:  # noqa: ANN401 - FileFacts
    from safelight.core.check import Subject
    from safelight.plugins import check_named

    subject = Subject(image, None, None, facts, dict(pack.expect))
    return judge_rules(pack, {name: check_named(name).measure(subject) for name in pack.checks()})


def _made(
    image: Image,
    alpha: NDArray[np.float32] | None,
    pack: Pack,
    name: str,
    metadata: Metadata,
    said: Provenance,
) -> tuple[Derived, tuple[RuleResult, ...]]:
    color = _WHITE if pack.output.background == "keep" else pack.output.background
    master = Master(image, alpha if image.alpha == "none" else None, color)
    made = derive(master, pack, metadata=metadata)
    known = {"background": color if alpha is not None else "keep", "source_type": said.source_type}
    return made, verify_file(made.data, name, pack, alpha=made.alpha, known=known)


def _described(metadata: Metadata, said: Provenance, sha256: str, edit: Edit) -> Metadata:
    rules = MetadataRules(credentials=False)
    found = describe_delivery(metadata, said, rules, SidecarRules(), (), asset=sha256, version=edit.painted_key())
    return found.metadata


def _changes(facts: Any, made: Derived, pack: Pack) -> list[str]:  # noqa: ANN401 - FileFacts
    """Say what deriving does to the file itself."""
    told = []
    if facts.format != pack.output.format:
        told.append(f"written as {pack.output.format} instead of {facts.format}")
    if (facts.width, facts.height) != (made.width, made.height):
        told.append(f"{made.width} x {made.height} px instead of {facts.width} x {facts.height}")
    if facts.profile != "srgb" or not facts.profile_embedded:
        told.append(f"in sRGB, embedded, instead of {facts.profile if facts.profile_embedded else 'no profile'}")
    if facts.private:
        told.append(f"without {', '.join(facts.private)}")
    return [*told, f"quality {made.quality}, {len(made.data):,} bytes instead of {facts.bytes:,}"]


def _step_line(step: Mapping[str, Any]) -> dict[str, Any]:
    confidence = step["confidence"]
    return {
        "step": step["step"],
        "params": step["params"],
        "confidence": None if confidence is None else confidence[0],
        "reasons": [each["text"] for each in step["reasons"]],
    }


def _step_named() -> Any:  # noqa: ANN401 - plugins' own function, imported where it is used
    from safelight.plugins import step_named

    return step_named


def _require_place(out: Path, pack: Pack) -> None:
    from safelight.delivery.names import problem_of

    wrong = problem_of(out.name)
    if wrong:
        raise UsageError(wrong)
    if out.suffix.lower().lstrip(".") not in {pack.output.ending, pack.output.format}:
        raise UsageError(f"{out} must end in .{pack.output.ending}: {pack.title} is given {pack.output.format}")
    if out.exists():
        raise UsageError(f"{out} is there; nothing is overwritten: give another name with -o")


def _write(out: Path, data: bytes) -> None:
    from safelight.delivery.place import Shelf

    Shelf(out.parent).put(out.name, data)
