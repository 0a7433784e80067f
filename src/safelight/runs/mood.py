"""A mood board: the grade that lends pictures the palette and mood of reference pictures, in a worker."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Edit
from safelight.errors import MediaError, UsageError
from safelight.plugins import step_named
from safelight.runs.drafts import paint_small
from safelight.runs.pictures import Source

if TYPE_CHECKING:
    from safelight.pixels.color.spaces import Float32

_SIDE_PX = 800
_MOST_REFERENCES = 8


@dataclass(frozen=True)
class MoodTask:
    """Reference pictures as bytes, and the originals (with their edits) that are to look like them."""

    references: tuple[bytes, ...]
    pictures: tuple[Source, ...]
    strength: float


def match_mood(task: MoodTask) -> dict[str, Any]:
    """Return the numbers of the step grade that bring pictures near to a mood board, and how near.

    Parameters
    ----------
    task : MoodTask
        Up to 8 references count as one palette. Of each picture's edit the grade is left out: it is what is sought.

    Returns
    -------
    dict
        ``grade`` (parameter to value, those that differ from the default), ``moved`` (mean ΔE00), ``explained`` (share
        of the match that a grade can say), ``distance_before`` and ``distance_after`` (see `palette_distance`).

    Raises
    ------
    UsageError
        For no reference, or more than 8.
    MediaError
        If one can't be read; it is named by its number.
    ParameterError
        If `strength` is outside 0 to 1.
    """
    import numpy as np

    from safelight.pixels.color.match import match_look

    if not 1 <= len(task.references) <= _MOST_REFERENCES:
        raise UsageError(f"a mood board takes 1 to {_MOST_REFERENCES} pictures, got {len(task.references)}")
    wanted = [_reference(data, number) for number, data in enumerate(task.references, 1)]
    # One picture of all their pixels; each counts alike, however large it is.
    most = min(len(each) for each in wanted)
    board = np.concatenate([each[:: max(1, len(each) // most)][:most] for each in wanted])[None]
    found = match_look(board, [_neutral(each) for each in task.pictures], strength=task.strength)
    declared = step_named("grade").params
    params, defaults = declared.accept(asdict(found.grade)), declared.defaults()
    changed: Mapping[str, Any] = {name: value for name, value in params.items() if value != defaults[name]}
    return {"grade": changed, **found.facts}


def _reference(data: bytes, number: int) -> Float32:
    """Pixels (N, 3) of an uploaded picture, sRGB code values, decoded in the sandbox."""
    from safelight.runs.bench import decoder
    from safelight.runs.looks import codes_of

    with tempfile.NamedTemporaryFile(prefix="safelight-mood-", suffix=".img") as file:
        file.write(data)
        file.flush()
        try:
            return codes_of(decoder(), Path(file.name)).reshape(-1, 3)
        except MediaError as error:
            said = str(error).replace(file.name, f"picture {number}").replace(Path(file.name).name, f"picture {number}")
            raise type(error)(f"picture {number} of the mood board can't be read: {said}") from None


def _neutral(source: Source) -> Float32:
    import numpy as np

    edit = Edit.from_json(source.edit).without_step("grade")
    image = paint_small(replace(source, edit=edit.to_json()), _SIDE_PX)
    return np.asarray(image.pixels[..., :3], np.float32) / np.float32(255)
