"""The grade: what a colorist sets on top of the neutral picture."""

from .step import step

__all__ = ["step"]
