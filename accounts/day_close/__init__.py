"""The close of a business date: one sealed row per firm, and the bank's figures made of them."""
