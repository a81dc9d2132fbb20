"""Money the bank holds for its customers: numbers, accounts, payments and the rules around them."""
