"""A style guide in one sentence, and a new one on disk."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from safelight.errors import UsageError
from safelight.workflows.guide import Guide
from safelight.workflows.guide_file import load_guide
from safelight.workflows.questions import Answers, write_guide


def describe(guide: Guide) -> str:
    """Return what a guide asks for, for a person to read over."""
    fill = f"{guide.fill[0]:.0%} to {guide.fill[1]:.0%}"
    waits = "every file waits for its own look"
    lane = (
        waits if guide.lane.route == "review" else f"lane {guide.lane.route} from confidence {guide.lane.confidence:g}"
    )
    categories = ", ".join(sorted(guide.categories))
    return (
        f"{guide.name}: holds. For {guide.client}: background {guide.background}, subject {fill} of a "
        f"{guide.aspect} frame, channels {', '.join(guide.channels)}, names {guide.names.text}; {lane}; "
        f"categories {categories}."
    )


def write_new(path: Path, answers: Answers, channels: Collection[str]) -> str:
    """Write a guide made of `answers`, load it again, and say what it is.

    Raises
    ------
    UsageError
        If `path` is taken, or does not end in ``.toml``.
    ParameterError
        If an answer does not fit.
    """
    if path.suffix != ".toml":
        raise UsageError(f"a style guide is a .toml file, got {path}; write {path.name}.toml")
    text = write_guide(answers, channels)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already; choose another name, or remove it first") from None
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}; choose another place") from None
    return describe(load_guide(str(path), channels=channels))
