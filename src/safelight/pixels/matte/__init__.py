"""Backdrop models, trimaps, alpha and foreground estimation."""
