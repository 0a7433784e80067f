"""One asset along its workflow, in a worker: propose, paint once, measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from safelight.core.check import Check, Evidence, Findings, Subject
from safelight.core.edit import Edit
from safelight.core.image import Image
from safelight.core.step import Picture, Proposal, Stage, Step
from safelight.plugins import check_named, step_named
from safelight.runs.assemble import MASTER_UNTIL, Assembly, assemble, group_of, key_of_measure, key_of_render
from safelight.runs.bench import Clock, LentTools, blobs, decode_original
from safelight.runs.chart_color import painted_patches
from safelight.runs.intake import DEVELOP, encode_small, first_edit, paint_small
from safelight.runs.look_seen import before_look, look_step, said_of_look
from safelight.runs.retouched import repair_mask, retouching, without_retouching
from safelight.runs.task import PerformTask, PlannedStep

if TYPE_CHECKING:
    from safelight.media.decode import Decoded
    from safelight.pixels.geometry.optics import Optics
    from safelight.render.renderer import Rendered

# A saturated edge on white measures up to 2.1 ΔE00 beside itself at 95, by the JPEG alone: gate 1 asks for 2.
PROOF_QUALITY = 97
PAGE_PX = 720  # pictures of the report page
PAGE_QUALITY = 82
CROP_PX = 480  # side of an evidence crop at 100 %
NOTHING_MEASURED: dict[str, Any] = {"measures": [], "evidence": []}


def perform(task: PerformTask) -> dict[str, Any]:
    """Propose what is missing, paint the master, measure it, and return results by key.

    Returns
    -------
    dict
        ``{"results": {key: JSON data}, "seconds": {stage: s}}``. Masters, mattes, proofs and evidence are
        blobs; the owner commits the results.

    Raises
    ------
    MediaError, OriginalChangedError
        If the original can't be read or is no longer what it was.
    """
    performance = _Performance(task)
    try:
        return performance.run()
    finally:
        # Its tools know it and it knows its tools: without this, hundreds of MiB would wait for the collector.
        vars(performance).clear()


class _Performance:
    """The state of one job: what was decoded and painted so far."""

    def __init__(self, task: PerformTask) -> None:
        self.task, self.clock = task, Clock()
        self.kept = blobs(task.store_root)
        self.tools = LentTools(self.kept, lambda: self.decoded.image, task.resources)
        self.results: dict[str, Mapping[str, Any]] = {}
        self.edit = Edit("")
        self.painted: Rendered | None = None
        self.subjects: Mapping[str, Subject] = {}
        self.master_alpha: Any = None
        self.matte_seen: tuple[tuple[str, ...], Any] = ((), None)
        self.colored_seen: tuple[tuple[str, ...], Image | None] = ((), None)

    def run(self) -> dict[str, Any]:
        assembly = assemble(self.task, self._known, self._propose)
        self.results.update(assembly.fresh)
        self.edit = assembly.edit
        render_key = key_of_render(assembly.edit, self.task.resources)
        if self._known(render_key) is None:
            self.results[render_key] = self._paint(assembly)
        painted = self._known(render_key)
        assert painted is not None
        for name in self.task.checks:
            key = key_of_measure(name, render_key, self.task.expected)
            if self._known(key) is None:
                with self.clock.stage("check"):
                    self.results[key] = self._check(check_named(name), painted)
        return {"results": self.results, "seconds": self.clock.seconds}

    def _known(self, key: str) -> Mapping[str, Any] | None:
        return self.results.get(key) or self.task.known.get(key)

    # What was decoded and painted, each at most once.

    @cached_property
    def decoded(self) -> Decoded:
        with self.clock.stage("decode"):
            return decode_original(self.task.reference, self.kept)

    @cached_property
    def work(self) -> Image:
        from safelight.render.views import work_image

        with self.clock.stage("reduce"):
            return work_image(self.decoded.image, self.task.sizes.work)

    def _render(self, edit: Edit, **wanted: Any) -> Rendered:  # noqa: ANN401 - the renderer's own keywords
        from safelight.render.renderer import render

        return render(
            self.decoded.image, edit, step_named, self.tools, scene_referred=self.task.scene_referred, **wanted
        )

    def _colored(self, edit: Edit, until: Stage) -> Image:
        """Paint the edit's color alone on the work image, once for all steps that see the same of it."""
        colors = [each for each in edit.steps if step_named(each.step).kind == "color"]
        painted = tuple(repr(each.painted()) for each in colors if step_named(each.step).stage <= until)
        if self.colored_seen[1] is None or self.colored_seen[0] != painted:
            self.colored_seen = painted, self._paint_colors(Edit(edit.original, tuple(colors)), until)
        seen = self.colored_seen[1]
        assert seen is not None
        return seen

    def _paint_colors(self, edit: Edit, until: Stage) -> Image:
        """Paint on the work image: the full size was reduced once already."""
        return self._on_light(self.work, edit, until)

    def _on_light(self, light: Image, edit: Edit, until: Stage) -> Image:
        """Paint an edit on linear light, to linear light."""
        import numpy as np

        from safelight.render.renderer import render
        from safelight.render.source import clipping_of

        return render(
            light,
            edit,
            step_named,
            self.tools,
            scene_referred=self.task.scene_referred,
            to_space="linear_rec2020",
            dtype=np.float32,
            until=until,
            clipped_in=clipping_of(self.decoded.image),
        ).image

    def _matte_at_work_size(self, edit: Edit) -> Any:  # noqa: ANN401 - (H, W) float32 or None
        """Return the matte that the edit has so far; a full-size PNG is decoded once."""
        from safelight.render.views import matte_of

        mattes = tuple(repr(e.painted()) for e in edit.steps if step_named(e.step).kind == "matte")
        if mattes != self.matte_seen[0]:
            with self.clock.stage("reduce"):
                self.matte_seen = (mattes, matte_of(edit, step_named, self.tools, self.work.size))
        return self.matte_seen[1]

    # Proposals

    def _propose(self, step: Step, planned: PlannedStep, edit: Edit) -> Proposal:
        picture = self._picture(step, edit)
        with self.clock.stage(step.name):
            return step.propose(picture, group_of(self.task, step), planned.wanted, self.tools)

    def _picture(self, step: Step, edit: Edit) -> Picture:
        image, alpha = self.work, None
        until = Stage.CORRECTION if step.reads == "neutral" else Stage.GRADE
        if step.reads != "original" and any(step_named(e.step).stage <= until for e in edit.steps):
            with self.clock.stage("reduce"):
                image = self._colored(edit, until)
        if step.reads == "upstream":
            alpha = self._matte_at_work_size(edit)
        return Picture(
            image,
            self.task.full_size,
            self.task.scene_referred,
            self.task.capture,
            {name: each["facts"] for name, each in self.task.facts.items()},
            self.task.category,
            alpha,
        )

    # Painting

    def _paint(self, assembly: Assembly) -> dict[str, Any]:
        """Paint the full-size master and keep it with its matte, proof and thumbnail."""
        import numpy as np

        from safelight.media.encode import encode
        from safelight.pixels.matte.matte_png import encode_matte
        from safelight.render.views import shrink_finished

        with self.clock.stage("render"):
            painted = self._render(assembly.edit, until=MASTER_UNTIL)
        with self.clock.stage("keep"):
            kept = {"master": self.kept.put(encode(painted.image, "tiff", compression="zstandard"))}
            if painted.alpha is not None:
                kept["matte"] = self.kept.put(encode_matte(painted.alpha))
        with self.clock.stage("proof"):
            proof = shrink_finished(painted.image, self.task.sizes.proof, np.uint8)
            kept["proof"] = self.kept.put(encode_small(proof, PROOF_QUALITY))
            kept["thumbnail"] = self.kept.put(encode_small(shrink_finished(proof, self.task.sizes.thumbnail), 85))
            kept["after"] = self.kept.put(encode_small(shrink_finished(proof, PAGE_PX), PAGE_QUALITY))
            kept["before"] = self.kept.put(encode_small(self._before(painted, assembly.edit), PAGE_QUALITY))
        self.painted = painted
        return {
            "blobs": kept,
            "width": painted.image.width,
            "height": painted.image.height,
            "geometry": [list(each) for each in painted.geometry.matrix],
            "optics": None if painted.geometry.optics is None else asdict(painted.geometry.optics),
        }

    def _before(self, painted: Rendered, edit: Edit) -> Image:
        """Return the capture on the frame of the painted picture, small, for before and after."""
        import numpy as np

        from safelight.pixels.geometry.map import fitted
        from safelight.render.views import carry_original, shrink_finished

        small = painted.geometry.resized(*fitted(painted.image.size, PAGE_PX))
        if not self.task.scene_referred:
            shown = carry_original(self.work, small, full_size=self.decoded.full_size, to_space="srgb", dtype=np.uint8)
            return shrink_finished(shown, PAGE_PX)
        developed = [each for each in edit.steps if each.step == DEVELOP]
        if developed:
            first = Edit(edit.original, tuple(developed))
        else:
            first = first_edit(edit.original, self._raw_picture(), self.tools)
        view = paint_small(self.work, first, self.tools, self.task.sizes.work, scene_referred=True)
        return carry_original(view, small, full_size=self.decoded.full_size, to_space="srgb", dtype=np.uint8)

    def _raw_picture(self) -> Picture:
        facts = {name: each["facts"] for name, each in self.task.facts.items()}
        return Picture(self.work, self.task.full_size, scene_referred=True, capture=self.task.capture, facts=facts)

    # Checks

    def _check(self, check: Check, painted: Mapping[str, Any]) -> dict[str, Any]:
        if check.wants_unretouched and not retouching(self.edit):
            return NOTHING_MEASURED
        subject = self._subjects(painted)[check.reads]
        if check.wants_neutral:
            subject = self._with_neutral(subject)
        if check.wants_unretouched:
            before, mask = self._unretouched
            subject = replace(subject, original=before, expected={**subject.expected, "repair_mask": mask})
        if check.wants_patches and "chart_patches" in subject.expected:
            seen = painted_patches(subject.expected["chart_patches"], self.edit, self._paint_patches)
            subject = replace(subject, expected={**subject.expected, "chart_patches": seen})
        return findings_to_data(check.measure(subject), subject.image, self.kept.put)

    def _paint_patches(self, patches: Image, edit: Edit) -> Image:
        return self._on_light(patches, edit, Stage.VIEW)

    @cached_property
    def _unretouched(self) -> tuple[Image, bytes]:
        """The same edit without its retouching, on the same pixels, and where repairs may differ from it."""
        plain = self._render(without_retouching(self.edit), until=MASTER_UNTIL)
        return plain.image, repair_mask(self.edit, self.decoded.full_size, plain.geometry, self.tools)

    def _with_neutral(self, subject: Subject) -> Subject:
        """Hand a check of looks what the edit says of its LUT, and the picture before it on the same pixels."""
        said, own = said_of_look(self.edit), look_step(self.edit)
        if own is None:
            return subject
        neutral = None if "because" in said else self._render(before_look(self.edit), until=MASTER_UNTIL).image
        files = {str(said["lut"]): bytes(self.kept.get(own.artifacts["lut"].sha256))}
        return replace(subject, expected={**subject.expected, "look": said}, resources=files, neutral=neutral)

    def _subjects(self, painted: Mapping[str, Any]) -> Mapping[str, Subject]:
        if not self.subjects:
            self.subjects = {"master": self._master(painted), "delivered": self._proof(painted["blobs"])}
        return self.subjects

    def _master(self, painted: Mapping[str, Any]) -> Subject:
        """Return the full-size master beside the capture on the same pixels."""
        kept = painted["blobs"]
        import numpy as np

        from safelight.media.encode import decode_own
        from safelight.pixels.geometry.map import GeometryMap
        from safelight.render.views import carry_original

        if self.painted is not None:
            image, geometry = self.painted.image, self.painted.geometry
        else:
            image = decode_own(self.kept.get(kept["master"]))
            matrix, lens = np.array(painted["geometry"]), _optics_of(painted.get("optics"))
            geometry = GeometryMap.of_matrix(matrix, painted["width"], painted["height"], lens)
        original = carry_original(self.decoded.image, geometry)
        return Subject(image, original, self._master_alpha(kept), None, self.task.expected)

    def _master_alpha(self, kept: Mapping[str, str]) -> Any:  # noqa: ANN401 - (H, W) float32 or None
        """Return the master's matte, read or converted once."""
        from safelight.pixels.matte.matte_png import decode_matte
        from safelight.render.planes import to_share

        if self.master_alpha is None and "matte" in kept:
            painted = None if self.painted is None else self.painted.alpha
            self.master_alpha = to_share(decode_matte(self.kept.get(kept["matte"])) if painted is None else painted)
        return self.master_alpha

    def _proof(self, kept: Mapping[str, str]) -> Subject:
        """Return the proof as a viewer gets it: encoded and decoded."""
        import cv2

        from safelight.media import file_facts
        from safelight.media.encode import decode_own

        data = bytes(self.kept.get(kept["proof"]))
        image = decode_own(data)
        full = self._master_alpha(kept)
        alpha = None if full is None else cv2.resize(full, image.size, interpolation=cv2.INTER_AREA)
        return Subject(image, None, alpha, file_facts.read(data, "proof.jpg"), self.task.expected)


def _optics_of(data: Mapping[str, Any] | None) -> Optics | None:
    """Return the lens that a picture was painted through, as the ledger keeps it."""
    from safelight.pixels.geometry.optics import Optics

    if data is None:
        return None
    values: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in data.items()}
    return Optics(**values)


def findings_to_data(findings: Findings, image: Image, put: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return findings as JSON data; heat maps and crops at 100 % are kept as blobs."""
    return {
        "measures": [[each.name, each.value, each.unit, each.why] for each in findings.measures],
        "evidence": [_evidence_to_data(each, image, put) for each in findings.evidence],
    }


def _evidence_to_data(evidence: Evidence, image: Image, put: Any) -> dict[str, Any]:  # noqa: ANN401
    import cv2

    heat = None
    if evidence.heat is not None:
        _, png = cv2.imencode(".png", evidence.heat)
        heat = put(png.tobytes())
    return {
        "measure": evidence.measure,
        "box": [round(float(each), 5) for each in evidence.box],
        "value": round(float(evidence.value), 4),
        "text": evidence.text,
        "heat": heat,
        "crop": put(_crop(image, evidence.box)),
    }


def _crop(image: Image, box: tuple[float, float, float, float]) -> bytes:
    """Return the middle of a box at 100 % as a JPEG."""
    import numpy as np

    side_x, side_y = min(CROP_PX, image.width), min(CROP_PX, image.height)
    x = int(np.clip((box[0] + box[2]) / 2 * image.width - side_x / 2, 0, image.width - side_x))
    y = int(np.clip((box[1] + box[3]) / 2 * image.height - side_y / 2, 0, image.height - side_y))
    part = image.pixels[y : y + side_y, x : x + side_x]
    eight = (part // 257).astype(np.uint8) if part.dtype == np.uint16 else part.astype(np.uint8)
    return encode_small(Image(np.ascontiguousarray(eight), image.space, image.alpha), 92)
