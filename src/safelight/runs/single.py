"""One step on one picture, without a store."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Edit
from safelight.core.params import Value
from safelight.core.step import Picture, Proposal, Step
from safelight.errors import BlobMissingError, UsageError
from safelight.plugins import step_named
from safelight.runs.assemble import from_result, to_result
from safelight.runs.bench import LentTools

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.core.image import Image
    from safelight.media.decode import Decoded

# What a step cannot do without: its result rests on what these found.
NEEDS: Mapping[str, tuple[str, ...]] = {"background": ("cutout",), "crop_to_spec": ("cutout",)}
DEVELOP = "develop"
FACTS = ("metering", "focus", "chart", "framing", "people")  # what steps read of a single picture
FORMATS = {
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".png": "png",
    ".webp": "webp",
}


class MemoryBlobs:
    """Blobs that live as long as one command."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        """Keep bytes and return their SHA-256."""
        name = hashlib.sha256(data).hexdigest()
        self._kept[name] = bytes(data)
        return name

    def get(self, sha256: str) -> bytes:
        """Return the bytes of a name.

        Raises
        ------
        BlobMissingError
            If nothing was put under it.
        """
        if sha256 not in self._kept:
            raise BlobMissingError(f"nothing was kept as {sha256[:12]} in this command")
        return self._kept[sha256]


def apply_step(name: str, picture: Path, out: Path, settings: Iterable[str]) -> dict[str, Any]:
    """Develop `picture`, apply the step `name` with `settings` (``name=value``), and write `out`.

    Returns
    -------
    dict
        step, params, confidence, reasons and facts of what was done, as JSON data.

    Raises
    ------
    UsageError
        For an unknown step, parameter or output format.
    MediaError
        If the picture can't be read.
    """
    from safelight.media.sandbox import Decoder

    with Decoder(threads=os.cpu_count() or 1) as decoder, ThreadPoolExecutor(1) as beside:
        beside.submit(decoder.start)
        step = step_named(name)
        wanted = step.params.accept(dict(pair_of(each, step) for each in settings))
        file_format = _format_of(out)
        reading = beside.submit(decoder.decode, str(picture))
        _make_ready()
        decoded = reading.result()
        beside.submit(decoder.close)  # it ends while this process paints
        edit, proposal = edit_one(step, wanted, decoded, tools := lend_tools(decoded, wanted))
        painted = paint_one(decoded, edit, tools, file_format)
        _write(painted, decoded, out, file_format)
    done = edit.step(step.name)
    params = dict(done.params) if done is not None else {}
    sure = proposal.confidence.value if proposal.confidence else None
    reasons = [each.text for each in (*decoded.reasons, *proposal.reasons)]
    return {"step": name, "params": params, "confidence": sure, "reasons": reasons, "facts": dict(proposal.facts)}


def _make_ready() -> None:
    """Import what painting takes, while another process reads the picture: a third of a second of a cold start."""
    import safelight.media.encode
    import safelight.media.writers.jpeg
    import safelight.render.renderer
    import safelight.render.views
    import safelight.settings  # noqa: F401


def paint_steps(
    decoded: Decoded, wanted: Sequence[tuple[str, Mapping[str, Value]]]
) -> tuple[Edit, Image, NDArray[np.float32] | None]:
    """Propose steps for a decoded picture, one after the other, and paint them at full size.

    Parameters
    ----------
    decoded : Decoded
    wanted : sequence of (step, fixed parameters)
        RAW is developed first; what a step cannot do without must stand before it.

    Returns
    -------
    (Edit, Image, (H, W) float32 or None)
        The edit with confidence and reasons; the picture, uint16 in sRGB; its matte where one was made.
    """
    import numpy as np

    from safelight.render.planes import to_share
    from safelight.render.renderer import render
    from safelight.render.views import matte_of

    tools = LentTools(MemoryBlobs(), lambda: decoded.image, {})
    picture = _picture(decoded, tools)
    edit = Edit(decoded.sha256)
    before: list[tuple[str, Mapping[str, Value]]] = [(DEVELOP, {})] if decoded.scene_referred else []
    for name, fixed in (*before, *wanted):
        step = step_named(name)
        edit = _with(edit, step, step.propose(picture, None, step.params.accept(dict(fixed)), tools))
        picture = replace(picture, alpha=matte_of(edit, step_named, tools, picture.image.size))
    painted = render(
        decoded.image,
        edit,
        step_named,
        tools,
        scene_referred=decoded.scene_referred,
        to_space="srgb",
        dtype=np.uint16,
        threads=os.cpu_count() or 1,
    )
    return edit, painted.image, None if painted.alpha is None else to_share(painted.alpha)


def lend_tools(decoded: Decoded, wanted: Mapping[str, Value]) -> LentTools:
    """Lend tools whose resources are the files that the settings name."""
    kept = MemoryBlobs()
    named = [str(each) for each in wanted.values() if isinstance(each, str) and Path(each).is_file()]
    return LentTools(kept, lambda: decoded.image, {each: kept.put(Path(each).read_bytes()) for each in named})


def edit_one(step: Step, wanted: Mapping[str, Value], decoded: Decoded, tools: LentTools) -> tuple[Edit, Proposal]:
    """Propose what the step needs first, then the step itself."""
    from safelight.render.views import matte_of

    picture = _picture(decoded, tools)
    image = picture.image
    edit = Edit(decoded.sha256)
    before = [DEVELOP] if decoded.scene_referred and step.name != DEVELOP else []
    for name in (*before, *NEEDS.get(step.name, ())):
        edit = _with(edit, step_named(name), step_named(name).propose(picture, None, {}, tools))
        picture = replace(picture, alpha=matte_of(edit, step_named, tools, image.size))
    proposal = step.propose(picture, None, wanted, tools)
    if step.kind == "facts":
        return edit, proposal
    return _with(edit, step, proposal), proposal


def _picture(decoded: Decoded, tools: LentTools) -> Picture:
    """Return what steps look at when they propose; facts are measured when they are asked for."""
    from safelight.render.views import work_image
    from safelight.settings import Settings

    image = work_image(decoded.image, Settings().work_side_px)
    bare = Picture(image, decoded.full_size, decoded.scene_referred, decoded.probe.capture)
    return replace(bare, facts=_Measured(lambda name: step_named(name).propose(bare, None, {}, tools).facts))


class _Measured(Mapping[str, Mapping[str, Any]]):
    """What facts steps measure, each asked when a step first reads it: development needs none of them."""

    def __init__(self, measure: Callable[[str], Mapping[str, Any]]) -> None:
        self._measure = measure
        self._known: dict[str, Mapping[str, Any]] = {}

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        if name not in FACTS:
            raise KeyError(name)
        if name not in self._known:
            self._known[name] = self._measure(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(FACTS)

    def __len__(self) -> int:
        return len(FACTS)


def _with(edit: Edit, step: Step, proposal: Proposal) -> Edit:
    return edit.with_step(from_result(to_result(step, proposal, "")))


def paint_one(decoded: Decoded, edit: Edit, tools: LentTools, file_format: str) -> Image:
    """Paint an edit of one picture at full size, as deep as its file and `file_format` go."""
    from safelight.render.renderer import render

    space = decoded.image.space if _is_finished(decoded) else "srgb"
    return render(
        decoded.image,
        edit,
        step_named,
        tools,
        scene_referred=decoded.scene_referred,
        to_space=space,
        dtype=_depth(decoded, file_format),
        threads=os.cpu_count() or 1,
    ).image


def _is_finished(decoded: Decoded) -> bool:
    """Return True for a picture that is in its file's own space; a converted one has left it."""
    return not decoded.scene_referred and not decoded.image.space.startswith("linear")


def _depth(decoded: Decoded, file_format: str) -> type[np.uint8] | type[np.uint16]:
    import numpy as np

    deep = decoded.probe.bits > 8 and file_format in ("tiff", "png")
    return np.uint16 if deep else np.uint8


def _write(image: Image, decoded: Decoded, out: Path, file_format: str) -> None:
    from safelight.media.encode import encode

    if image.alpha != "none" and file_format == "jpeg":
        raise UsageError(f"{out} is a JPEG and can't hold the alpha of a cut-out; write .png, .tif or .webp")
    icc = decoded.metadata.icc if _is_finished(decoded) else None
    write_beside(out, encode(image, file_format, metadata=decoded.metadata, icc=icc))


def write_beside(out: Path, data: bytes) -> None:
    """Write a file under another name first, so that a name never shows half of one."""
    draft = out.with_name(f".{out.name}.part")
    draft.write_bytes(data)
    draft.replace(out)


def _format_of(out: Path) -> str:
    if out.suffix.lower() not in FORMATS:
        raise UsageError(f"{out} ends in {out.suffix or 'nothing'!r}; write one of {', '.join(FORMATS)}")
    if not out.parent.is_dir():
        raise UsageError(f"the folder {out.parent} is missing; make it, or choose another with -o")
    return FORMATS[out.suffix.lower()]


def pair_of(text: str, step: Step) -> tuple[str, str]:
    """Split ``name=value``, or refuse it with what `step` takes."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        known = ", ".join(each.name for each in step.params) or "nothing"
        raise UsageError(f"--set is {text!r}; it takes name=value, and {step.name} takes {known}")
    return name, value
