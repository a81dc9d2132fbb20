"""The offices of a new firm: licence, seals, tax, insurance, fund and bank, each on its own way."""
