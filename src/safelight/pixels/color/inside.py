"""Tables that change nothing inside a gamut, marked so that a painter may look up only what is outside."""

from __future__ import annotations

import PyOpenColorIO as ocio  # noqa: N813 - its usual short name

# A gamut's table lies over code values LOW to HIGH, brought to 0..1 before and back after it, with points on 0 and 1.
LOW, HIGH, SIDE = -0.5, 2.0, 41
INSIDE = ((0.0 - LOW) / (HIGH - LOW), (1.0 - LOW) / (HIGH - LOW))  # where 0 and 1 lie on the table's axes

_MARK = "the identity inside the gamut"


def mark(table: ocio.Lut3DTransform) -> None:
    """Say of a table that it is the identity between the values `INSIDE`."""
    table.getFormatMetadata().setName(_MARK)


def is_itself_inside(table: ocio.Lut3DTransform) -> bool:
    """Return True if a table was marked so; the mark outlives OpenColorIO's optimizations."""
    return bool(table.getFormatMetadata().getName() == _MARK and table.getGridSize() == SIDE)
