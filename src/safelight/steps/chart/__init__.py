"""Chart: a ColorChecker in the frame, found and read."""

from .step import step

__all__ = ["step"]
