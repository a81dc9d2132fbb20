"""Money credited to the bank that fits no account: suspended, then returned or applied, by two."""
