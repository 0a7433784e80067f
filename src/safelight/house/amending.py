"""The amend desk: a person's numbers, drafts that nobody has saved, a hand's work on a matte."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from safelight.core.canonical import key_of, to_json
from safelight.core.edit import Artifact, Edit
from safelight.errors import GateClosedError, UsageError
from safelight.house.pictures import PictureVerbs
from safelight.house.sharing import SharingVerbs
from safelight.house.working import WorkingVerbs
from safelight.plugins import step_named, step_names
from safelight.review.amend import matte_of
from safelight.runs.drafts import Changes, DraftTask, Light, light_of, paint_draft, with_changes
from safelight.runs.hand import (
    HandTask,
    RepairTask,
    WireTask,
    draw_in_store,
    follow_edge,
    outline_on_screen,
    repairs_in_store,
    small_matte,
)
from safelight.runs.mood import MoodTask, match_mood
from safelight.runs.pictures import Source
from safelight.store.floor import StandingRow
from safelight.studio import guide_of

if TYPE_CHECKING:
    from safelight.core.image import Image

Strokes = Sequence[Mapping[str, Any]]
Place = tuple[float, float]


class AmendingVerbs(PictureVerbs, SharingVerbs, WorkingVerbs):
    """The verbs of the amend desk."""

    def amend_on(self, ref: str, etag: str, step: str, values: Mapping[str, Any], reason: str) -> StandingRow:
        """Record the caller's numbers for a step, and paint the file anew beside the other work."""
        from safelight.review.amend import amended_params, record_amendment
        from safelight.review.decide import find_file

        row = self.rows({ref: etag}, "amend")[0]
        self._require_free([row], "")
        batch = self._partial([row])
        repairs = None
        if step in step_names() and step_named(step).kind == "repair":
            repairs = self._repairs(row, step, amended_params(find_file(batch, row.state.path), step, values))
        record_amendment(self.store, batch, row.state.path, step, values, self.name, reason, repairs)
        self._repaint(row.batch)
        return self._again([row])[0]

    def redo_step_on(
        self, ref: str, etag: str, step: str, reason: str, pinned: Sequence[Mapping[str, Any]]
    ) -> StandingRow:
        """Have one step of a file done again, with notes, and paint it beside the other work."""
        from safelight.review.redo import redo

        row = self.seen_as(ref, etag, "decide")
        self._require_free([row], "")
        self._end_claims_with([row])
        batch = self._partial([row])
        file = batch.files[row.state.path]
        facts = redo(batch, file, step, self.name, reason, self.settings.sample_share)
        self.ledger.append([*facts, *self._beside([row], pinned, {})])
        self._repaint(row.batch)
        return self._again([row])[0]

    def draft(
        self,
        ref: str,
        changes: Changes,
        long_side: int | None,
        region: tuple[int, int, int, int] | None,
        strokes: Strokes = (),
    ) -> bytes:
        """Paint a file's edit with other numbers and a hand's strokes: whole at a size, or a region at 100 % (JPEG)."""
        task = DraftTask(self._draft_source(ref, changes, strokes), long_side, region)
        return bytes(self.house.crew.ask("a draft", paint_draft, task))

    def light(self, ref: str, long_side: int) -> Light:
        """Return a file before its color, on its version's pixels, for a shader to paint."""
        task = DraftTask(self._draft_source(ref, {}), long_side)
        return cast(Light, self.house.crew.ask("light", light_of, task))

    def shader(self, ref: str, changes: Changes) -> dict[str, Any]:
        """Return the color of a file's edit, with other numbers in some steps, as a shader on `light`."""
        from safelight.pixels.color.spaces import WORKING
        from safelight.render.shader import edit_shader
        from safelight.render.source import clipping_named
        from safelight.runs.bench import LentTools

        row, edit = self._draft_of(ref, changes)
        tools = LentTools(self.store.blobs, _no_pixels, self._resources(row))
        measured = row.state.measured
        scene, clipped = measured.get("format") == "raw", clipping_named(measured.get("profile"), measured.get("bits"))
        return edit_shader(
            edit, step_named, tools, scene_referred=scene, from_space=WORKING, from_light=True, clipped_in=clipped
        )

    def _draft_of(self, ref: str, changes: Changes) -> tuple[StandingRow, Edit]:
        row = self.row(ref, "amend")
        made = self.whole(row)[0].made
        if not made:
            raise GateClosedError(f"{row.state.path} has no edit to try on; it is {row.state.standing}")
        return row, with_changes(Edit.from_data(made["edit"]), changes)

    def _draft_source(self, ref: str, changes: Changes, strokes: Strokes = ()) -> Source:
        row, edit = self._draft_of(ref, changes)
        for name in changes:
            repair = edit.step(name)
            if repair is not None and step_named(name).kind == "repair":
                edit = edit.with_step(replace(repair, artifacts=self._repairs(row, name, repair.params)))
        own = edit.step("cutout")
        if strokes and own is not None:
            drawn = Artifact("matte", self._drawn(row, strokes), "image/png")
            edit = edit.with_step(replace(own, artifacts={**own.artifacts, "matte": drawn}))
        return replace(self._original(row), edit=edit.to_json(), resources=tuple(self._resources(row).items()))

    def _resources(self, row: StandingRow) -> dict[str, str]:
        """Return the files of the batch's guide, by name, as blobs."""
        guide = guide_of(self._partial([row]))
        return {name: self.store.blobs.put(each.read()) for name, each in guide.resources.items()}

    def drawn_matte(self, ref: str, strokes: Strokes) -> bytes:
        """Return a file's matte with a hand's strokes on it, small, as an 8-bit gray PNG; nothing is recorded."""
        row = self.row(ref, "amend")
        task = HandTask(self._original(row), self._drawn(row, strokes))
        return bytes(self.house.crew.ask("a matte", small_matte, task))

    def draw_on(self, ref: str, etag: str, strokes: Strokes, reason: str) -> StandingRow:
        """Record a hand's strokes as the file's matte, and paint it anew beside the other work."""
        from safelight.review.amend import record_matte

        row = self.rows({ref: etag}, "amend")[0]
        self._require_free([row], "")
        drawn = self.store.blobs.get(self._drawn(row, strokes))
        record_matte(self.store, self._partial([row]), row.state.path, drawn, len(strokes), self.name, reason)
        self._repaint(row.batch)
        return self._again([row])[0]

    def follow_edge(self, ref: str, start: Place, end: Place) -> list[Place]:
        """Return the points of a path that clings to the picture's edges between two places."""
        task = WireTask(self._original(self.row(ref, "amend")), start, end)
        return list(self.house.crew.ask("an edge", follow_edge, task))

    def outline(self, ref: str) -> dict[str, Any]:
        """Return the clipping path of a file's matte for the screen; worked out once for each matte."""
        row = self.row(ref)
        matte = matte_of(self.whole(row)[0]).artifacts["matte"].sha256
        known = self.house.outlines.get(matte)
        if known is None:
            known = self.house.crew.ask("a path", outline_on_screen, HandTask(self._original(row), matte))
            self.house.outlines.put(matte, known)
        return dict(known)

    def match(self, refs: Sequence[str], references: Sequence[bytes], strength: float) -> dict[str, Any]:
        """Return the grade that brings files near to a mood board; nothing is recorded."""
        sources = tuple(self._draft_source(each, {}) for each in refs)
        task = MoodTask(tuple(references), sources, strength)
        return dict(self.house.crew.ask("a match", match_mood, task))

    def _repairs(self, row: StandingRow, step: str, params: Mapping[str, Any]) -> Mapping[str, Artifact]:
        """Where a repair copies from on a file's original; found once for the same marks."""
        key = key_of(row.state.asset, step, to_json(dict(params)))
        known = self.house.repairs.get(key)
        if known is None:
            known = self.house.crew.ask(
                "a repair", repairs_in_store, RepairTask(self._original(row), step, dict(params))
            )
            self.house.repairs.put(key, known)
        return known

    def _drawn(self, row: StandingRow, strokes: Strokes) -> str:
        """The blob of a file's matte after `strokes`; what was drawn already is not drawn again."""
        before = matte_of(self.whole(row)[0]).artifacts["matte"].sha256
        keys = [key_of(before, to_json(list(strokes[:number]))) for number in range(len(strokes) + 1)]
        done = next((n for n in range(len(strokes), 0, -1) if self.house.mattes.get(keys[n])), 0)
        matte = self.house.mattes.get(keys[done]) or before
        if done < len(strokes):
            task = HandTask(self._original(row), matte, tuple(strokes[done:]))
            matte = self.house.crew.ask("a stroke", draw_in_store, task)
            self.house.mattes.put(keys[-1], matte)
        return matte


def _no_pixels() -> Image:
    raise UsageError(
        "a color step reads the picture, which the amend desk has not decoded: save it and let it be painted"
    )
