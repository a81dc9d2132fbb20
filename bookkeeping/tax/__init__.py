"""Taxes of a small firm: computed from its own books, with deadlines and filing."""
