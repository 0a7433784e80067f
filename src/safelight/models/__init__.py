"""Learned models: a row each in registry.toml, pulled by hash into a folder, run by one session class per format."""
