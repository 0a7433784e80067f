"""Safelight: the open-source post-production floor.

An edit is data; AI proposes it, people amend it, one renderer paints it.
"""

__version__ = "0.1.0"
