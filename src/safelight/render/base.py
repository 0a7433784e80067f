"""A picture that came back from a person's hands, in the place of everything up to the grade."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.core.step import Stage, Tools
from safelight.errors import UsageError
from safelight.media.encode import decode_own
from safelight.render.plan import Planned, of_kind
from safelight.render.source import Source, source_of


def base_source(planned: Sequence[Planned], tools: Tools, full_size: tuple[int, int]) -> Source | None:
    """Return the base of an edit as what is painted on; None where nothing came back.

    Parameters
    ----------
    planned : sequence of Planned
    tools : Tools
    full_size : (width, height) px
        Of the upright original: a base lies on its grid, pixel by pixel.

    Raises
    ------
    UsageError
        If the base is of another size.
    """
    # What a person rebuilt stands over the draft that it was made of.
    for each in sorted(of_kind(planned, "base"), key=lambda one: one.step.draft):
        data = each.paint(each.bytes_of(tools))
        if data:
            source = source_of(decode_own(data))
            if source.size != full_size:
                raise UsageError(
                    f"the retouched base is {source.size[0]} x {source.size[1]} px, the original {full_size[0]} x "
                    f"{full_size[1]}: check the file in again"
                )
            return source
    return None


def behind_base(planned: Sequence[Planned]) -> tuple[Planned, ...]:
    """Return what still paints over a base: geometry, matte, shadow, background, sharpening; no color, no repair."""
    return tuple(each for each in planned if each.step.stage > Stage.GRADE)
