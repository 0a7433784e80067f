"""A client's look, as a LUT."""

from .step import step

__all__ = ["step"]
