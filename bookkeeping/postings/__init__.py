"""Vouchers that appear by themselves: what happened at the bank or in invoicing, as bookkeeping."""
