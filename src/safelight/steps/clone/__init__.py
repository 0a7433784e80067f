"""Copy a place onto another."""

from safelight.steps.clone.step import step

__all__ = ["step"]
