"""Electronic receipts (电子回单) and their public check."""
