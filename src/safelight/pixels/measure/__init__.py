"""Measures of defects, each a pure function on arrays."""
