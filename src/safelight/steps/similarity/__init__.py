"""Similarity: bursts and near-duplicates, and the best of each."""

from .step import step

__all__ = ["step"]
