"""Who must agree to a payment before it is released, and how it is decided."""
