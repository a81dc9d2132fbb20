"""Loans: schedules to the fen, drawing, contracts."""
