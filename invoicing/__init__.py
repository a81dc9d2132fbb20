"""Invoices issued, money owed by buyers, invoices received."""
