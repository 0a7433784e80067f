"""Measure the color of the product and name it."""

from safelight.steps.colorway.step import step

__all__ = ["step"]
