"""Ratios, never times: each figure stands beside its yardstick of the same rounds."""
