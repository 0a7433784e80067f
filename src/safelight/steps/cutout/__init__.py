"""Cut the subject out of its studio backdrop."""

from safelight.steps.cutout.step import step

__all__ = ["step"]
