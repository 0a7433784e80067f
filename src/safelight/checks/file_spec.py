"""Hold a delivered file against what the channel accepts: format, size, sides, name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from safelight.core.check import Check, FileFacts, Findings, Measure, MeasureSpec, Subject
from safelight.errors import ParameterError

_EXTENSIONS = {
    "jpeg": ("jpg", "jpeg"),
    "tiff": ("tif", "tiff"),
    "png": ("png",),
    "webp": ("webp",),
    "avif": ("avif",),
    "heif": ("heic", "heif"),
    "gif": ("gif",),
    "psd": ("psd",),
}


def measure(subject: Subject) -> Findings:
    """Measure the file against ``expected``; what is not asked for is not judged.

    Keys: ``format`` (a name or a list of names: jpeg, tiff, png...), ``max_bytes``, ``longest_px`` and
    ``shortest_px`` (``[least, most]``, either may be None), ``max_megapixels``, ``subsampling``
    (``"4:4:4"`` by default for JPEG, "" for any), ``name`` (a regular expression for the whole name), ``aspect``
    (``"3:4"``, width to height), ``dpi`` (at least; pixels do not change with it, channels ask all the same).
    Sizes are reported as they are and as how far they are over. There is no place to point at.

    Raises
    ------
    ParameterError
        If a pair is no pair or the name rule is no regular expression.
    """
    file, asked = subject.file, subject.expected
    if file is None:
        return Findings((Measure("extension", None, "", "these pixels do not come from a file"),))
    longest, shortest = max(file.width, file.height), min(file.width, file.height)
    measures = [
        _claim("extension", _extension(file) in _EXTENSIONS.get(file.format, (file.format,)), _mismatch(file)),
        Measure("megabytes", file.bytes / 1e6, "MB"),
        Measure("longest", float(longest), "px"),
        Measure("shortest", float(shortest), "px"),
        Measure("megapixels", file.width * file.height / 1e6, "MP"),
    ]
    if "format" in asked:
        formats = [asked["format"]] if isinstance(asked["format"], str) else list(asked["format"])
        measures.append(_claim("format", file.format in formats, f"{file.format}, asked for {' or '.join(formats)}"))
    if asked.get("max_bytes") is not None:
        measures.append(Measure("megabytes_over", max(0.0, (file.bytes - float(asked["max_bytes"])) / 1e6), "MB"))
    for name, side in (("longest", longest), ("shortest", shortest)):
        if f"{name}_px" in asked:
            measures.append(Measure(f"{name}_miss", _miss(f"{name}_px", side, asked), "px"))
    if asked.get("max_megapixels") is not None:
        over = max(0.0, file.width * file.height / 1e6 - float(asked["max_megapixels"]))
        measures.append(Measure("megapixels_over", over, "MP"))
    if "aspect" in asked:
        measures.append(Measure("aspect_miss", _aspect_miss(file, str(asked["aspect"])), "%"))
    if asked.get("dpi") is not None:
        measures.append(Measure("dpi", file.dpi, "dpi", "" if file.dpi is not None else "the file states no density"))
    sampling = str(asked.get("subsampling", "4:4:4"))
    if file.format == "jpeg" and sampling:
        told = f"{file.subsampling or 'unknown'}, asked for {sampling}"
        measures.append(_claim("subsampling", file.subsampling == sampling, told))
    if asked.get("name"):
        measures.append(
            _claim("name", _matches(str(asked["name"]), file.name), f"{file.name!r} breaks {asked['name']}")
        )
    return Findings(tuple(measures))


def _extension(file: FileFacts) -> str:
    return PurePosixPath(file.name).suffix.lstrip(".").lower()


def _mismatch(file: FileFacts) -> str:
    return f"the file is {file.format}, its name ends in {_extension(file) or 'nothing'}"


def _miss(key: str, side: int, asked: Mapping[str, Any]) -> float:
    """Return how many px the side is outside of the pair; 0 inside."""
    pair = asked[key]
    if not isinstance(pair, (list, tuple)) or len(pair) != 2 or any(_no_side(each) for each in pair):
        raise ParameterError(f"{key} is {pair!r}; it takes [least, most] in px, None for no limit")
    least, most = pair
    return max(0.0, 0 if least is None else least - side, 0 if most is None else side - most)


def _aspect_miss(file: FileFacts, aspect: str) -> float:
    """Return by how many percent the shape is off, beyond what rounding to whole pixels takes."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)", aspect)
    if found is None or not float(found[2]):
        raise ParameterError(f"aspect is {aspect!r}; it takes width:height like 3:4")
    wanted = float(found[1]) / float(found[2])
    rounding = 0.5 / min(file.width, file.height)
    return 100 * max(0.0, abs(file.width / file.height / wanted - 1) - rounding)


def _no_side(value: object) -> bool:
    return value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)))


def _matches(rule: str, name: str) -> bool:
    try:
        return re.fullmatch(rule, name) is not None
    except re.error as error:
        raise ParameterError(f"name rule {rule!r} is no regular expression: {error}") from None


def _claim(name: str, holds: bool, otherwise: str) -> Measure:  # noqa: FBT001 - a claim and what to say if it is false
    return Measure(name, float(holds), "", "" if holds else otherwise)


def _spec(name: str, unit: str, meaning: str, *, fail: float | None = None) -> MeasureSpec:
    return MeasureSpec(name, unit, meaning, "at_most", None, fail)


def _yes(name: str, meaning: str) -> MeasureSpec:
    return MeasureSpec(name, "", meaning, "at_least", None, 1.0)


check = Check(
    name="file_spec",
    version=1,
    purpose="Finds files that a channel would refuse: format, bytes, sides, subsampling, name.",
    specs=(
        _yes("extension", "the name's ending is that of the format"),
        _yes("format", "the format is one that the channel takes"),
        _spec("megabytes", "MB", "size of the file"),
        _spec("megabytes_over", "MB", "over the channel's limit", fail=0.0),
        _spec("longest", "px", "longest side"),
        _spec("longest_miss", "px", "longest side outside of the channel's range", fail=0.0),
        _spec("shortest", "px", "shortest side"),
        _spec("shortest_miss", "px", "shortest side outside of the channel's range", fail=0.0),
        _spec("megapixels", "MP", "pixels in all"),
        _spec("megapixels_over", "MP", "over the channel's limit", fail=0.0),
        _spec("aspect_miss", "%", "shape outside of the channel's", fail=0.5),
        MeasureSpec("dpi", "dpi", "density that the file states", "at_least", None, None),
        _yes("subsampling", "chroma is not subsampled"),
        _yes("name", "the name keeps the channel's rule"),
    ),
    measure=measure,
    reads="delivered",
)
