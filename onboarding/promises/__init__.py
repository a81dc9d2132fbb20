"""By when each side of an opening acts: the bank's own promises, by date."""
