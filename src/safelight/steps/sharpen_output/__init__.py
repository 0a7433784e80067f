"""Sharpen output: the last touch at delivered size."""

from .step import step

__all__ = ["step"]
