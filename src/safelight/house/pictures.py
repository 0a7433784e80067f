"""Pictures and tiles for a screen."""

from __future__ import annotations

from dataclasses import replace

from safelight.core.canonical import to_json
from safelight.errors import MissingError
from safelight.house.seat import Seat
from safelight.runs.pictures import Source
from safelight.runs.shelf import Pyramid, key_for
from safelight.store.floor import StandingRow

SCREEN_PX = 2560  # the long side that a screen asks for; a larger picture in one piece is taken out of the house


class PictureVerbs(Seat):
    """The verbs about pictures."""

    def original_picture(self, ref: str, long_side: int) -> tuple[str, bytes]:
        """Return an original at a size, upright, as the camera left it: (key, JPEG)."""
        row = self.row(ref)
        thumbnail = row.state.measured.get("thumbnail")
        if thumbnail and long_side <= self.settings.thumbnail_side_px:
            return key_for("blob", thumbnail), self.store.blobs.get(thumbnail)
        if long_side > SCREEN_PX:
            self._fetched(row.state.asset, "an original", batch=row.batch, file=row.state.path, size=long_side)
        key = key_for("original", row.state.asset)
        return f"{key}-{long_side}", self.house.shelf.size(key, self._original(row), long_side)

    def version_picture(self, version: str, long_side: int) -> tuple[str, bytes]:
        """Return a version at a size: (key, JPEG)."""
        blobs = self._blobs_of(version)
        for name, side in (("thumbnail", self.settings.thumbnail_side_px), ("proof", self.settings.proof_side_px)):
            if name in blobs and long_side == side:
                return key_for("blob", blobs[name]), self.store.blobs.get(blobs[name])
        if long_side > SCREEN_PX:
            batch, _ = self.house.made(version) or ("", {})
            self._fetched(version, "a version", batch=batch, size=long_side)
        master = self._master_of(version)
        key, source = key_for("blob", master), Source(str(self.root), master)
        return f"{key}-{long_side}", self.house.shelf.size(key, source, long_side)

    def original_tiles(self, ref: str) -> tuple[str, Pyramid]:
        """Return the pyramid of an original: (key, pyramid)."""
        row = self.row(ref)
        key = key_for("original", row.state.asset)
        return key, self.house.shelf.pyramid(key, lambda: self._original(row))

    def version_tiles(self, version: str) -> tuple[str, Pyramid]:
        """Return the pyramid of a version: (key, pyramid)."""
        master = self._master_of(version)
        key = key_for("blob", master)
        return key, self.house.shelf.pyramid(key, lambda: Source(str(self.root), master))

    def before_tiles(self, version: str) -> tuple[str, Pyramid]:
        """Return the pyramid of a version's original on the version's own pixels: (key, pyramid)."""
        made = self._made(version)
        if "edit_key" not in made:
            raise _erased(version)
        row = self.row(str(made["asset"]))
        key = key_for("before", row.state.asset, made["edit_key"])
        edit = to_json(made["edit"])
        return key, self.house.shelf.pyramid(key, lambda: replace(self._original(row), edit=edit, carried=True))

    def tile(self, key: str, level: int, x: int, y: int) -> bytes:
        """Return a tile of a pyramid that `original_tiles` or `version_tiles` named."""
        return self.house.shelf.tile(key, level, x, y)

    def evidence(self, ref: str, sha256: str) -> bytes:
        """Return a picture that belongs to a file: evidence, a matte, a proof of any of its versions."""
        file, story = self.whole(self.row(ref))
        if not any(sha256 in str(each.body) for each in story) or sha256 == file.asset:
            raise MissingError(f"no picture {sha256!r} belongs to this one")
        return self.store.blobs.get(sha256)

    def reference(self, batch: str, sha256: str) -> bytes:
        """Return a picture of a batch's reference boards, those in force."""
        name = self.batch_row(batch).name
        if not any(sha256 == each for brief in self.briefs(name) for each, _ in brief.board):
            raise MissingError(f"no picture {sha256!r} is on a reference board of {name}")
        return self.store.blobs.get(sha256)

    def _master_of(self, version: str) -> str:
        master = self._blobs_of(version).get("master")
        if master is None:
            raise _erased(version)
        return master

    def _original(self, row: StandingRow) -> Source:
        from safelight.store.originals import Reference

        found = self.store.ledger.sightings(batch=row.batch, sha256=row.state.asset)
        if not found:
            raise MissingError(f"{row.state.path} was never read; there is no picture of it")
        reference = found[0].reference
        return Source(
            str(self.root), "", Reference(reference.path, reference.size, reference.mtime_ns, row.state.asset)
        )


def _erased(version: str) -> MissingError:
    return MissingError(f"version {version!r} was erased with its asset; no picture of it is left")
