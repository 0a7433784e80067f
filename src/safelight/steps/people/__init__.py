"""People: faces, eyes and hands in a frame, found and never identified."""

from .step import step

__all__ = ["step"]
