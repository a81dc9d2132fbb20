"""Long proofs: kills, duplicates and planted bugs against the real processes (`make soak`)."""
