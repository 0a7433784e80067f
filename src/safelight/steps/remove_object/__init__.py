"""Take an object off its backdrop."""

from safelight.steps.remove_object.step import step

__all__ = ["step"]
