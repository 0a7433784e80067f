"""First look at a file, in a worker: hash, probe, measure, thumbnail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Edit
from safelight.core.step import Picture
from safelight.plugins import step_named
from safelight.runs.assemble import from_result, to_result
from safelight.runs.bench import Clock, LentTools, blobs, decode_original
from safelight.runs.task import IntakeTask, Sizes

if TYPE_CHECKING:
    from safelight.core.image import Image
    from safelight.media.decode import Decoded

INTAKE_VERSION = 2  # 2: tones, for what a look asks of a frame
DEVELOP = "develop"  # what a RAW needs before anybody can look at it


def take_in(task: IntakeTask) -> dict[str, Any]:
    """Read one file and return what is known of it, as JSON data; its thumbnail is kept as a blob.

    Raises
    ------
    MediaError
        If the file can't be used; the sentence is what the quarantine shows.
    OriginalChangedError
        If it went away since the folder was listed.
    """
    from safelight.render.views import work_image

    clock = Clock()
    kept = blobs(task.store_root)
    with clock.stage("decode"):
        decoded = decode_original(task.reference, kept)
    tools = LentTools(kept, lambda: decoded.image, {})
    with clock.stage("measure"):
        image = work_image(decoded.image, task.sizes.work)
        picture = Picture(image, decoded.full_size, decoded.scene_referred, decoded.probe.capture)
        facts = {name: _measure(name, picture, tools) for name in task.facts_steps}
    with clock.stage("proof"):
        small = _small(decoded.sha256, picture, tools, task.sizes)
        thumbnail = kept.put(encode_small(small, 85))
    probe = decoded.probe
    return {
        "asset": decoded.sha256,
        "format": probe.format,
        "width": decoded.full_size[0],
        "height": decoded.full_size[1],
        "bits": probe.bits,
        "profile": probe.profile,
        "scene_referred": decoded.scene_referred,
        "capture": asdict(probe.capture),
        "notes": [each.to_data() for each in decoded.reasons],
        "facts": facts,
        "tones": _tones(small),
        "thumbnail": thumbnail,
        "metadata": _keep_metadata(decoded, kept),
        "seconds": clock.seconds,
    }


def first_edit(asset: str, picture: Picture, tools: LentTools) -> Edit:
    """Return the edit that makes a RAW visible; empty for a file that was finished for a screen."""
    if not picture.scene_referred:
        return Edit(asset)
    step = step_named(DEVELOP)
    proposal = step.propose(picture, None, {}, tools)
    return Edit(asset).with_step(from_result(to_result(step, proposal, "")))


def _measure(name: str, picture: Picture, tools: LentTools) -> Mapping[str, Any]:
    proposal = step_named(name).propose(picture, None, {}, tools)
    sure = proposal.confidence.value if proposal.confidence else None
    return {"facts": dict(proposal.facts), "confidence": sure, "reasons": [each.to_data() for each in proposal.reasons]}


def _small(asset: str, picture: Picture, tools: LentTools, sizes: Sizes) -> Image:
    """Paint a thumbnail from the work image: the full size was reduced once already."""
    edit = first_edit(asset, picture, tools)
    return paint_small(picture.image, edit, tools, sizes.thumbnail, scene_referred=picture.scene_referred)


def _tones(small: Image) -> list[int]:
    """Return how much of the frame each tone takes as shot, for what a look asks of it."""
    from safelight.pixels.color.needs import count_tones
    from safelight.pixels.color.spaces import to_float

    return count_tones(to_float(small.pixels[..., :3]))


def paint_small(
    original: Image, edit: Edit, tools: LentTools, long_side: int, *, scene_referred: bool = False
) -> Image:
    """Paint `edit` at a small size as 8-bit sRGB."""
    import numpy as np

    from safelight.render.renderer import render

    painted = render(
        original, edit, step_named, tools, scene_referred=scene_referred, long_side=long_side, dtype=np.uint8
    )
    return painted.image


def encode_small(image: Image, quality: int) -> bytes:
    """Return a JPEG for a screen: sRGB, no metadata; alpha is laid on white."""
    import numpy as np

    from safelight.core.image import Image as Picture8
    from safelight.media.encode import encode

    if image.alpha != "none":
        rgb, alpha = image.pixels[..., :3].astype(np.float32), image.pixels[..., 3:].astype(np.float32) / 255
        flat = rgb * alpha + 255 * (1 - alpha)
        image = Picture8(np.ascontiguousarray(flat.round().astype(np.uint8)), image.space)
    return encode(image, "jpeg", quality=quality)


def _keep_metadata(decoded: Decoded, kept: Any) -> dict[str, str]:  # noqa: ANN401 - Blobs, imported late
    meta = decoded.metadata
    parts = {"exif": meta.exif, "xmp": meta.xmp, "iptc": meta.iptc, "icc": meta.icc}
    return {name: kept.put(data) for name, data in parts.items() if data}
