"""Find dust, lint, scratches and hot pixels, and heal them."""

from safelight.steps.dust.step import step

__all__ = ["step"]
