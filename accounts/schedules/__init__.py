"""Payments by the calendar, and standing sweeps between a firm's own accounts."""
