"""A second factor: bound to what is confirmed, used once, locked by failures."""
