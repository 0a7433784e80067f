"""Exposure: as much light as the shot was meant to have, alike over a group."""

from .step import step

__all__ = ["step"]
