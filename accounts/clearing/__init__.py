"""The bank with the clearing house: what is in transit is swept to the bank itself."""
