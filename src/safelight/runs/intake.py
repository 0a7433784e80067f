"""First look at a file, in a worker: hash, probe, measure, thumbnail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Edit
from safelight.core.params import Value
from safelight.core.step import Picture
from safelight.plugins import step_named
from safelight.runs.assemble import from_result, to_result
from safelight.runs.bench import Clock, LentTools, LookTools, blobs, decode_original, decoder, look_at
from safelight.runs.task import IntakeTask, Sizes

if TYPE_CHECKING:
    from safelight.core.image import Image
    from safelight.media.decode import Decoded

INTAKE_VERSION = 2  # 2: tones, for what a look asks of a frame
# What culling can do without.
CULL_ONLY: Mapping[str, Mapping[str, Value]] = {"metering": {"illuminants": False}}
_MOST_CLIPPED = 0.5
_MOST_CAST = 1.5
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
    from safelight.pixels.geometry.halve import LOOK_PX
    from safelight.render.views import look_image

    clock = Clock()
    kept = blobs(task.store_root)
    with clock.stage("decode"):
        look = look_at(task.reference, kept, preview=task.cull_only)
    small, probe = look.small, look.small.probe
    tools = LookTools(kept, look, lambda: decode_original(task.reference, kept).image)
    with clock.stage("measure"):
        image = look_image(small.image, LOOK_PX)
        shrunk = max(small.full_size) / max(look.size)
        picture = Picture(image, look.size, small.scene_referred, probe.capture, shrunk=shrunk)
        wanted = CULL_ONLY if task.cull_only else task.asked
        facts: dict[str, Mapping[str, Any]] = {}
        for name in task.facts_steps:
            seen = balanced(picture, facts) if step_named(name).reads == "neutral" else picture
            facts[name] = _measure(name, seen, tools, wanted.get(name, {}))
    with clock.stage("proof"):
        thumbnail = _small(small.sha256, picture, tools, task.sizes)
    return {
        "asset": small.sha256,
        "format": probe.format,
        "width": small.full_size[0],
        "height": small.full_size[1],
        "bits": probe.bits,
        "profile": probe.profile,
        "scene_referred": probe.scene_referred,
        "by": "preview" if look.is_preview else "original",
        "capture": asdict(probe.capture),
        "notes": [each.to_data() for each in small.reasons],
        "facts": facts,
        "tones": _tones(thumbnail),
        "thumbnail": kept.put(encode_small(thumbnail, 85)),
        "metadata": _keep_metadata(small, kept),
        "seconds": clock.seconds,
    }


def glance(task: IntakeTask) -> bytes:
    """Return a thumbnail of a file, JPEG, from its own preview or a scaled decode: to be shown before it is measured.

    Raises
    ------
    MediaError, OriginalChangedError
        As `take_in`, which says so again.
    """
    import numpy as np

    from safelight.core.image import Image as Picture8
    from safelight.pixels.color.light import codes_of
    from safelight.render.views import look_image

    path, side = task.reference.path, task.sizes.thumbnail
    seen = decoder().preview(path, side) or decoder().decode(path, side)
    light = look_image(seen.image, side)
    return encode_small(Picture8(codes_of(np.asarray(light.pixels, np.float32), light.space, "srgb"), "srgb"), 80)


def first_edit(asset: str, picture: Picture, tools: LentTools) -> Edit:
    """Return the edit that makes a RAW visible; empty for a file that was finished for a screen."""
    if not picture.scene_referred:
        return Edit(asset)
    step = step_named(DEVELOP)
    proposal = step.propose(picture, None, {}, tools)
    return Edit(asset).with_step(from_result(to_result(step, proposal, "")))


def _measure(name: str, picture: Picture, tools: LentTools, wanted: Mapping[str, Value]) -> Mapping[str, Any]:
    proposal = step_named(name).propose(picture, None, wanted, tools)
    sure = proposal.confidence.value if proposal.confidence else None
    return {"facts": dict(proposal.facts), "confidence": sure, "reasons": [each.to_data() for each in proposal.reasons]}


def balanced(picture: Picture, facts: Mapping[str, Mapping[str, Any]]) -> Picture:
    """Return the frame from afar in the light of its own paper, where it has one: no correction has been made yet."""
    import numpy as np

    from safelight.core.image import Image
    from safelight.pixels.measure.afar import from_afar

    metering = facts.get("metering", {}).get("facts", {})
    gains = metering.get("neutral_gains", {}).get("backdrop")
    rgb = from_afar(picture.image).rgb
    if gains and metering.get("backdrop_clipped_share", 1.0) < _MOST_CLIPPED and _is_paper(gains):
        rgb = np.ascontiguousarray(rgb * np.asarray(gains, np.float32))
    return replace(picture, image=Image(rgb, picture.image.space))


def _is_paper(gains: Sequence[float]) -> bool:
    """Whether a backdrop is as near to neutral as a lamp's light makes it: a colored one is no white reference."""
    return max(gains) / min(gains) < _MOST_CAST


def _small(asset: str, picture: Picture, tools: LentTools, sizes: Sizes) -> Image:
    """Paint a thumbnail from what was looked at: the full size was reduced once already."""
    if picture.scene_referred:
        edit = first_edit(asset, picture, tools)
        return paint_small(picture.image, edit, tools, sizes.thumbnail, scene_referred=True)
    from safelight.core.image import Image as Picture8
    from safelight.pixels.color.light import codes_of
    from safelight.pixels.measure.afar import finite, from_afar, shrunk

    seen = from_afar(picture.image).rgb
    light = seen if max(seen.shape) >= sizes.thumbnail else finite(picture.image.pixels)
    return Picture8(codes_of(shrunk(light, sizes.thumbnail), picture.image.space, "srgb"), "srgb")


def _tones(small: Image) -> list[int]:
    """Return how much of the frame each tone takes as shot, for what a look asks of it."""
    from safelight.pixels.color.needs import count_tones

    return count_tones(small.pixels[..., :3])


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
