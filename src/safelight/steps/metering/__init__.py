"""Metering: how much light a frame got and what color it had."""

from .step import step

__all__ = ["step"]
