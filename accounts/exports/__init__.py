"""Long statements and many receipts at once: ordered, made in the background, kept for a while."""
