"""Programs of others: their tokens, their keys, and the signatures of their requests."""
