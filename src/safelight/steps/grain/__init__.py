"""Film grain, the same every time."""

from .step import step

__all__ = ["step"]
