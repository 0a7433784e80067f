"""Workflows and style guides in TOML, loaded and checked."""
