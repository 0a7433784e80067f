"""A hand retouch made elsewhere, as the new base of an edit."""

from .step import step

__all__ = ["step"]
