"""The rows of registry.toml: what each model is for, whose it is, and how to know its bytes."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from safelight.errors import DeclarationError, UnknownNameError

Format = Literal["tflite", "onnx"]
LicenseClass = Literal["free", "unclear", "noncommercial"]
State = Literal["present", "absent", "damaged"]

_FORMATS = ("tflite", "onnx")
_CLASSES = ("free", "unclear", "noncommercial")
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Input:
    """How pixels enter a model: sRGB code values 0..1 times `scale` plus `offset`, per channel, in `layout`."""

    width: int
    height: int
    layout: Literal["NHWC", "NCHW"]
    scale: tuple[float, float, float]
    offset: tuple[float, float, float]


@dataclass(frozen=True)
class Model:
    """One row of the registry.

    Parameters
    ----------
    name, bundle, purpose : str
        What it is called, the set it is pulled with, and one sentence for people.
    format : {"tflite", "onnx"}
        Which session runs it.
    file, sha256, bytes
        The weights: their name in the models folder, their hash, their size.
    license, license_class : str
        SPDX name; ``"free"``, ``"unclear"`` (free to use, but trained on pictures of uncertain terms; said when it is
        pulled) or ``"noncommercial"`` (refused unless accepted by name).
    source, card : str
        Who published it; its card, a file beside the registry.
    input : Input
    package, member : str
        A package version (``name==version``) whose wheel holds the weights, and their path in it; "" for none.
    url : str
        Where the weights alone can be had; "" for nowhere.
    """

    name: str
    bundle: str
    purpose: str
    format: Format
    file: str
    sha256: str
    bytes: int
    license: str
    license_class: LicenseClass
    source: str
    card: str
    input: Input
    package: str = ""
    member: str = ""
    url: str = ""


def models() -> Mapping[str, Model]:
    """Return every row by name.

    Examples
    --------
    >>> models()["face_mesh"].license
    'Apache-2.0'
    """
    return _read(resources.files("safelight.models").joinpath("registry.toml").read_text(encoding="utf-8"))


def model_named(name: str) -> Model:
    """Return the row called `name`.

    Raises
    ------
    UnknownNameError
        With the names there are.
    """
    found = models().get(name)
    if found is None:
        raise UnknownNameError(f"no model called {name!r} in the registry; there are: {', '.join(models())}")
    return found


def models_named(names: Iterable[str]) -> tuple[Model, ...]:
    """Return the rows of `names`, each a model's name or a bundle's; every row for no name at all.

    Raises
    ------
    UnknownNameError
        With the names and bundles there are.
    """
    rows = models()
    chosen: dict[str, Model] = {}
    asked = tuple(names)
    for name in asked:
        found = [each for each in rows.values() if name in (each.name, each.bundle)]
        if not found:
            bundles = ", ".join(sorted({each.bundle for each in rows.values()}))
            raise UnknownNameError(f"no model or bundle called {name!r}; bundles: {bundles}; models: {', '.join(rows)}")
        chosen |= {each.name: each for each in found}
    return tuple(chosen.values()) if asked else tuple(rows.values())


def models_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return where weights are kept: ``$SAFELIGHT_MODELS``, else ``safelight/models`` in the user's data folder.

    Workers ask for themselves: weights belong to the machine, as libraries do, not to a store or a guide.

    Examples
    --------
    >>> models_folder({"SAFELIGHT_MODELS": "/srv/models"}).as_posix()
    '/srv/models'
    """
    known = os.environ if environment is None else environment
    if known.get("SAFELIGHT_MODELS"):
        return Path(known["SAFELIGHT_MODELS"])
    data = known.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "safelight" / "models"


def state_of(model: Model, folder: Path, *, by_hash: bool = True) -> State:
    """Say whether a model's weights lie in `folder` with the right bytes; without `by_hash` the size is enough."""
    path = folder / model.file
    if not path.is_file():
        return "absent"
    right = path.stat().st_size == model.bytes and (not by_hash or hash_file(path) == model.sha256)
    return "present" if right else "damaged"


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    sha = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            sha.update(block)
    return sha.hexdigest()


@cache
def _read(text: str) -> Mapping[str, Model]:
    rows = [_row(each) for each in tomllib.loads(text)["model"]]
    by_name = {each.name: each for each in rows}
    if len(by_name) != len(rows) or len({each.file for each in rows}) != len(rows):
        raise DeclarationError("registry.toml names a model or a file twice")
    return by_name


def _row(data: Mapping[str, Any]) -> Model:
    name = data.get("name", "?")
    try:
        taken = dict(data)
        entry = dict(taken.pop("input"))
        side = Input(entry["width"], entry["height"], entry["layout"], _three(entry["scale"]), _three(entry["offset"]))
        row = Model(input=side, **taken)
    except (KeyError, TypeError, ValueError) as error:
        raise DeclarationError(f"registry.toml: the row {name} does not hold: {error}") from None
    if row.format not in _FORMATS or row.license_class not in _CLASSES:
        raise DeclarationError(
            f"registry.toml: {name} has format {row.format!r} and license_class {row.license_class!r}; "
            f"they take {', '.join(_FORMATS)} and {', '.join(_CLASSES)}"
        )
    if len(row.sha256) != 64 or not (row.url or row.package):
        raise DeclarationError(f"registry.toml: {name} needs a SHA-256 of 64 digits, and a package or a url")
    return row


def _three(values: Any) -> tuple[float, float, float]:  # noqa: ANN401 - a number or three, as the row says it
    numbers = [float(values)] * 3 if isinstance(values, (int, float)) else [float(each) for each in values]
    first, second, third = numbers
    return first, second, third
