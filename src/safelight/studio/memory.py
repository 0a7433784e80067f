"""Memory: verify, backup, the chain of the ledger, and erasing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.facts import Actor
from safelight.errors import DeclarationError
from safelight.studio.lessons import LessonVerbs
from safelight.studio.said import OWNER

if TYPE_CHECKING:
    from safelight.runs.progress import Progress


class MemoryVerbs(LessonVerbs):
    """The verbs that look after the store."""

    def verify(self, read_data: bool, subset: tuple[int, int] | None) -> tuple[bool, list[dict[str, Any]]]:  # noqa: FBT001
        """Check ledger and blobs; return whether they are clean, and the findings."""
        self._may(OWNER, "verify")
        found = self.store.verify(read_data=read_data, subset=subset)
        return found.is_clean, [{"text": each} for each in found.lines()]

    def backup(self, folder: Path, progress: Progress) -> dict[str, Any]:
        """Write a snapshot of the store into a folder on another disk; what is there already is not copied again."""
        from safelight.store.backup_lines import back_up_line

        self._may(OWNER, "backup")
        return back_up_line(self.store, folder, progress)

    def verify_chain(self, head: Path | None, export: Path | None) -> tuple[bool, list[dict[str, Any]]]:
        """Check the chain alone, in seconds for a million facts; export its end as a signed statement."""
        import json

        from safelight.store.checkpoints import read_head_file

        self._may(OWNER, "verify")
        said = None if head is None else read_head_file(head.read_bytes(), head.name)
        if said is not None and said[1] != self.store.marker.store:
            raise DeclarationError(
                f"{head}: the head is of store {said[1][:8]}…, this is {self.store.marker.store[:8]}…"
            )
        report = self.store.verify_chain(head=said[0] if said else None)
        lines: list[dict[str, Any]] = [{"text": each} for each in report.lines()]
        if export is not None and report.is_clean:
            export.write_text(json.dumps(self.store.export_head(), indent=1) + "\n", encoding="ascii")
            lines.append({"text": f"the ledger's end is in {export}: keep it away from the store"})
        return report.is_clean, lines

    def erase(self, what: str, batch: str, name: str, reason: str, *, dry_run: bool = False) -> list[dict[str, Any]]:
        """Erase an asset (its SHA-256, or a file of `batch`), else a person by the name that facts hold."""
        import re

        from safelight.review.decide import find_file
        from safelight.review.erase import erase_asset, erase_person

        self._may(Actor("person", name), "erase")
        with self._lock:
            asset = find_file(self.state(batch), what).asset if batch else what
            is_asset = bool(batch) or re.fullmatch("[0-9a-f]{64}", what) is not None
            erase = erase_asset if is_asset else erase_person
            lines = erase(self.store, asset, name, reason, dry_run=dry_run)
            self._folds.clear()  # what old facts say is another now
            self.lessons().forget()
            return lines
