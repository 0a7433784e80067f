"""What long work reports to."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A bar, a log, or nothing."""

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of `total` pieces."""

    def step(self, done: int = 1) -> None:
        """Count pieces of the stage."""


class Silent:
    """Reports to nobody."""

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of `total` pieces."""

    def step(self, done: int = 1) -> None:
        """Count pieces of the stage."""
