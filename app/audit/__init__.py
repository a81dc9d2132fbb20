"""Tamper-evident audit: rows appended plainly, chained by a sealer, checked by other code."""
