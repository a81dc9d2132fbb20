"""Statements of account over any range."""
