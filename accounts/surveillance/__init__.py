"""Reports of large sums and suspicious patterns; nothing here is ever visible to the firm."""
