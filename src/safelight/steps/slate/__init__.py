"""Slates: codes that name the article, and frames that show nothing."""

from .step import step

__all__ = ["step"]
