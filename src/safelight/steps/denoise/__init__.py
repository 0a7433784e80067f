"""Take noise out, as much as is there."""

from safelight.steps.denoise.step import step

__all__ = ["step"]
