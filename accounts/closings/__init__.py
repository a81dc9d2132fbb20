"""Closing an account: the owner asks, the last interest is settled, the desk closes in order."""
