"""A shadow between subject and background."""

from .step import step

__all__ = ["step"]
