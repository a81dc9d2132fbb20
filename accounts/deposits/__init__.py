"""Deposit accounts from their owner's view, and their states."""
