"""What this machine can do, what is missing, and how to get it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Line = dict[str, Any]


def examine(root: Path) -> list[Line]:
    """Return one line a finding: ``ok``, ``optional`` (works without) or ``missing``."""
    return [*_python(), *_libraries(), *_models(), *_sandbox(), *_tools(), *_store(root)]


def _line(state: str, what: str, text: str) -> Line:
    return {"state": state, "what": what, "text": text}


def _python() -> Iterator[Line]:
    version = ".".join(str(each) for each in sys.version_info[:3])
    yield _line("ok", "python", f"{version}, {os.cpu_count()} cores")


def _libraries() -> Iterator[Line]:
    for module, what in (
        ("PyOpenColorIO", "color"),
        ("rawpy", "camera RAW"),
        ("pyvips", "profiles and odd formats"),
        ("cv2", "resampling and measures"),
        ("simplejpeg", "JPEG"),
        ("imagecodecs", "TIFF compression"),
    ):
        found = importlib.util.find_spec(module) is not None
        way = "" if found else "; reinstall safelight: scripts/setup.sh run"
        yield _line("ok" if found else "missing", module, what + way)
    heic = importlib.util.find_spec("pillow_heif") is not None
    text = "reads HEIC" if heic else "HEIC files are reported, not read; get it with: pip install 'safelight[heic]'"
    yield _line("ok" if heic else "optional", "pillow-heif", text)


def _models() -> Iterator[Line]:
    """The people models and what runs them; without them culling sees less."""
    from safelight.models.registry import models_folder, models_named, state_of
    from safelight.models.sessions import has_runtime

    folder = models_folder()
    states = {each.name: state_of(each, folder) for each in models_named(["people"])}
    damaged = [name for name, state in states.items() if state == "damaged"]
    absent = [name for name, state in states.items() if state == "absent"]
    if damaged:
        text = f"{', '.join(damaged)} damaged in {folder}; get them anew with: safelight models pull people"
        yield _line("missing", "people models", text)
    elif absent:
        text = f"{', '.join(absent)} absent; get them with: safelight models pull people"
        yield _line("optional", "people models", text)
    else:
        yield _line("ok", "people models", f"{len(states)} in {folder}")
    runtime = has_runtime("tflite")
    text = (
        "runs the people models"
        if runtime
        else "a cascade looks for faces; get it with: pip install 'safelight[people]'"
    )
    yield _line("ok" if runtime else "optional", "ai-edge-litert", text)


def _sandbox() -> Iterator[Line]:
    from safelight.media.sandbox import Decoder

    with Decoder() as decoder:
        held = decoder.protections
    if "seccomp" in held:
        yield _line("ok", "sandbox", f"foreign files are decoded under {', '.join(held)}")
    else:
        text = (
            f"foreign files are decoded under {', '.join(held) or 'nothing'}; a Linux kernel with seccomp does better"
        )
        yield _line("optional", "sandbox", text)


def _tools() -> Iterator[Line]:
    found = shutil.which("exiftool")
    text = found or "only tests use it; get it with: apt-get install libimage-exiftool-perl"
    yield _line("ok" if found else "optional", "exiftool", text)


def _store(root: Path) -> Iterator[Line]:
    if not root.exists():
        yield _line("optional", "store", f"none at {root} yet; run, cull and ingest make one")
        return
    from safelight.errors import SafelightError
    from safelight.store import Store

    try:
        with Store.open(root) as store:
            head = store.ledger.head()
            free = shutil.disk_usage(root).free / 2**30
            yield _line("ok", "store", f"{root}: {head.seq} facts, {free:.0f} GiB free on its disk")
    except SafelightError as error:
        yield _line("missing", "store", str(error))
