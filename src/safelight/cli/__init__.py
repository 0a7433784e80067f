"""The command line: one module a command; imports nothing heavy until it must."""

from safelight.cli.main import main

__all__ = ["main"]
