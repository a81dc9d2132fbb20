"""Red-letter invoices: the only way to take an issued invoice back, wholly or in part."""
