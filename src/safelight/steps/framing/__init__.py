"""Framing: where the subject stands, what the frame cuts off, how far the picture is tilted."""

from .step import step

__all__ = ["step"]
