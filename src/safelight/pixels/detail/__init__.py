"""Sharpness and sharpening."""
