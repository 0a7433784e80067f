"""Pure functions on arrays; subjects use `pixels.color` and nothing else of each other."""
