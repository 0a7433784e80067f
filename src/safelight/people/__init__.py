"""People: accounts, passwords, sessions, API keys, one-time links."""
