"""Out to a retoucher and back: hand-offs, what comes back, drafts of two shots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.facts import Actor
from safelight.errors import UsageError
from safelight.studio.intake import IntakeVerbs
from safelight.studio.said import OWNER

if TYPE_CHECKING:
    from safelight.runs.known_again import Sent
    from safelight.runs.progress import Progress


class HandoffVerbs(IntakeVerbs):
    """The verbs by which versions go out to hands and come back."""

    def checkout(
        self,
        batch: str,
        files: Sequence[str],
        out: Path,
        name: str,
        *,
        format: str = "psd",
        bits: int = 16,
        space: str = "srgb",
        terms: Mapping[str, str] | None = None,
        keep: bool = False,
    ) -> list[dict[str, Any]]:
        """Write versions for a retoucher, in layers, with the way back written in; with `terms` as a vendor's batch.

        With `keep` the store keeps what was written, so that it can be fetched.
        """
        from safelight.core.edit import Edit
        from safelight.media.names import slug
        from safelight.review.decide import find_file
        from safelight.review.notes import notes_of
        from safelight.review.retouch import note_for, require_can_go_out, sent, ticket_of
        from safelight.runs.checkout import FORMATS, CheckoutTask, require_format, write_checkout
        from safelight.runs.vendor import require_terms, write_package

        self._may(Actor("person", name), "checkout", batch)
        require_format(format, bits, space)
        given = require_terms(*((terms or {}).get(each, "") for each in ("vendor", "due", "brief")))
        state, resources, lines = self.state(batch), self._guide_files(batch), []
        found = [find_file(state, each) for each in files]
        for file in found:
            require_can_go_out(file)
        out.mkdir(parents=True, exist_ok=True)
        for nth, file in enumerate(found):
            ticket = ticket_of(state, file, nth)
            notes = [each.text for each in notes_of(self.store, file.asset) if not each.done]
            note = note_for(file, notes, given.get("brief", ""))
            target = out / f"{slug(Path(file.path).stem)}_{ticket}{FORMATS[format]}"
            edit, original = Edit.from_data(file.made["edit"]).to_json(), self._reference(state, file)
            task = CheckoutTask(str(self.root), original, edit, resources, target, ticket, note, format, bits, space)
            painted = self._worked("a checkout", write_checkout, task) | {"ticket": ticket}
            if keep:
                painted |= {"kept": self.store.blobs.put_file(target, painted["sha256"])}
            with self._lock:
                self.store.ledger.append(sent(state, file, painted, given, name))
            said = f"{file.path}: {target.name}, {painted['width']} x {painted['height']} px, {bits} bits, {space}"
            lines.append({"path": file.path, "out": str(target), "note": note, "said": said, **painted})
        if given:
            write_package(out, batch, given, lines, name)
        return lines

    def checkin(
        self, batch: str, paths: Sequence[Path], name: str, reason: str, *, file: str = "", confirm: bool = False
    ) -> list[dict[str, Any]]:
        """Take what came back as a person's versions; a folder is taken whole, and says what is still missing."""
        from safelight.review.decide import find_file
        from safelight.review.retouch import RETURNED, SENT, out_line, still_out
        from safelight.runs.vendor import OURS

        self._may(Actor("person", name), "checkin", batch)
        only = find_file(self.state(batch), file).path if file else ""
        found, folders = [], [each for each in paths if each.is_dir()]
        for path in paths:
            inside = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
            found += [each for each in inside if each.name not in OURS and not each.name.startswith(".")]
        lines = [self._check_in(batch, each, name, reason, only, confirm=confirm) for each in found]
        vendors = {each["vendor"] for each in lines if each.get("vendor")}
        if folders and vendors:
            today = self.today()
            facts = self.store.ledger.facts(kind=(SENT, RETURNED), batch=batch)
            missing = [each for each in still_out(facts) if each.body.get("vendor") in vendors]
            shown = {each.get("ticket") for each in lines}
            for each in missing:
                if each.body["ticket"] not in shown:
                    line = out_line(each, today)
                    lines.append(line | {"standing": "missing", "said": f"missing: {line['said']}"})
        return lines

    def ghost(self, batch: str, outer: str, inner: str, name: str, depth: float = 0.25) -> dict[str, Any]:
        """Join an outer and an inner shot into a draft ghost mannequin, in the outer's edit."""
        from safelight.plugins import step_named
        from safelight.review.composites import GHOST, joined, joint_lines, own_edit_of, require_two_shots
        from safelight.review.decide import find_file
        from safelight.runs.ghost import GhostTask, Shot, make_ghost

        self._may(Actor("person", name), "amend", batch)
        step_named(GHOST).params.accept({"depth": depth})
        state, resources = self.state(batch), self._guide_files(batch)
        files = find_file(state, outer), find_file(state, inner)
        require_two_shots(*files)
        first, second = (Shot(e.path, self._reference(state, e), own_edit_of(e), resources) for e in files)
        found = make_ghost(GhostTask(str(self.root), first, second, depth))
        reason = f"draft ghost mannequin with {second.path}"
        with self._lock:
            self.store.ledger.append(joined(state, *files, found, depth, name, reason))
        said = f"{first.path}: joined with {second.path} as a draft; run the shoot again to paint it, then check it out"
        return {
            "file": first.path,
            "inner": second.path,
            "by": name,
            "joints": joint_lines(found["joints"]),
            "said": said,
        }

    def layout(
        self,
        batch: str,
        sheet: str,
        name: str,
        plan: Mapping[str, Any],
        row: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Compose cut-outs of a batch into a draft layout, in the edit of the file whose frame is the sheet.

        `plan` is a layout as data; with `row`, files that stand beside one another, it needs no places.
        """
        from safelight.core.layout import layout_from_data
        from safelight.review.composites import laid_out, own_edit_of, placed_lines, require_sheet
        from safelight.review.decide import find_file
        from safelight.runs.ghost import Shot
        from safelight.runs.layout import LayoutTask, make_layout

        self._may(Actor("person", name), "amend", batch)
        if row and plan.get("place"):
            raise UsageError("a layout has places of its own, or files in a row: leave out one of the two")
        given = layout_from_data({**plan, "place": [{"file": each} for each in row]} if row else plan)
        state, resources = self.state(batch), self._guide_files(batch)
        leading = find_file(state, sheet)
        files = {each.file: find_file(state, each.file) for each in given.places}
        require_sheet(leading, files.values(), given)
        shots = {
            key: Shot(each.path, self._reference(state, each), own_edit_of(each), resources)
            for key, each in {**files, "": leading}.items()
        }
        pieces = tuple((key, shot) for key, shot in shots.items() if key)
        found = make_layout(LayoutTask(str(self.root), shots[""], pieces, given, bool(row)))
        count = len(given.places)
        with self._lock:
            self.store.ledger.append(laid_out(state, leading, found, given, name, f"draft layout of {count} cut-outs"))
        said = f"{leading.path}: a draft layout of {count} cut-outs; run the shoot again to paint it, then check it out"
        joints = placed_lines(found["placed"])
        return {"file": leading.path, "by": name, "plan": found["plan"], "joints": joints, "said": said}

    def _worked(self, name: str, function: Callable[[Any], Any], task: Any) -> Any:  # noqa: ANN401 - a worker's
        """Do the pixels of a verb; a service lets a worker do them. `name` tells people what was asked."""
        del name
        return function(task)

    def _sent_to(self, batch: str, out: Sequence[Sent]) -> Sequence[Sent]:
        """Return what of all that went out whoever asks may bring back."""
        del batch
        return out

    def sent_out(self, batch: str) -> list[dict[str, Any]]:
        """Return what is out at retouchers and vendors and did not come back."""
        from safelight.review.retouch import RETURNED, SENT, out_line, still_out

        self._may(OWNER, "view", batch)
        self.state(batch)
        facts = self.store.ledger.facts(kind=(SENT, RETURNED), batch=batch)
        return [out_line(each, self.today()) for each in still_out(facts)]

    def watch_returns(
        self,
        folder: Path,
        batch: str,
        name: str,
        out: Path,
        progress: Progress,
        tell: Callable[[Mapping[str, Any]], None],
        *,
        once: bool,
    ) -> None:
        """Check in what retouchers put into a folder, and paint it; what does not belong says why beside it."""
        from safelight.runs.hot_folder import HotFolder, watch

        self._may(Actor("person", name), "checkin", batch)
        state = self.state(batch)
        guide = state.opened.get("guide_path")

        def work(claim: Path) -> Sequence[Mapping[str, Any]]:
            paths = sorted(each for each in claim.rglob("*") if each.is_file())
            taken = [self.checkin(batch, [each], name, f"came back in {folder.name}")[0] for each in paths]
            if any(each["standing"] == "taken" for each in taken):
                self.run(Path(state.opened["folder"]), Path(guide) if guide else None, "", out, progress)
            stays = ("taken", "unchanged", "known")
            return [
                {"file": str(path.relative_to(claim)), "standing": "done" if line["standing"] in stays else "refused"}
                | {"reasons": [line["said"]]}
                for path, line in zip(paths, taken, strict=True)
            ]

        watch(HotFolder(folder, work), tell, once=once)

    def _check_in(self, batch: str, path: Path, name: str, reason: str, only: str, *, confirm: bool) -> dict[str, Any]:
        """Take one file in, or say why not."""
        from safelight.errors import MediaError, ReturnRefusedError
        from safelight.review.retouch import RETURNED, SENT, came_back, is_known, returned
        from safelight.runs.checkin import ReturnTask, look_at_task, return_line
        from safelight.runs.known_again import sent_of

        facts = self.store.ledger.facts(kind=(SENT, RETURNED), batch=batch)
        out = [sent_of(each.body, each.subject, each.at) for each in facts if each.kind == SENT]
        try:
            task = ReturnTask(str(self.root), path, tuple(self._sent_to(batch, out)), only)
            found = self._worked("a return", look_at_task, task)
        except (ReturnRefusedError, MediaError) as error:
            return {"file": path.name, "standing": "refused", "said": str(error), "reasons": [str(error)]}
        with self._lock:
            state = self.state(batch)
            file = state.files[found.sent.path]
            line = return_line(path, found, file.version, file.asset, known=is_known(facts, found.sha256))
            if line["standing"] == "asked" and confirm:
                line |= {"standing": "taken", "said": line["said"].replace(" Say yes with --confirm.", "")}
            if line["standing"] in ("taken", "unchanged"):
                self.store.ledger.append(
                    came_back(state, file, found.sent.ticket, line, found.sent.upstream, name, reason)
                )
            elif line["standing"] == "refused":
                self.store.ledger.append([returned(state, file, found.sent.ticket, line, name)])
        return line
