"""From the first wish to found a firm to its activated account."""
