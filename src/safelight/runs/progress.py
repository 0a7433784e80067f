"""What long work reports to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from safelight.core.batch import BatchState


class Progress(Protocol):
    """A bar, a log, or nothing."""

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of `total` pieces."""

    def step(self, done: int = 1) -> None:
        """Count pieces of the stage."""


class Looker(Protocol):
    """Who wants to see frames as they are taken in: a contact sheet."""

    def begin(self, batch: str, paths: Iterable[str]) -> None:
        """Hear which frames there are."""

    def add(self, path: str, jpeg: bytes) -> None:
        """Take a frame's thumbnail."""

    def finish(self, state: BatchState) -> object:
        """Hear how every frame was sorted."""


class Silent:
    """Reports to nobody."""

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of `total` pieces."""

    def step(self, done: int = 1) -> None:
        """Count pieces of the stage."""
