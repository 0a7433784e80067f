"""Give the corners the light that the lens kept from them."""

from .step import step

__all__ = ["step"]
