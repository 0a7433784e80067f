"""Ease wrinkles in cloth and keep its weave."""

from safelight.steps.fabric.step import step

__all__ = ["step"]
