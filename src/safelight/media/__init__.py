"""Files to pictures and back, read in a sandbox."""
