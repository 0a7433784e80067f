"""An edit in other raw converters' words, as far as they have any: exposure, white balance, crop, stars, keywords.

Written as sidecars of their own into a folder, never beside an original: what another program wrote there is its own.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from safelight.core.batch import OVERRULED, BatchState, FileState
from safelight.core.edit import Edit
from safelight.core.overruling import latest_words, read_overrulings, words_on
from safelight.core.step import Stage, Step
from safelight.errors import MediaError, UsageError
from safelight.media.sidecar_write import write_fields
from safelight.media.sidecar_xml import Name
from safelight.media.xmp import Text, change_properties
from safelight.pixels.color.temperature import temperature_of
from safelight.review.overrule import places
from safelight.review.sidecar_ours import ours_of
from safelight.store.originals import where_they_lie
from safelight.workflows.sidecar_rules import SidecarRules

if TYPE_CHECKING:
    from safelight.media.camera_white import CameraWhite
    from safelight.store import Store

CRS, TIFF = "http://ns.adobe.com/camera-raw-settings/1.0/", "http://ns.adobe.com/tiff/1.0/"
_PROCESS = "11.0"  # the process version whose Exposure2012 is in stops of light
_MOST_STOPS = 5.0
_KELVIN, _TINT = (2000.0, 50_000.0), (-150.0, 150.0)  # what they take


def settings_of(
    edit: Edit,
    find_step: Callable[[str], Step],
    full_size: tuple[int, int],
    white: CameraWhite | None = None,
) -> tuple[dict[Name, Text], tuple[str, ...]]:
    """Return an edit as camera-raw settings, and what of it they have no words for.

    Parameters
    ----------
    edit : Edit
    find_step : callable (name) -> Step
    full_size : (width, height)
        Of the upright original.
    white : CameraWhite, optional
        How the camera saw white, of a RAW file.

    Returns
    -------
    (settings, sentences)
        ``crs:Exposure2012`` in stops, white balance as ``crs:Temperature`` in kelvin and ``crs:Tint`` (of RAW files:
        of finished ones converters know steps of their own alone), and the crop as shares of the upright frame.

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
    balance = _balance(edit, white)
    crop, why = _crop(edit, find_step, full_size)
    found |= balance | crop
    left += [why] if why else []
    balanced = {"white_balance"} if balance else set()
    told = {"exposure", *balanced, *(each.step for each in edit.steps if find_step(each.step).stage == Stage.GEOMETRY)}
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
    whites = _whites(store, batch)
    lines = []
    for path in sorted(batch.files):
        file = batch.files[path]
        if not file.version or not file.sorted:
            continue
        fields = ours_of(file, words_on(words, file.asset, path, there), rules)[0].fields
        edit = Edit.from_data(file.made["edit"])
        settings, left = settings_of(edit, find_step, _size(file), whites.get(file.asset))
        target = folder / PurePosixPath(path).with_suffix(".xmp")
        data = change_properties(write_fields(None, fields, target.name), settings)
        _write(target, data)
        lines.append({"sidecar": str(target), "state": "written", "text": "; ".join(left), "done": True})
    return lines


def _whites(store: Store, batch: BatchState) -> dict[str, CameraWhite]:
    """Read from each RAW file that is at hand how its camera saw white; in the sandbox."""
    raws = {each.asset: each for each in batch.files.values() if each.made and each.measured.get("format") == "raw"}
    if not raws:
        return {}
    from safelight.media.sandbox import Decoder

    lying = where_they_lie(store.ledger, store.blobs, batch.name)
    found: dict[str, CameraWhite] = {}
    with Decoder(threads=1) as decoder:
        for asset in raws.keys() & lying.keys():
            with suppress(MediaError):  # the file is told by its run; here its balance has no words
                white = decoder.camera_white(lying[asset])
                found |= {asset: white} if white is not None else {}
    return found


def _balance(edit: Edit, white: CameraWhite | None) -> dict[Name, Text]:
    """Return the white balance as the light it is for; nothing where that is beyond what converters take."""
    used = edit.step("white_balance")
    if used is None or white is None:
        return {}
    share = float(used.params["strength"])  # type: ignore[arg-type]
    red, blue = (share * float(used.params[name]) for name in ("red", "blue"))  # type: ignore[arg-type]
    read = temperature_of(*white.light_of((2.0**-red, 1.0, 2.0**-blue)))
    if read is None or not (_KELVIN[0] <= read[0] <= _KELVIN[1] and _TINT[0] <= read[1] <= _TINT[1]):
        return {}
    kelvin, tint = read
    values = {"WhiteBalance": "Custom", "Temperature": f"{kelvin:.0f}", "Tint": f"{tint:+.0f}"}
    return {(CRS, name): Text(value) for name, value in values.items()}


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
    # darktable reckons the crop's shape from the size that other converters write beside it.
    size = {(TIFF, "ImageWidth"): Text(str(full_size[0])), (TIFF, "ImageLength"): Text(str(full_size[1]))}
    held = {(CRS, name): Text(f"{min(1.0, max(0.0, each)):.6f}") for name, each in zip(names, shares, strict=True)}
    return size | held | {(CRS, "CropAngle"): Text("0"), (CRS, "HasCrop"): Text("True")}, ""


def _write(target: Path, data: bytes) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise UsageError(f"{target} is there; nothing is written over: name another folder") from None
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror or error}") from None
