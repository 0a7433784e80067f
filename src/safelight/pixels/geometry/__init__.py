"""The geometry map, cropping and resampling."""
