"""One thin folder per production step."""
