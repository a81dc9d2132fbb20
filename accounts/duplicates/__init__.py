"""Asks before the same amount is paid to the same payee a second time within days."""
