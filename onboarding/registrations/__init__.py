"""Founding a firm: its name, its owners, its capital, and the offices that answer in parallel."""
