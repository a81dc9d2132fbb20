"""The beneficiary's side of an escrow: the money it sees waiting, and what it says about it."""
