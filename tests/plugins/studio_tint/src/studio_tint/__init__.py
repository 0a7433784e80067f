"""What one studio adds to safelight."""
