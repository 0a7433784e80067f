"""Queues, decisions and releases."""
