"""White balance: neutral is neutral, and alike over a lighting group."""

from .step import step

__all__ = ["step"]
