"""Focus: how sharp a frame is at 100 %, where it matters."""

from .step import step

__all__ = ["step"]
