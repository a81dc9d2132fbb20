"""What the bank itself sets, by date: its bank code, terms of payment systems, usual limits."""
