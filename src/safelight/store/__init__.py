"""Memory: blobs by SHA-256, the ledger, verification."""
