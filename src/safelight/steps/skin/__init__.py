"""Skin: spots healed one by one, tone evened by a field that leaves every pore."""

from .step import step

__all__ = ["step"]
