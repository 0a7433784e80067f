"""Measures of a layout: its empty edge as painted, and what was measured when its pieces were composed."""

from __future__ import annotations

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject

_TOLD = {"overlap": "%", "outside": "%", "seam": "%", "light": "°", "enlarged": "%"}


def measure(subject: Subject) -> Findings:
    """Measure the least empty edge around all pieces, and hold it against ``expected["layout"]``.

    ``expected["layout"]`` holds ``margin``, what the layout asks for in % of the sheet's shorter side, and what was
    measured of the pieces before they became one picture: overlap, outside, seam, enlarged, light (None where the
    captures tell none).
    """
    import numpy as np

    told = subject.expected.get("layout")
    if not told:
        return Findings((Measure("short", None, "%", "this picture is no layout"),))
    if subject.alpha is None or not bool((subject.alpha > 0.5).any()):
        return Findings((Measure("short", None, "%", "it takes a matte to tell the pieces from the sheet"),))
    seen = subject.alpha > 0.5
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    height, width = seen.shape
    edges = {
        "left": int(columns[0]),
        "top": int(rows[0]),
        "right": width - 1 - int(columns[-1]),
        "bottom": height - 1 - int(rows[-1]),
    }
    side = min(edges, key=edges.__getitem__)
    room = 100 * edges[side] / min(width, height)
    short = max(0.0, float(told["margin"]) - room)
    measures = [Measure("short", short, "%")]
    measures += [Measure(name, float(told[name]), unit) for name, unit in _TOLD.items() if told.get(name) is not None]
    if short <= 0:
        return Findings(tuple(measures))
    text = f"{side} of the sheet {room:.1f} % is empty, the layout asks for {float(told['margin']):.1f} %"
    return Findings(tuple(measures), (Evidence("short", _STRIPS[side], short, text=text),))


# The sheet's edges, x0 y0 x1 y1 in 0..1.
_STRIPS = {
    "left": (0.0, 0.0, 0.08, 1.0),
    "top": (0.0, 0.0, 1.0, 0.08),
    "right": (0.92, 0.0, 1.0, 1.0),
    "bottom": (0.0, 0.92, 1.0, 1.0),
}

check = Check(
    name="placing",
    version=1,
    purpose="Measures a layout of several cut-outs: margins, overlap, seams, light and size of its pieces.",
    specs=(
        MeasureSpec("short", "%", "of the sheet's shorter side, that its margin falls short by", "at_most", 0.5, 5.0),
        MeasureSpec("overlap", "%", "of one piece, that others cover", "at_most", 15.0, None),
        MeasureSpec("outside", "%", "of one piece, that lies beyond the sheet", "at_most", 0.1, None),
        MeasureSpec("seam", "%", "of the seams between pieces, that stand out of both sides", "at_most", 5.0, None),
        MeasureSpec("light", "°", "between the shadows of the pieces' own captures", "at_most", 45.0, None),
        MeasureSpec("enlarged", "%", "of its capture's pixels, the most enlarged piece", "at_most", 100.0, None),
    ),
    measure=measure,
    reads="master",
)
