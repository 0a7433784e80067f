"""An edit in the words of other raw converters, as far as they have any: exposure and crop, stars and keywords.

Written as sidecars of their own into a folder, never beside an original: what another program wrote there is its own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from safelight.core.batch import OVERRULED, BatchState, FileState
from safelight.core.edit import Edit
from safelight.core.overruling import latest_words, read_overrulings, words_on
from safelight.core.step import Stage, Step
from safelight.errors import UsageError
from safelight.media.sidecar_write import write_fields
from safelight.media.sidecar_xml import Name
from safelight.media.xmp import Text, change_properties
from safelight.review.overrule import places
from safelight.review.sidecar_ours import ours_of
from safelight.workflows.sidecar_rules import SidecarRules

if TYPE_CHECKING:
    from safelight.store import Store

CRS = "http://ns.adobe.com/camera-raw-settings/1.0/"
_PROCESS = "11.0"  # the process version whose Exposure2012 is in stops of light
_MOST_STOPS = 5.0


def settings_of(
    edit: Edit, find_step: Callable[[str], Step], full_size: tuple[int, int]
) -> tuple[dict[Name, Text], tuple[str, ...]]:
    """Return an edit as camera-raw settings, and what of it they have no words for.

    Parameters
    ----------
    edit : Edit
    find_step : callable (name) -> Step
    full_size : (width, height)
        Of the upright original.

    Returns
    -------
    (settings, sentences)
        ``crs:Exposure2012`` in stops and the crop as shares of the upright frame, where they map.

    Examples
    --------
    >>> from safelight.plugins import step_named
    >>> settings_of(Edit("ab" * 32), step_named, (6000, 4000))
    ({}, ())
    """
    found: dict[Name, Text] = {}
    left: list[str] = []
    exposure = edit.step("exposure")
    if exposure is not None:
        stops = float(exposure.params["stops"])  # type: ignore[arg-type]
        found[CRS, "Exposure2012"] = Text(f"{max(-_MOST_STOPS, min(_MOST_STOPS, stops)):+.2f}")
    crop, why = _crop(edit, find_step, full_size)
    found |= crop
    left += [why] if why else []
    told = {"exposure", *(each.step for each in edit.steps if find_step(each.step).stage == Stage.GEOMETRY)}
    others = [each.step for each in edit.steps if each.step not in told and find_step(each.step).stage != Stage.FACTS]
    if others:
        left.append(f"no words for {', '.join(each.replace('_', ' ') for each in others)}")
    if found:
        found |= {(CRS, "ProcessVersion"): Text(_PROCESS), (CRS, "HasSettings"): Text("True")}
    return found, tuple(left)


def write_settings(
    store: Store, batch: BatchState, rules: SidecarRules, folder: Path, find_step: Callable[[str], Step]
) -> list[dict[str, Any]]:
    """Write a sidecar for each file of a batch that has an edit, and return a line each.

    Raises
    ------
    UsageError
        If a sidecar lies in the folder already: nothing is written over.
    """
    words = latest_words(read_overrulings(store.ledger.facts(kind=OVERRULED, batch=batch.name)))
    there = places(batch)
    lines = []
    for path in sorted(batch.files):
        file = batch.files[path]
        if not file.version or not file.sorted:
            continue
        fields = ours_of(file, words_on(words, file.asset, path, there), rules)[0].fields
        settings, left = settings_of(Edit.from_data(file.made["edit"]), find_step, _size(file))
        target = folder / PurePosixPath(path).with_suffix(".xmp")
        data = change_properties(write_fields(None, fields, target.name), settings)
        _write(target, data)
        lines.append({"sidecar": str(target), "state": "written", "text": "; ".join(left), "done": True})
    return lines


def _size(file: FileState) -> tuple[int, int]:
    return int(file.measured["width"]), int(file.measured["height"])


def _crop(edit: Edit, find_step: Callable[[str], Step], full_size: tuple[int, int]) -> tuple[dict[Name, Text], str]:
    """Return the crop as shares of the frame; a frame that is turned or reaches beyond the original has no words."""
    from safelight.render.views import geometry_of

    if not any(find_step(each.step).stage == Stage.GEOMETRY for each in edit.steps):
        return {}, ""
    geometry = geometry_of(edit, find_step, full_size)
    if not geometry.is_upright():
        return {}, "no words for a frame that was turned"
    x0, y0, x1, y1 = geometry.bounds()
    shares = x0 / full_size[0], y0 / full_size[1], x1 / full_size[0], y1 / full_size[1]
    if min(shares) < -1e-6 or max(shares) > 1 + 1e-6:
        return {}, "no words for a frame that reaches beyond the original"
    names = ("CropLeft", "CropTop", "CropRight", "CropBottom")
    held = {(CRS, name): Text(f"{min(1.0, max(0.0, each)):.6f}") for name, each in zip(names, shares, strict=True)}
    return held | {(CRS, "CropAngle"): Text("0"), (CRS, "HasCrop"): Text("True")}, ""


def _write(target: Path, data: bytes) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise UsageError(f"{target} is there; nothing is written over: name another folder") from None
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror or error}") from None
