"""Settled payments asked back from the other bank, and its answer."""
