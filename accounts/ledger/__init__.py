"""The ledger: money the bank holds, append-only, one door."""
