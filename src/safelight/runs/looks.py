"""Looks without a store: where one comes from, what it needs, baked for other programs, or taken from a reference."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Artifact, Edit
from safelight.core.step import Stage
from safelight.errors import BlobMissingError, DeclarationError, UsageError
from safelight.plugins import step_named
from safelight.runs.bench import LentTools
from safelight.runs.single import MemoryBlobs

if TYPE_CHECKING:
    from safelight.core.step import Tools
    from safelight.pixels.color.match import Method
    from safelight.pixels.color.spaces import Float32
    from safelight.workflows.guide import Guide

LoadGuide = Callable[[Path], "Guide"]
_SIDE_PX = 800


def bake_look(source: Path, out: Path, load: LoadGuide, *, category: str, side: int, space: str) -> dict[str, Any]:
    """Write the grade stage of a guide or an edit as one .cube or .ctf, over code values of `space` both ways.

    Raises
    ------
    UsageError
        If `out` ends in neither, or `source` grades nothing.
    """
    from safelight.pixels.color.bake import to_ctf, to_cube

    transforms = look_of(source, load, category)
    if not transforms:
        raise UsageError(f"{source} grades nothing: it has no look and no grade to bake")
    title = f"{source.stem} {category}".strip()
    if out.suffix.lower() == ".cube":
        data = to_cube(transforms, title, space, side)
    elif out.suffix.lower() == ".ctf":
        data = to_ctf(transforms, title, space)
    else:
        raise UsageError(f"{out} ends in {out.suffix or 'nothing'!r}; a look is baked to .cube or .ctf")
    _write(out, data)
    return {"out": str(out), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "space": space}


def inspect_look(source: Path, load: LoadGuide, *, category: str) -> dict[str, Any]:
    """Say what a look needs from its source: a LUT, a guide or an edit."""
    from safelight.pixels.color.needs import needs_of

    return {"look": source.name, **needs_of(look_of(source, load, category)).to_data()}


def match_look(
    reference: Path, pictures: Sequence[Path], out: Path, *, strength: float, method: Method
) -> dict[str, Any]:
    """Take the look of `reference` for `pictures`, write it as .cube, and return its parameters and measures.

    Raises
    ------
    UsageError
        If `out` is no .cube.
    MediaError
        If a picture cannot be read.
    """
    from safelight.media.sandbox import Decoder
    from safelight.pixels.color.bake import cube_bytes
    from safelight.pixels.color.match import match_look as match

    if out.suffix.lower() != ".cube":
        raise UsageError(f"{out} ends in {out.suffix or 'nothing'!r}; a matched look is written as .cube")
    with Decoder() as decoder:
        wanted = codes_of(decoder, reference)
        given = [codes_of(decoder, each) for each in pictures]
    found = match(wanted, given, strength=strength, method=method)
    _write(out, cube_bytes(found.table, f"{reference.stem} matched", "input and output: srgb code values"))
    params = step_named("grade").params.accept(asdict(found.grade))
    defaults = step_named("grade").params.defaults()
    changed = {name: value for name, value in params.items() if value != defaults[name]}
    return {"out": str(out), "strength": strength, "method": method, "grade": changed, **found.facts}


def method_named(name: str) -> Method:
    """Return the method called `name`, or refuse with those there are."""
    if name == "transport":
        return "transport"
    if name == "axes":
        return "axes"
    raise UsageError(f"--method is {name!r}; it takes transport or axes (default transport)")


def look_of(source: Path, load: LoadGuide, category: str) -> list[Any]:
    """Return the color transforms of a look, in linear Rec.2020: of a LUT, of a guide's or an edit's grade stage."""
    ending = source.suffix.lower()
    if ending == ".toml":
        return look_of_guide(load(source), category)
    data = _read(source)
    if ending == ".json":
        return _of_edit(Edit.from_json(data.decode("utf-8", "replace")), source.parent)
    from safelight.pixels.color.look import lut_look
    from safelight.pixels.color.lut import read_lut

    return [lut_look(read_lut(data, source.name), "srgb", "srgb")]


def look_of_guide(guide: Guide, category: str) -> list[Any]:
    """Return what a guide lays on pictures of a category in the grade stage, as transforms in linear Rec.2020."""
    kept = MemoryBlobs()
    files = {name: kept.put(each.read()) for name, each in guide.resources.items()}
    tools = LentTools(kept, _no_picture, files)
    uses = guide.plan(category or "unknown").steps
    return [made for each in uses for made in _painted(each.step, each.params, tools, {})]


def _of_edit(edit: Edit, folder: Path) -> list[Any]:
    tools = _Beside(folder)
    return [made for each in edit.steps for made in _painted(each.step, each.params, tools, each.artifacts)]


def _painted(name: str, params: Mapping[str, Any], tools: Tools, artifacts: Mapping[str, Artifact]) -> list[Any]:
    """What a step does if it grades by color; a masked one is no look."""
    step = step_named(name)
    if step.stage != Stage.GRADE or step.kind != "color" or "mask" in artifacts or step.paint is None:
        return []
    values = step.params.accept(params, fill=True)
    return [] if values == step.params.defaults() else [step.paint(values, tools, artifacts)]


class _Beside(LentTools):
    """Tools for an edit outside a store: its files lie beside it, known by name or by hash."""

    def __init__(self, folder: Path) -> None:
        super().__init__(MemoryBlobs(), _no_picture, {})
        self._folder = folder

    def get(self, artifact: Artifact) -> bytes:
        """Return the file beside the edit that has the artifact's hash."""
        for each in sorted(self._folder.iterdir()):
            if each.is_file() and each.stat().st_size < 1 << 27:
                data = each.read_bytes()
                if hashlib.sha256(data).hexdigest() == artifact.sha256:
                    return data
        raise BlobMissingError(f"no file beside the edit is {artifact.kind} {artifact.sha256[:12]}; put it there")

    def resource(self, name: str) -> bytes:
        """Return the file of that name beside the edit."""
        return _read(self._folder / name)


def _no_picture() -> Any:  # noqa: ANN401 - never returns
    raise UsageError("a look is baked without a picture, and this step asks for one")


def codes_of(decoder: Any, path: Path) -> Float32:  # noqa: ANN401 - media.sandbox.Decoder
    """A picture as sRGB code values, small; a RAW through its view."""
    import numpy as np

    from safelight.core.step import Picture
    from safelight.pixels.color import fused
    from safelight.render.views import work_image

    decoded = decoder.decode(str(path), longest_side=_SIDE_PX)
    image = work_image(decoded.image, _SIDE_PX)
    transforms = []
    if decoded.scene_referred:
        develop = step_named("develop")
        picture = Picture(image, decoded.full_size, scene_referred=True)
        tools = LentTools(MemoryBlobs(), lambda: image, {})
        proposal = develop.propose(picture, None, {}, tools)
        transforms = [develop.paint(proposal.params, tools, {})] if develop.paint else []
    return np.asarray(fused.apply(image.pixels, image.space, transforms, "srgb", np.float32), np.float32)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DeclarationError(f"{path} cannot be read: {error.strerror or error}") from None


def _write(out: Path, data: bytes) -> None:
    if not out.parent.is_dir():
        raise UsageError(f"the folder {out.parent} is missing; make it, or choose another with -o")
    draft = out.with_name(f".{out.name}.part")
    draft.write_bytes(data)
    draft.replace(out)
