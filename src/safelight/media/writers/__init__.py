"""One module a format: from a picture and metadata that are true for it to bytes."""
