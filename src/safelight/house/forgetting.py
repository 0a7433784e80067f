"""What a desk may have forgotten for ever: a person, or an asset."""

from __future__ import annotations

from typing import Any

from safelight.access import EVERYWHERE
from safelight.errors import UsageError
from safelight.house.seat import Seat


class ForgettingVerbs(Seat):
    """The verbs that erase."""

    def erase_on(self, *, person: str, file: str, reason: str, really: bool) -> list[dict[str, Any]]:
        """Say what erasing a person or a file's asset takes away, or (`really`) erase it; a line each.

        Raises
        ------
        UsageError
            Unless exactly one of the two is named.
        """
        self.me.require("erase", EVERYWHERE)
        if bool(person.strip()) == bool(file.strip()):
            raise UsageError("name one thing to erase: a `person` as facts hold the name, or the `file` of an asset")
        what = person if person.strip() else self._asset_of(file)
        return self.erase(what, "", self.name, reason, dry_run=not really)

    def _asset_of(self, file: str) -> str:
        """Return the asset of a file, by its id; an asset's own name is taken as it is, for one that is half erased."""
        return file if len(file) == 64 else self.row(file).state.asset
