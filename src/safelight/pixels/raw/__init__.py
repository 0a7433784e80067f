"""From the mosaic of a sensor to linear light."""
