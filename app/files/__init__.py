"""Stored files: encrypted on disk, hashed, kept as long as the law says."""
