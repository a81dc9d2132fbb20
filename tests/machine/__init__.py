"""Money against a pure model: ledger, holds, reservations and escrow on the real database."""
