"""Undo what a lens bent: distortion, fisheye, lateral color."""

from .step import step

__all__ = ["step"]
