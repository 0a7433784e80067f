"""Color matrix: the camera's colors brought to the chart's, alike for all frames of one light."""

from .step import step

__all__ = ["step"]
