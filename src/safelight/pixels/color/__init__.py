"""Color spaces, transforms and differences; OpenColorIO is the one definition."""
