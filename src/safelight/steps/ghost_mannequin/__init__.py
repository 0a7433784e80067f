"""A draft ghost mannequin, made of an outer and an inner shot."""

from .step import step

__all__ = ["step"]
