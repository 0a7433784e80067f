"""A picture with its clipping path: cut out, fitted, written into the file, and what to look at twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Edit
from safelight.core.step import Step
from safelight.errors import UsageError
from safelight.plugins import step_named
from safelight.runs.single import edit_one, lend_tools, pair_of, write_beside

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.core.check import Verdict
    from safelight.core.image import Image
    from safelight.media.clipping_path import NamedPath
    from safelight.media.decode import Decoded
    from safelight.pixels.matte.path_checks import PathPlace
    from safelight.runs.bench import LentTools

FORMATS = {".jpg": "jpeg", ".jpeg": "jpeg", ".tif": "tiff", ".tiff": "tiff", ".psd": "psd", ".svg": "svg"}
NAME = "Path 1"  # Photoshop's own first name; prepress desks look for it


def write_outline(picture: Path, out: Path, settings: Iterable[str]) -> dict[str, Any]:
    """Cut `picture` out and write it uncut, with the contour as its clipping path, to `out`.

    Returns
    -------
    dict
        knots, subpaths, confidence, reasons, and ``places`` to look at again at several zooms.

    Raises
    ------
    UsageError
        For another format than JPEG, TIFF, PSD or SVG, or where nothing could be cut out.
    MediaError
        If the picture can't be read.
    """
    from safelight.media.sandbox import Decoder

    kind = _format_of(out)
    step: Step = step_named("cutout")
    wanted = step.params.accept(dict(pair_of(each, step) for each in settings))
    with Decoder() as decoder:
        decoded = decoder.decode(str(picture))
    edit, proposal = edit_one(step, wanted, decoded, tools := lend_tools(decoded, wanted))
    used = edit.step(step.name)
    if used is None or "matte" not in used.artifacts:
        raise UsageError(f"{picture} was not cut out ({proposal.reasons[0].text}); set backdrop=any, or cut it by hand")
    assert step.paint is not None
    alpha = step.paint({role: tools.get(each) for role, each in used.artifacts.items()}).alpha
    path, places = outline_of(alpha)
    judged = judge_path(path, alpha)
    write_beside(out, _encoded(kind, _shown(decoded, edit, tools), path, alpha, decoded))
    return {
        "file": str(out),
        "subpaths": len(path.subpaths),
        "knots": sum(map(len, path.subpaths)),
        "confidence": proposal.confidence.value if proposal.confidence else None,
        "reasons": [each.text for each in proposal.reasons],
        "places": [asdict(each) for each in places],
        "deviation": {each.measure.name: each.measure.value for each in judged.judged},
        "verdict": judged.word,
    }


def judge_path(path: NamedPath, alpha: NDArray[np.uint16]) -> Verdict:
    """Hold a path against the matte that it was made of: the check path_deviation, before anything is written."""
    import numpy as np

    from safelight.core.check import Subject, judge
    from safelight.core.image import Image
    from safelight.pixels.matte.bezier import Knot, flatten_path
    from safelight.plugins import check_named

    knots = tuple(
        tuple(Knot(anchor[0], anchor[1], into, out, corner) for (into, anchor, out), corner in ring)
        for ring in path.subpaths
    )
    rings = [ring.tolist() for ring in flatten_path(knots)]
    bare = Image(np.zeros((*alpha.shape, 3), np.uint8), "srgb")
    cover = np.asarray(alpha / np.float32(65535), np.float32)
    check = check_named("path_deviation")
    return judge(check, check.measure(Subject(bare, alpha=cover, expected={"path": rings})))


def outline_of(alpha: NDArray[np.uint16]) -> tuple[NamedPath, tuple[PathPlace, ...]]:
    """Fit the path of a full-size matte and list its thin lines and sharp corners.

    Parameters
    ----------
    alpha : (H, W) uint16, 65535 = 1

    Raises
    ------
    UsageError
        If it holds no subject.
    """
    from safelight.media.clipping_path import named_path
    from safelight.pixels.matte.bezier import fit_path
    from safelight.pixels.matte.contour import trace_contours
    from safelight.pixels.matte.path_checks import list_path_places

    fitted = fit_path(trace_contours(alpha))
    if not fitted:
        raise UsageError("there is no contour to make a path of: the matte holds no subject")
    height, width = alpha.shape
    return named_path(fitted, NAME, (width, height)), list_path_places(fitted, alpha)


def _shown(decoded: Decoded, edit: Edit, tools: LentTools) -> Image:
    """The picture itself, developed where it is RAW, without the cut."""
    from safelight.runs.single import paint_one

    if not decoded.scene_referred and decoded.image.alpha == "none" and decoded.image.pixels.dtype.kind == "u":
        return decoded.image
    return paint_one(decoded, edit.without_step("cutout"), tools, "tiff")


def _encoded(kind: str, image: Image, path: NamedPath, alpha: NDArray[np.uint16], decoded: Decoded) -> bytes:
    from safelight.media.clipping_path import pack_paths, svg_of
    from safelight.media.encode import encode

    if kind == "svg":
        return svg_of([path], image.size)
    packed = pack_paths([path], path.name)
    if kind == "psd":
        from safelight.media.writers.psd import Layer, write_layers

        mask = (alpha >> 8).astype("uint8")
        return write_layers(image, [Layer("Original", image.pixels[..., :3], mask)], paths=packed)
    if kind == "jpeg" and image.pixels.dtype.itemsize > 1:
        image = _eight(image)
    icc = decoded.metadata.icc if not decoded.scene_referred and image.space == decoded.image.space else None
    return encode(image, kind, metadata=decoded.metadata, icc=icc, paths=packed)


def _eight(image: Image) -> Image:
    import numpy as np

    from safelight.core.image import Image as Picture
    from safelight.pixels.color.spaces import to_float, to_integers

    return Picture(to_integers(to_float(image.pixels), np.uint8), image.space, image.alpha)


def _format_of(out: Path) -> str:
    if out.suffix.lower() not in FORMATS:
        raise UsageError(f"{out} ends in {out.suffix or 'nothing'!r}; a path goes into one of {', '.join(FORMATS)}")
    if not out.parent.is_dir():
        raise UsageError(f"the folder {out.parent} is missing; make it, or choose another with -o")
    return FORMATS[out.suffix.lower()]
