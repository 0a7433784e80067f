"""Out to a retoucher and back, from a desk: a version as a layered file, and the file that came back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from safelight.errors import GateClosedError, MissingError
from safelight.house.working import WorkingVerbs

if TYPE_CHECKING:
    from safelight.runs.known_again import Sent

MEDIA_TYPES = {".psd": "image/vnd.adobe.photoshop", ".tif": "image/tiff"}


class HandingVerbs(WorkingVerbs):
    """The verbs by which one version goes out to a hand and comes back."""

    def check_out_on(
        self, ref: str, etag: str, format: str, bits: int, space: str, terms: Mapping[str, str]
    ) -> dict[str, Any]:
        """Write a file as it was seen for a retoucher or a vendor, and keep what was written to be fetched."""
        row = self.seen_as(ref, etag, "checkout")
        if self._is_vendor(row.project):
            raise GateClosedError(f"{self.name} is a vendor and takes what was sent out; see what is out")
        self._require_free([row], "")
        with tempfile.TemporaryDirectory(dir=self.room()) as folder:
            wanted: dict[str, Any] = {"format": format, "bits": bits, "space": space, "terms": terms, "keep": True}
            [line] = self.checkout(row.batch, [row.state.path], Path(folder), self.name, **wanted)
        return line

    def checked_out(self, ref: str, ticket: str) -> tuple[str, BinaryIO, int]:
        """Return a file that went out: its name, its bytes to read, and how many."""
        from safelight.review.retouch import SENT

        row = self.row(ref, "checkout")
        sent = self.store.ledger.facts(kind=SENT, batch=row.batch, subject=row.state.asset)
        found = next((each for each in reversed(sent) if each.body.get("ticket") == ticket), None)
        mine = found is not None and self._may_have(row.project, str(found.body.get("vendor", "")))
        if found is None or not mine or not found.body.get("kept"):
            raise MissingError(f"nothing of {row.state.path} that can be fetched went out under ticket {ticket}")
        kept = str(found.body["kept"])
        size = self.store.blobs.size(kept)
        self._fetched(
            row.state.asset, "a file that went out", batch=row.batch, file=row.state.path, ticket=ticket, bytes=size
        )
        return str(found.body["file"]), self.store.blobs.open(kept), size

    def check_in_on(self, ref: str, etag: str, path: Path, reason: str, *, confirm: bool) -> dict[str, Any]:
        """Take in a file that came back, if it belongs to the file that was seen, and paint it beside the server."""
        row = self.seen_as(ref, etag, "checkin")
        self._require_free([row], "")
        [line] = self.checkin(row.batch, [path], self.name, reason, file=row.state.path, confirm=confirm)
        if line["standing"] == "taken":
            self._repaint(row.batch)
        return line | {"said": _for_a_screen(line["said"])}

    def room(self) -> Path:
        """Return where a large file may lie for a moment."""
        room = self.house.store.layout.cache / "handing"
        room.mkdir(parents=True, exist_ok=True)
        return room

    def _worked(self, name: str, function: Callable[[Any], Any], task: Any) -> Any:  # noqa: ANN401 - a worker's
        return self.house.crew.ask(name, function, task)

    def _sent_to(self, batch: str, out: Sequence[Sent]) -> Sequence[Sent]:
        project = self.house.project_of(batch)
        return [each for each in out if self._may_have(project, each.vendor)]

    def _may_have(self, project: str, vendor: str) -> bool:
        return not self._is_vendor(project) or vendor.casefold() == self.name.casefold()

    def _is_vendor(self, project: str) -> bool:
        return self.me.role_on(project) == "vendor"


def _for_a_screen(said: str) -> str:
    """Say what became of a return to somebody who types no commands."""
    asked = said.replace(" Say yes with --confirm.", "")
    return asked.replace("; run the shoot again to paint it", "; it is painted now")
