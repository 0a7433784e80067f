"""The geometry map, cropping and resampling."""

from safelight.pixels.geometry.map import GeometryMap

__all__ = ["GeometryMap"]
