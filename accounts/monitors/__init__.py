"""Monitors in the payment path: rules as data, what they read, what they say of a payment."""
