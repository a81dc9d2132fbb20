"""What people decide about a payment: agree, refuse, confirm; and what it would take."""
