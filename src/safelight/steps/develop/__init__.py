"""From the light of a raw capture to a picture for a screen."""

from .step import step

__all__ = ["step"]
