"""Closed months of an account and the letters (余额对账) by which its firm confirms balances."""
