"""The books: chart of accounts, periods, vouchers."""
