"""Original and edit to pixels: stages, fused color, geometry, keys."""
