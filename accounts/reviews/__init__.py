"""What becomes of a payment that a monitor held: the desk's queue and the owner's word."""
