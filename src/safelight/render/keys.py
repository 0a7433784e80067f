"""The two keys: what identifies a proposal, and what identifies painted pixels. A known key is never worked twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from safelight.core.canonical import key_of
from safelight.core.edit import Edit
from safelight.core.params import Value
from safelight.core.step import Stage, Step
from safelight.render.renderer import RENDERER_VERSION

# Whose arithmetic ends in the pixels: decoders, color, resampling.
_LIBRARIES = (
    "imagecodecs",
    "lensfunpy",
    "numpy",
    "opencolorio",
    "opencv-contrib-python-headless",
    "pillow",
    "pyvips",
    "pyvips-binary",
    "rawpy",
    "scipy",
    "simplejpeg",
    "tifffile",
)


def proposal_key(step: Step, wanted: Mapping[str, Value], *inputs: Any) -> str:  # noqa: ANN401 - JSON data
    """Return what identifies a proposal.

    Parameters
    ----------
    step : Step
        Its name and version count.
    wanted : mapping
        The parameters that the style guide fixes.
    inputs : JSON data
        Only what the step declares it reads: the original's SHA-256, the edit so far, the group's findings,
        the SHA-256 of weights and resources, the work size.
    """
    return key_of("proposal", step.name, step.version, dict(wanted), list(inputs))


def render_key(
    edit: Edit,
    steps: Callable[[str], Step] | None = None,
    *,
    until: Stage = Stage.SHARPEN,
    size: tuple[int, int] | None = None,
    to_space: str = "srgb",
    dtype: str = "uint16",
) -> str:
    """Return what identifies painted pixels on one machine and lock file.

    Parameters
    ----------
    edit : Edit
        Original and steps; confidence, reasons and who made them do not count.
    steps : callable or None
        From a step's name to its declaration: with it, only steps up to `until` count, in any order of
        the edit's stages. Without it all do.
    until : Stage
        The last stage painted.
    size : (width, height) or None
        Of the output; None for full size.
    to_space, dtype : str
        Of the output.

    Examples
    --------
    >>> render_key(Edit("ab" * 32)) == render_key(Edit("ab" * 32), size=(1600, 1067))
    False
    """
    counted = [each for each in edit.steps if steps is None or steps(each.step).stage <= until]
    if steps is not None:
        counted.sort(key=lambda each: steps(each.step).stage)
    painted = [each.painted() for each in counted]
    grid = None if size is None else list(size)
    return key_of(
        "render", edit.original, painted, int(until), grid, to_space, dtype, RENDERER_VERSION, library_versions()
    )


def upstream_key(edit: Edit, steps: Callable[[str], Step]) -> str:
    """Return what identifies the picture that a base stands on: the original and everything up to the grade.

    Where it becomes another, a retouch made on the old one is marked stale; it is never repainted.
    """
    under = [each for each in edit.steps if 0 < steps(each.step).stage <= Stage.GRADE]
    # A draft is what a person rebuilds: their picture stands on it.
    under = [e for e in under if steps(e.step).draft or steps(e.step).kind not in ("base", "facts")]
    under.sort(key=lambda each: steps(each.step).stage)
    return key_of("upstream", edit.original, [each.painted() for each in under])


@cache
def library_versions() -> dict[str, str]:
    """Return the versions of the libraries whose arithmetic ends in the pixels."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found
