"""One module a command; imports nothing heavy until it must."""
