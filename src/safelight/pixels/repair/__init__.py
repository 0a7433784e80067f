"""Spots, scratches and objects that go: found, filled from beside them, written down as data."""
