"""Orders of authorities on accounts: judicial freezes, stops, their queue, and what is taken."""
