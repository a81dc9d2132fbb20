"""Payment orders: in-bank, to other banks, and money that comes in."""
