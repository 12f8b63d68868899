"""Ed25519 keys, fingerprints, signatures and the bytes that are signed (RFC 8032)."""
