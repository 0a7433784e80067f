"""Heal spots and scratches from beside them."""

from safelight.steps.heal.step import step

__all__ = ["step"]
