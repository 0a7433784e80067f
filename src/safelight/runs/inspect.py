"""Gate 1 on any file, also one that was made elsewhere; needs no store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.check import Check, Subject, Verdict, judge
from safelight.core.edit import Edit
from safelight.core.image import Image
from safelight.core.step import Picture
from safelight.plugins import check_named, check_names, step_named
from safelight.runs.bench import LentTools
from safelight.runs.intake import first_edit
from safelight.runs.single import MemoryBlobs

if TYPE_CHECKING:
    from safelight.media.decode import Decoded

# Checks of a cut-out product; they say nothing of a picture that does not stand on a plain light backdrop.
ON_WHITE = ("background_white", "halo", "margins")
# Without a channel nobody demands a profile: an untagged file is taken as sRGB everywhere, and warned of.
LENIENT: Mapping[str, Mapping[str, float]] = {"color_profile": {"embedded": 0.0, "embedded.warn": 1.0}}
WHITE_FROM = 250  # as the white rule takes the background of a file we did not make


def inspect(picture: Path, against: Path | None, mask: Path | None = None) -> list[dict[str, Any]]:
    """Judge a file by the checks' own limits and return one line a check, as JSON data.

    Parameters
    ----------
    picture : Path
    against : Path or None
        The original; the two are registered first, and a line says when they could not be.
    mask : Path or None
        A gray picture over the whole frame: where a retouch was declared; nothing else may have changed.

    Raises
    ------
    MediaError
        If a file can't be read.
    """
    from safelight.media import file_facts
    from safelight.media.sandbox import Decoder

    with Decoder() as decoder:
        decoded = decoder.decode(str(picture))
        image = finished(decoded)
        original, note = (None, None) if against is None else _laid_over(image, decoder.decode(str(against)))
    facts = file_facts.read(picture.read_bytes(), picture.name)
    expected = {} if mask is None else {"repair_mask": mask.read_bytes()}
    subject = Subject(image, original, None, facts, expected)
    on_white = is_on_white(image)
    declared = [check_named(each) for each in check_names() if on_white or each not in ON_WHITE]
    checks = [each for each in declared if original is not None or not each.wants_unretouched]
    return [*(_line(each, subject) for each in checks), *([note] if note else [])]


def finished(decoded: Decoded) -> Image:
    """Return a decoded file as display-referred 8- or 16-bit pixels; a RAW is developed first."""
    import numpy as np

    from safelight.render.renderer import render
    from safelight.render.views import work_image

    if not decoded.scene_referred and not decoded.image.space.startswith("linear"):
        return decoded.image
    tools = LentTools(MemoryBlobs(), lambda: decoded.image, {})
    picture = Picture(work_image(decoded.image, 1600), decoded.full_size, decoded.scene_referred, decoded.probe.capture)
    edit = first_edit(decoded.sha256, picture, tools) if decoded.scene_referred else Edit(decoded.sha256)
    painted = render(decoded.image, edit, step_named, tools, scene_referred=decoded.scene_referred, dtype=np.uint8)
    return painted.image


def is_on_white(image: Image) -> bool:
    """Return True if most of the border is white enough to be a marketplace background."""
    import numpy as np

    top = {"uint8": 255.0, "uint16": 65535.0}.get(image.pixels.dtype.name, 1.0)
    rgb = image.pixels[..., :3]
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]]).astype(np.float32) * (255 / top)
    return bool((border.min(axis=1) >= WHITE_FROM).mean() > 0.5)


def _laid_over(image: Image, original: Decoded) -> tuple[Image | None, dict[str, Any] | None]:
    """Return the original on the pixels of `image`, or a line that says why not."""
    from safelight.pixels.geometry.register import register
    from safelight.render.views import carry_original

    capture = finished(original)
    found = register(_eight(image), _eight(capture))
    if found.geometry is None:
        line = {
            "check": "registration",
            "verdict": "warn",
            "measures": [_measure("agreement", found.agreement, "", found.why, None, "at_least", "warn")],
            "evidence": [],
        }
        return None, line
    return carry_original(capture, found.geometry, to_space=image.space, dtype=image.pixels.dtype.type), None


def _eight(image: Image) -> Any:  # noqa: ANN401 - (H, W, 3) uint8
    import numpy as np

    rgb = image.pixels[..., :3]
    if rgb.dtype == np.uint16:
        rgb = (rgb // 257).astype(np.uint8)
    return np.ascontiguousarray(rgb)


def _line(check: Check, subject: Subject) -> dict[str, Any]:
    findings = check.measure(subject)
    verdict = judge(check, findings, LENIENT.get(check.name))
    words = {each.measure.name: each.word for each in verdict.judged}
    evidence = [
        {"measure": each.measure, "box": list(each.box), "value": each.value, "text": each.text}
        for each in findings.evidence
        if words.get(each.measure, "warn") != "pass"
    ]
    return verdict_line(verdict) | {"evidence": evidence}


def verdict_line(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as a line of ``check --json``."""
    measures = [
        _measure(e.measure.name, e.measure.value, e.measure.unit, e.measure.why, e.limit, e.direction, e.word)
        for e in verdict.judged
    ]
    return {"check": verdict.check, "verdict": verdict.word, "measures": measures, "evidence": []}


def _measure(
    name: str, value: float | None, unit: str, why: str, limit: float | None, direction: str, word: str
) -> Mapping[str, Any]:
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "why": why,
        "limit": limit,
        "direction": direction,
        "verdict": word,
    }
