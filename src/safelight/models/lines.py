"""What the command line and `doctor` say of models: a line of data each, with a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from safelight.models.pull import pull
from safelight.models.registry import Model, models_folder, models_named, state_of

Line = dict[str, Any]


def model_lines(names: Iterable[str], *, by_hash: bool) -> list[Line]:
    """Return a line for each of `names` (models or bundles; all of them for none): what it is and whether it is here.

    With `by_hash` every byte of the weights is read; else their size has to do.
    """
    folder = models_folder()
    return [_line(each, state_of(each, folder, by_hash=by_hash), folder) for each in models_named(names)]


def pull_lines(names: Iterable[str], given: Path | None, *, accept_noncommercial: bool) -> list[Line]:
    """Install `names` and return a line for each.

    Raises
    ------
    UsageError
        For a license that was not accepted, or a file that is not there.
    ModelError
        If the weights can't be had or are not what the registry says.
    """
    folder = models_folder()
    done = pull(models_named(names), folder, given=given, accept_noncommercial=accept_noncommercial)
    lines = []
    for each in done:
        told = f"{each.model.name}: {each.state} in {folder}" + (f" ({each.told})" if each.told else "")
        lines.append(_line(each.model, "present", folder) | {"text": told})
    return lines


def _line(model: Model, state: str, folder: Path) -> Line:
    size = f"{model.bytes / 1e6:.1f} MB"
    return {
        "model": model.name,
        "bundle": model.bundle,
        "state": state,
        "license": model.license,
        "license_class": model.license_class,
        "bytes": model.bytes,
        "sha256": model.sha256,
        "path": str(folder / model.file),
        "text": f"{state:8} {model.bundle}/{model.name:18} {size:>9}  {model.license}: {model.purpose}",
    }
