"""Money that comes in: credits from other banks and from accounts of this bank."""
