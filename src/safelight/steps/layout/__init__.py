"""A draft layout, made of cut-outs of a batch."""

from .step import step

__all__ = ["step"]
