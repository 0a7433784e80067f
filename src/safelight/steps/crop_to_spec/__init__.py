"""Crop to spec: aspect, fill and alignment as the channel asks."""

from .step import step

__all__ = ["step"]
