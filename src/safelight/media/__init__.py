"""Files to pictures and back, read in a sandbox."""

READER_VERSION = 1
"""Raised when what is read from a file changes: what was refused is tried again, what was measured measured again."""
