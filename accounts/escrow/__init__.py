"""Escrow (小微e管): money kept in a closed loop for named payees until both sides let it go."""
