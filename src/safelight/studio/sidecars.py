"""Sidecars: what other programs say of a picture, and what we tell them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from safelight.core.facts import Actor
from safelight.studio.guides import (
    guide_of,
)
from safelight.studio.opened import Opened
from safelight.studio.said import OWNER


class SidecarVerbs(Opened):
    """The verbs about sidecars."""

    def write_sidecars(self, batch: str, name: str, *, settle: bool) -> list[dict[str, Any]]:
        """Write what the ledger says into the sidecars beside the originals."""
        from safelight.review.sidecars import write_sidecars

        self._may(Actor("person", name) if settle else OWNER, "decide" if settle else "cull", batch)
        state = self.state(batch)
        rules = guide_of(state).sidecars
        return write_sidecars(self.store, state, rules, name=name, settle="ledger" if settle else "")

    def hand_off_sidecars(self, batch: str, folder: Path) -> list[dict[str, Any]]:
        """Write what other raw converters have words for, as sidecars in a folder of their own."""
        from safelight.plugins import step_named
        from safelight.review.develop_settings import write_settings

        self._may(OWNER, "view", batch)
        state = self.state(batch)
        return write_settings(self.store, state, guide_of(state).sidecars, folder, step_named)

    def read_sidecars(self, batch: str, name: str, *, settle: bool, trust_names: bool) -> list[dict[str, Any]]:
        """Take what other programs changed into the ledger, as the word of `name`."""
        from safelight.review.sidecars import read_sidecars

        self._may(Actor("person", name), "decide", batch)
        state = self.state(batch)
        rules = guide_of(state).sidecars
        return read_sidecars(self.store, state, rules, name, settle="file" if settle else "", trust_names=trust_names)

    def show_sidecars(self, batch: str) -> list[dict[str, Any]]:
        """Say for each sidecar whether it is in step."""
        from safelight.review.sidecars import show_sidecars

        self._may(OWNER, "view", batch)
        state = self.state(batch)
        return show_sidecars(self.store, state, guide_of(state).sidecars)
