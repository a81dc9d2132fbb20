"""Loan products as dated rows, and their rates over LPR."""
