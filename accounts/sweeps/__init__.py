"""The bank's income and expense inside each firm's tenant, swept to the bank's own firm."""
