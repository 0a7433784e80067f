"""Hold what a file says of itself against what may leave: no private fields, and a machine's share declared."""

from __future__ import annotations

from safelight.core.check import Check, Findings, Measure, MeasureSpec, Subject

# IPTC's digital source types that say a machine made some or all of it.
_MADE = frozenset(
    {
        "trainedAlgorithmicMedia",
        "compositeWithTrainedAlgorithmicMedia",
        "compositeSynthetic",
        "algorithmicMedia",
    }
)


def measure(subject: Subject) -> Findings:
    """Count private fields, and say whether a picture that a machine made carries the word for it.

    ``expected["source_type"]`` is the digital source type that is known of the picture; where nothing is known and the
    file says nothing, it is taken for a photograph, and `why` says so.
    """
    file = subject.file
    if file is None:
        return Findings((Measure("private", None, "fields", "these pixels do not come from a file"),))
    known = str(subject.expected.get("source_type", ""))
    declared = file.source_type == known or (known not in _MADE and file.source_type not in _MADE)
    why = ""
    if not declared:
        why = f"it is {known or 'a photograph, as far as is known'}, and the file says {file.source_type or 'nothing'}"
    elif not known and not file.source_type:
        why = "nothing says how it was made"
    return Findings(
        (
            Measure("private", float(len(file.private)), "fields", ", ".join(file.private)),
            Measure("declared", float(declared or (not known and file.source_type in _MADE)), "", why),
            Measure("source_type", float(bool(file.source_type)), "", "" if file.source_type else "it states none"),
        )
    )


check = Check(
    name="metadata",
    version=1,
    purpose="Finds files that tell strangers too much, or that hide what a machine made.",
    specs=(
        MeasureSpec("private", "fields", "places, serial numbers, owners, faces", "at_most", None, 0.0),
        MeasureSpec("declared", "", "a picture that a machine made says so", "at_least", None, 1.0),
        MeasureSpec("source_type", "", "the file states its digital source type", "at_least", 1.0, None),
    ),
    measure=measure,
    reads="delivered",
)
