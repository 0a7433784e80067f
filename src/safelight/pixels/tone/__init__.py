"""Exposure, contrast and histograms."""
