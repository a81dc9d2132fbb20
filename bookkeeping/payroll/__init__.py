"""Wages: employees, monthly runs with social insurance and tax, paid from the account."""
