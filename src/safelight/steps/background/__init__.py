"""Background: what a cut-out subject stands before."""

from .step import step

__all__ = ["step"]
