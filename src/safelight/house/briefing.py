"""Before work begins, from a desk: what a job is to look like, its reference board, and who works on it."""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from safelight.errors import UsageError
from safelight.house.handing import HandingVerbs
from safelight.house.seat import NO_PASS
from safelight.people import accounts
from safelight.review.briefs import BRIEFED, number_of, set_brief
from safelight.store.unchanged import unless_said

# A picture of a board as it is asked for: its SHA-256 where it is on it, or its bytes as base64; and its caption.
Pinned = tuple[str, str, str]


class BriefingVerbs(HandingVerbs):
    """The verbs that say what a job is to look like, and who may be given work."""

    def brief_on(
        self, batch: str, etag: str, about: str, text: str, board: Sequence[Pinned] | None = None
    ) -> dict[str, Any]:
        """Set a brief that was seen as it is now ("0" for none); without a board, the one that there is stays."""
        row = self.batch_row(batch, "brief")
        what = f"the brief for {about or 'the batch'}"
        before = next((each for each in self.briefs(batch) if each.about == about), None)
        there = dict(before.board) if before is not None else {}
        stays = list(there.items()) if text else []
        pinned = stays if board is None else self._board(there, board)
        numbered = partial(number_of, about=about)
        self._expect({}, look=unless_said(etag, [BRIEFED], batch=row.name, number=numbered, what=what))
        self.store.ledger.append(set_brief(row.name, about, text, pinned, self.name))
        return {"batch": batch, "about": about, "said": f"brief for {about or 'the batch'}, says {self.name}"}

    def hands_of(self, batch: str) -> list[dict[str, Any]]:
        """Return who may be given work of a batch: who may take it, with their skills and how much they hold."""
        project = self.batch_row(batch, "assign").project
        held: dict[str, int] = {}
        for _, claim, _, _ in self.house.floor.claims(self._now()):
            held[claim.account] = held.get(claim.account, 0) + 1
        return [
            {
                "account": each.id,
                "name": each.name,
                "skills": sorted(each.skills),
                "junior": each.junior,
                "held": held.get(each.id, 0),
            }
            for each in self.house.people.accounts()
            if not each.disabled and accounts.caller_of(each, NO_PASS).may("claim", project)
        ]

    def _board(self, there: Mapping[str, str], board: Sequence[Pinned]) -> list[tuple[str, str]]:
        """Return a board's pictures as blobs; each new one is read beside the server."""
        found = []
        for number, (sha256, picture, caption) in enumerate(board, start=1):
            if bool(sha256) == bool(picture):
                raise UsageError(f"picture {number} of the board takes one of sha256 and picture")
            if sha256 and sha256 not in there:
                raise UsageError(f"picture {number} of the board is not on it: send its bytes as picture")
            found.append((sha256 or self._painted(number, picture), caption.strip() or there.get(sha256, "")))
        return found

    def _painted(self, number: int, picture: str) -> str:
        from safelight.runs.boards import board_picture

        try:
            data = base64.b64decode(picture, validate=True)
        except (binascii.Error, ValueError):
            raise UsageError(f"picture {number} of the board is no base64") from None
        with tempfile.TemporaryDirectory(dir=self.room()) as folder:
            path = Path(folder) / f"picture {number}"
            path.write_bytes(data)
            return self.store.blobs.put(self._worked(f"board:{path}", board_picture, path))
